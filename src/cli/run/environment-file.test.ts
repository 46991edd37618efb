import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { addEnvironmentFile, readEnvironmentFile } from './environment-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-env-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('adds what the environment does not have', () => {
  writeFileSync(
    join(folder, '.env'),
    '# keys\nOPENAI_API_KEY="sk-file"\nexport ANTHROPIC_API_KEY=sk-ant # mine\nEMPTY=\n',
  );
  const environment: NodeJS.ProcessEnv = { OPENAI_API_KEY: 'sk-shell' };
  addEnvironmentFile(folder, environment);
  expect(environment).toEqual({ OPENAI_API_KEY: 'sk-shell', ANTHROPIC_API_KEY: 'sk-ant', EMPTY: '' });
});

it('adds nothing where there is no file', () => {
  expect(readEnvironmentFile(folder)).toEqual(new Map());
});

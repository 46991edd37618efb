import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { expect, it } from 'vitest';

import { accepted, fromYaml, refused } from './support/typed-configs.ts';

const root = join(import.meta.dirname, '..');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

function compile(): string {
  const options =
    '--ignoreConfig --noEmit --pretty false --strict --target es2024 --module nodenext --types node --allowImportingTsExtensions --skipLibCheck';
  const file = join(root, 'test', 'support', 'typed-configs.ts');
  return spawnSync(process.execPath, [tsc, ...options.split(' '), file], { cwd: root, encoding: 'utf8' }).stdout;
}

it('names and words are checked as a config is written', { timeout: 60_000 }, () => {
  expect(compile()).toBe('');
});

it('a config comes back as it was given', () => {
  expect(accepted[0]?.models).toHaveProperty('gpt-4o');
  expect(refused).toHaveLength(20);
});

it('a YAML file that is not there is an error with its name', () => {
  expect(fromYaml).toThrow('./facts.yaml does not exist');
});

import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, expect, it } from 'vitest';

import { runCandor, type CliOutcome } from '../../../test/support/cli-run.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-fmt-'));
  return () => rmSync(folder, { recursive: true });
});

const MESSY = `models: {gpt-4o: {at: openai}}   # one model
providers:
    openai: {sim: true}
`;
const TIDY = `providers:
  openai: { sim: true }

models: { gpt-4o: { at: openai } } # one model
`;

function fmt(...options: readonly string[]): Promise<CliOutcome> {
  return runCandor(['fmt', ...options], { cwd: folder });
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function read(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

it('writes the canonical form, with the mode of the file and through a link', async () => {
  write('real.yaml', MESSY);
  chmodSync(join(folder, 'real.yaml'), 0o640);
  symlinkSync('real.yaml', join(folder, 'candor.yaml'));
  expect(await fmt()).toEqual({ exitCode: 0, out: '', said: 'formatted candor.yaml\n' });
  expect(read('real.yaml')).toBe(TIDY);
  expect(statSync(join(folder, 'real.yaml')).mode & 0o777).toBe(0o640);
  expect(lstatSync(join(folder, 'candor.yaml')).isSymbolicLink()).toBe(true);
  expect(await fmt()).toEqual({ exitCode: 0, out: '', said: 'candor.yaml has its form already\n' });
});

it('--check writes nothing, and names a file with another form', async () => {
  write('candor.yaml', MESSY);
  const checked = await fmt('--check');
  expect(checked).toMatchObject({ exitCode: 1, out: 'candor.yaml\n' });
  expect(read('candor.yaml')).toBe(MESSY);
  write('candor.yaml', TIDY);
  expect(await fmt('--check')).toMatchObject({ exitCode: 0, out: '' });
});

it('--stdout writes to standard output only', async () => {
  write('other.yaml', MESSY);
  expect(await fmt('other.yaml', '--stdout')).toEqual({ exitCode: 0, out: TIDY, said: '' });
  expect(read('other.yaml')).toBe(MESSY);
});

it('leaves what does not parse as it is', async () => {
  write('candor.yaml', 'models: {\n');
  const { exitCode, said } = await fmt();
  expect(exitCode).toBe(1);
  expect(said).toMatch(/^error\[syntax\][\s\S]+candor\.yaml is left as it is: 1 error\n$/);
  expect(read('candor.yaml')).toBe('models: {\n');
});

it('leaves a file alone whose characters it cannot know', async () => {
  const latin1 = Buffer.from('# \u00e9t\u00e9\n' + MESSY, 'latin1');
  writeFileSync(join(folder, 'candor.yaml'), latin1);
  expect(await fmt()).toEqual({ exitCode: 1, out: '', said: 'candor: candor.yaml is not text in UTF-8\n' });
  expect(readFileSync(join(folder, 'candor.yaml')).equals(latin1)).toBe(true);
});

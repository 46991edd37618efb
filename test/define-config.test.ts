import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, it } from 'vitest';

import { docBlocks } from './support/doc-blocks.ts';
import { accepted, fromYaml, refused } from './support/typed-configs.ts';

const root = join(import.meta.dirname, '..');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

function compile(file = join(root, 'test', 'support', 'typed-configs.ts')): string {
  const options =
    '--ignoreConfig --noEmit --pretty false --strict --target es2024 --module nodenext --types node --allowImportingTsExtensions --skipLibCheck';
  return spawnSync(process.execPath, [tsc, ...options.split(' '), file], { cwd: root, encoding: 'utf8' }).stdout;
}

it('names and words are checked as a config is written', { timeout: 60_000 }, () => {
  expect(compile()).toBe('');
});

it('the functions of the docs compile', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'candor-typed-'));
  try {
    const block = docBlocks(readFileSync(join(root, 'docs', 'hooks.md'), 'utf8')).find(
      ({ language }) => language === 'ts',
    );
    const own = join(root, 'src', 'config', 'typed', 'define-config.ts');
    writeFileSync(join(folder, 'candor.config.ts'), block?.text.replace("'candor'", `'${own}'`) ?? '');
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    expect(compile(join(folder, 'candor.config.ts'))).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a config comes back as it was given', () => {
  expect(accepted[0]?.models).toHaveProperty('gpt-4o');
  expect(refused).toHaveLength(20);
});

it('a YAML file that is not there is an error with its name', () => {
  expect(fromYaml).toThrow('./facts.yaml does not exist');
});

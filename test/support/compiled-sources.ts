import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { transformSync } from '@swc/core';
import { inject } from 'vitest';

/** The sources as JavaScript, for what a test runs in a process or on a thread of its own. */
export interface CompiledSources {
  /** Path of a module, by its path in `src` without the extension. */
  path(module: string): string;
  remove(): void;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The sources, compiled once for all tests of a run: nobody may change them. */
export function compileSources(): CompiledSources {
  const shared = join(inject('runFolder'), 'sources');
  if (!existsSync(shared)) {
    // Where two threads come at once both compile, and the first to be done is taken.
    const folder = compileAll();
    try {
      renameSync(folder, shared);
    } catch (error) {
      rmSync(folder, { recursive: true });
      if (!existsSync(shared)) throw error;
    }
  }
  return { path: (module) => pathIn(shared, module), remove: () => undefined };
}

/** Sources that a test may change: compiled for it alone. */
export function compileOwnSources(): CompiledSources {
  const folder = compileAll();
  return {
    path: (module) => pathIn(folder, module),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function pathIn(folder: string, module: string): string {
  return join(folder, 'src', `${module}.js`);
}

/** Strips the sources of their types into a temporary folder, as the build does but within a second. */
function compileAll(): string {
  const folder = mkdtempSync(join(tmpdir(), 'candor-compiled-'));
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.ts') && !name.endsWith('.test.ts')) compile(join('src', name), folder);
  }
  return folder;
}

function compile(name: string, folder: string): void {
  const { code } = transformSync(readFileSync(join(ROOT, name), 'utf8'), {
    filename: name,
    swcrc: false,
    module: { type: 'es6' },
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022', transform: { verbatimModuleSyntax: true } },
  });
  const target = join(folder, name.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code.replaceAll(/((?:from |import |import\()'\.[^']*)\.ts'/g, "$1.js'"));
}

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const check = join(root, 'scripts', 'import-check.mjs');
const folders: string[] = [];

/** Plants a source tree. */
function plant(files: Readonly<Record<string, string>>): string {
  const tree = mkdtempSync(join(tmpdir(), 'candor-imports-'));
  folders.push(tree);
  writeFileSync(join(tree, 'package.json'), '{"type":"module"}');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return tree;
}

/** Runs the import check over a planted source tree. */
function checkTree(files: Readonly<Record<string, string>>): {
  readonly status: number | null;
  readonly output: string;
} {
  const run = spawnSync(process.execPath, [check, plant(files)], { encoding: 'utf8' });
  return { status: run.status, output: run.stdout + run.stderr };
}

/** Checks many planted trees in one process; the problems of each. */
function problemsOf(trees: readonly Readonly<Record<string, string>>[]): readonly (readonly string[])[] {
  const script = `
    import { checkImports } from ${JSON.stringify(pathToFileURL(check).href)};
    const found = [];
    for (const tree of process.argv.slice(1)) found.push((await checkImports(tree)).problems);
    console.log(JSON.stringify(found));`;
  const run = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script, ...trees.map((files) => plant(files))],
    {
      encoding: 'utf8',
    },
  );
  expect(run.status, run.stderr).toBe(0);
  return JSON.parse(run.stdout) as readonly (readonly string[])[];
}

const value = 'export const value = 1;\n';
const type = 'export type Value = 1;\n';

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const ALLOWED = {
  'src/core/a.ts': value,
  'src/transport/b.ts': "export { value } from '../core/a.ts';\n",
  'src/transport/b.test.ts': "export { value } from '../server/c.ts';\n",
  'src/server/c.ts': value,
  'src/index.ts': "export { value } from './server/c.ts';\n",
};

/** What is forbidden, and the words by which it is told. */
const FORBIDDEN = [
  [
    'a folder outside the row',
    'core-imports',
    { 'src/core/a.ts': "export { value } from '../pipeline/b.ts';\n", 'src/pipeline/b.ts': value },
  ],
  [
    'a type from outside the row',
    'validation-imports',
    {
      'src/validation/a.ts': "import type { Value } from '../providers/b.ts';\nexport type Other = Value;\n",
      'src/providers/b.ts': type,
    },
  ],
  [
    'a dynamic import',
    'routing-imports',
    { 'src/routing/a.ts': "export const load = () => import('../server/b.ts');\n", 'src/server/b.ts': value },
  ],
  [
    'another provider',
    'providers-are-islands',
    {
      'src/providers/google/a.ts': "export { value } from '../anthropic/b.ts';\n",
      'src/providers/anthropic/b.ts': value,
    },
  ],
  [
    'the registry from a provider',
    'providers-are-islands',
    { 'src/providers/google/a.ts': "export { value } from '../registry.ts';\n", 'src/providers/registry.ts': value },
  ],
  [
    'a cycle',
    'no-cycles',
    { 'src/core/a.ts': "export * from './b.ts';\n", 'src/core/b.ts': "export * from './a.ts';\n" },
  ],
  [
    'a test in source',
    'no-tests-in-source',
    { 'src/core/a.ts': "export { value } from './b.test.ts';\n", 'src/core/b.test.ts': value },
  ],
  ['a file that is not there', 'resolvable', { 'src/core/a.ts': "export { value } from './b.ts';\n" }],
  ['a folder without a row', 'no row in the import table', { 'src/elsewhere/a.ts': value }],
  ['an empty tree', 'no .ts files', { 'src/readme.md': '' }],
] as const;

describe('the import rules', () => {
  it('let an allowed import pass', () => {
    const run = checkTree(ALLOWED);
    expect(run.output).toContain('5 modules, 3 imports, 0 violations');
    expect(run.status).toBe(0);
  });

  it('make the check fail', () => {
    const run = checkTree({ 'src/elsewhere/a.ts': value });
    expect(run.output).toContain('no row in the import table');
    expect(run.status).toBe(1);
  });

  describe('report', () => {
    let problems: ReadonlyMap<string, readonly string[]>;
    beforeAll(() => {
      const found = problemsOf([...FORBIDDEN.map(([, , files]) => files), ALLOWED]);
      // What one tree has of problems is not the next one's.
      expect(found.at(-1)).toEqual([]);
      problems = new Map(FORBIDDEN.map(([name], index) => [name, found[index] ?? []]));
    });

    it.each(FORBIDDEN)('%s', (name, rule) => {
      expect(problems.get(name)?.join('\n')).toContain(rule);
    });
  });
});

describe('ARCHITECTURE.md', () => {
  it('shows the import table that is enforced', () => {
    const { importTable, roots } = createRequire(import.meta.url)('../scripts/import-table.cjs') as {
      importTable: Record<string, readonly string[]>;
      roots: readonly string[];
    };
    const shown =
      /<!-- imports -->([^]*)<!-- \/imports -->/.exec(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'))?.[1] ?? '';
    const rows = shown
      .split('\n')
      .filter((line) => line.includes('`'))
      .map((line) => line.split('|').map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1])))
      .map((cells) => ({ from: cells[1], to: cells[2] }));
    expect(rows).toEqual([
      ...Object.entries(importTable).map(([folder, allowed]) => ({ from: [folder], to: allowed })),
      { from: roots, to: [] },
    ]);
  });
});

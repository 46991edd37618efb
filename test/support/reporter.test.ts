import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-reporter-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import { ClosingLineReporter } from ${JSON.stringify(join(root, 'test/support/reporter.ts'))};
     export default { test: { pool: 'threads', isolate: false, maxWorkers: 1, reporters: ['default', new ClosingLineReporter(process.env.REQUIRE === '1')] } };`,
  );
  const file = (name: string, body: string): void =>
    writeFileSync(join(folder, `${name}.test.ts`), `import { it, describe, beforeAll } from 'vitest';\n${body}`);
  file('pass', "it('a', () => {}); it('b', () => {});");
  file('skip', "it('c', () => {}); it.skip('d', () => {}); it.todo('e');");
  file('fail', "it('f', () => { throw new Error('f'); });");
  file('broken', "throw new Error('does not load');");
  file('setup', "describe('s', () => { beforeAll(() => { throw new Error('no setup'); }); it('g', () => {}); });");
});

afterAll(() => rmSync(folder, { recursive: true }));

function closing(
  files: readonly string[],
  requireAll = false,
): { readonly line: string | undefined; readonly status: number | null } {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const run = spawnSync(process.execPath, [vitest, 'run', ...files.map((name) => `${name}.test.ts`)], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, REQUIRE: requireAll ? '1' : '0' },
  });
  return { line: run.stdout.trimEnd().split('\n').at(-1), status: run.status };
}

it('prints the counts last and alone', () => {
  expect(closing(['pass'])).toEqual({ line: '2 passed, 0 failed', status: 0 });
});

it('names skips, and fails on them when all tests are required', () => {
  expect(closing(['pass', 'skip'])).toEqual({ line: '3 passed, 0 failed, 2 skipped', status: 0 });
  expect(closing(['pass', 'skip'], true)).toEqual({ line: '3 passed, 2 failed, 2 skipped', status: 1 });
});

it('counts a failed test, a file that does not load and a failed setup', () => {
  expect(closing(['pass', 'fail'])).toEqual({ line: '2 passed, 1 failed', status: 1 });
  expect(closing(['pass', 'broken'])).toEqual({ line: '2 passed, 1 failed', status: 1 });
  expect(closing(['setup'])).toEqual({ line: expect.stringMatching(/^0 passed, [1-9]/), status: 1 });
});

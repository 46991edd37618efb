import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { runCandor, type CliOutcome } from '../../../test/support/cli-run.ts';
import { loadConfigFile } from '../../config/load-file.ts';
import { snapshotOf } from '../../config/snapshot/snapshot.ts';
import { SnapshotFolder } from '../../config/snapshot/snapshot-folder.ts';
import { createRegistries } from '../../gateway.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-rollback-'));
  mkdirSync(join(folder, 'hooks'));
  return () => rmSync(folder, { recursive: true });
});

/** Writes a config with a check, and has it in force on that day. */
async function inForce(day: number, retries: number, reason: string): Promise<void> {
  writeFileSync(
    join(folder, 'candor.yaml'),
    `providers: { openai: { sim: true } }
models: { m: { at: openai } }
routes: { r: { try: [m], retries: ${retries}, validate: [{ hook: ./hooks/checks.ts#checked }] } }
`,
  );
  writeHook(reason);
  const file = 'candor.yaml';
  const options = { mode: 'dev', file, environment: {}, registries: createRegistries(), cwd: folder } as const;
  const loaded = await loadConfigFile(options);
  if (!loaded.ok) throw new Error(loaded.diagnostics[0]?.message);
  new SnapshotFolder(join(folder, '.candor')).keep(snapshotOf(loaded, new Date(day * 86_400_000).toISOString()));
}

function writeHook(reason: string): void {
  writeFileSync(join(folder, 'hooks', 'checks.ts'), `export const checked = (_, ctx) => ctx.invalid('${reason}');\n`);
}

function candor(...commandLine: readonly string[]): Promise<CliOutcome> {
  return runCandor(commandLine, { cwd: folder });
}

describe('a rollback to a configuration with functions', () => {
  it('is refused while their source is another, and writes nothing', async () => {
    await inForce(1, 0, 'first');
    await inForce(2, 1, 'second');
    const { exitCode, said } = await candor('config', 'rollback');
    expect(exitCode).toBe(1);
    expect(said).toMatch(
      /ran functions of hooks\/checks\.ts whose source had SHA-256 [0-9a-f]{12}…, .* take hooks\/checks\.ts, .* from version control first/,
    );
    expect(readFileSync(join(folder, 'candor.yaml'), 'utf8')).toContain('retries: 1');
  });

  it('goes back once it is the same again', async () => {
    await inForce(1, 0, 'first');
    await inForce(2, 1, 'second');
    writeHook('first');
    const { exitCode, out } = await candor('config', 'rollback');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^wrote candor\.yaml\n[^]*hooks\.hooks\/checks\.ts/);
    expect(readFileSync(join(folder, 'candor.yaml'), 'utf8')).toContain('retries: 0');
  });
});

it('the values in force tell functions by place and hash', async () => {
  await inForce(1, 0, 'first');
  const { exitCode, out } = await candor('config', 'show', '--effective', '--dev');
  expect(exitCode).toBe(0);
  const line = out.split('\n').find((each) => each.includes('"hooks/checks.ts#checked"'));
  expect(line).toMatch(/^ {2}# .*a function, which no file of values can hold; SHA-256 of its source [0-9a-f]{64}$/);
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { runCandor } from './support/cli-run.ts';
import { compileSources } from './support/compiled-sources.ts';

interface Demo {
  readonly caught: number;
  readonly scenes: readonly Readonly<Record<'plain' | 'candor', Readonly<Record<string, number>>>>[];
  readonly cost: { readonly certificates: { readonly calls: number } };
}

const root = join(import.meta.dirname, '..');

interface Played {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** In a process of its own: several go on at once. */
async function playDemo(...options: readonly string[]): Promise<Played> {
  const child = spawn(process.execPath, [compileSources().path('cli/main'), 'demo', '--json', ...options]);
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, said };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-figures-'));
  // Where the demo's own folders are made, so that what it leaves is found.
  vi.stubEnv('TMPDIR', folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it('catches the five failures, gives the same bytes for the same seed, and is what the README shows', async () => {
  const startedAt = performance.now();
  const [first, second] = await Promise.all([playDemo('--seed', '1'), playDemo()]);
  expect(performance.now() - startedAt).toBeLessThan(60_000);
  expect(first.code).toBe(0);
  expect(second.out).toBe(first.out);
  expect(readdirSync(folder)).toEqual([]);
  // Neither ids nor addresses nor dates; the machine's own time is told on the side.
  expect(first.out).not.toMatch(/gen_\w|127\.0\.0\.1|20\d\d-/);
  expect(first.said).toMatch(/^Real time of one extraction in the median.*\d ms\.\n$/);

  const { caught, scenes, cost } = JSON.parse(first.out) as Demo;
  expect(caught).toBe(5);
  const [json, peak, outage, residency, trace] = scenes;
  expect(json?.plain).toMatchObject({ asked: 30, broken: 10, repaired: 0 });
  expect(json?.candor).toMatchObject({ asked: 30, broken: 0, right: 30 });
  expect((json?.candor['repaired'] ?? 0) + (json?.candor['asked_again'] ?? 0)).toBe(10);
  expect(peak?.plain['ttft_p95_ms']).toBeGreaterThan(7_000);
  expect(peak?.candor['ttft_p95_ms']).toBeLessThan(1_000);
  expect(outage?.plain).toMatchObject({ answered: 20, with_invented_citations: 6, refused: 0 });
  expect(outage?.candor).toMatchObject({
    answered: 17,
    certified: 17,
    with_invented_citations: 0,
    refused: 3,
    by: { 'claude-opus': 17 },
  });
  expect(residency?.plain['reached_cn']).toBeGreaterThan(0);
  expect(residency?.candor).toMatchObject({ reached_cn: 0, refused: 30 });
  expect(trace?.plain).toMatchObject({ answers: 30, model_named: 30, explained: 0 });
  expect(trace?.candor).toMatchObject({ answers: 30, explained: 30 });
  expect(cost.certificates.calls).toBe(460);

  writeFileSync(join(folder, 'demo.json'), first.out);
  const script = [join(root, 'scripts', 'demo-docs.mjs'), '--check', '--figures', join(folder, 'demo.json')];
  const checked = spawnSync(process.execPath, script, { encoding: 'utf8' });
  expect(`${checked.stdout}${checked.stderr}`).toBe('README.md is current\n');
}, 120_000);

it('leaves nothing behind when it is stopped', async () => {
  const own = mkdtempSync(join(folder, 'stopped-'));
  const env = { ...process.env, TMPDIR: own };
  const child = spawn(process.execPath, [compileSources().path('cli/main'), 'demo'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = once(child, 'close');
  // Both gateways are there, so requests are under way.
  await vi.waitFor(() => expect(readdirSync(own).filter((name) => name.startsWith('candor-demo-'))).toHaveLength(2), {
    timeout: 20_000,
  });
  child.kill('SIGINT');
  expect(await closed).toEqual([1, null]);
  expect(said).toBe('candor: the demo was stopped\n');
  expect(readdirSync(own)).toEqual([]);
  rmSync(own, { recursive: true });
}, 60_000);

it('says what to do where it has no place for its files', async () => {
  vi.stubEnv('TMPDIR', join(folder, 'missing'));
  const { exitCode, said } = await runCandor(['demo'], { cwd: '/' });
  vi.stubEnv('TMPDIR', folder);
  expect(exitCode).toBe(1);
  expect(said).toContain('the demo needs a temporary folder; set TMPDIR to one that can be written (ENOENT');
});

it('says in its help what the plain proxy is', async () => {
  const { out } = await runCandor(['demo', '--help'], { cwd: '/' });
  expect(out).toContain("The plain proxy is Candor's own engine with the safeguards off");
});

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

async function demoInAnotherProcess(): Promise<string> {
  const command = [compileSources().path('cli/main'), 'demo', '--json'];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'ignore'], env: process.env });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  await once(child, 'close');
  return out;
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
  const second = demoInAnotherProcess();
  const first = await runCandor(['demo', '--json', '--seed', '1'], { cwd: '/' });
  expect(first.exitCode).toBe(0);
  expect(await second).toBe(first.out);
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

it('says in its help what the plain proxy is', async () => {
  const { out } = await runCandor(['demo', '--help'], { cwd: '/' });
  expect(out).toContain("The plain proxy is Candor's own engine with the safeguards off");
});

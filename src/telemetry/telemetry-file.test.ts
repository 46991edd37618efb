import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ManualClock } from '../../test/support/manual-clock.ts';
import { observation } from '../../test/support/observation.ts';
import { openTelemetryFile, type TelemetryFile } from './telemetry-file.ts';
import { Telemetry } from './telemetry.ts';

let store: string;
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'candor-telemetry-'));
});
afterEach(() => rmSync(store, { recursive: true, force: true }));

interface Opened {
  readonly telemetry: Telemetry;
  readonly file: TelemetryFile;
  readonly warnings: readonly string[];
}

async function opened(clock: ManualClock, directory = join(store, 'telemetry')): Promise<Opened> {
  const telemetry = new Telemetry(clock);
  const warnings: string[] = [];
  const file = await openTelemetryFile({
    directory,
    name: 'main',
    telemetry,
    clock,
    onWarning: (message) => warnings.push(message),
  });
  return { telemetry, file, warnings };
}

const path = (): string => join(store, 'telemetry', 'main.json');
/** How many attempts the file tells of; `null`: there is none. */
function writtenCount(): number | null {
  if (!existsSync(path())) return null;
  const { meters } = JSON.parse(readFileSync(path(), 'utf8')) as { meters: { fast: { attempts: number } }[] };
  return Math.round(meters[0]?.fast.attempts ?? 0);
}

test('what was measured outlives the process, and fades while there is none', async () => {
  const clock = new ManualClock();
  const first = await opened(clock);
  for (let made = 0; made < 20; made++) first.telemetry.record(observation(), []);
  await first.file.close();
  clock.advance(300_000);
  const second = await opened(clock);
  expect(second.telemetry.ttft({ route: 'chat', deployment: 'openai/gpt-4o', bucket: 0 })?.n).toBeCloseTo(10, 3);
  expect([...first.warnings, ...second.warnings]).toEqual([]);
  await second.file.close();
});

test('is written every ten seconds when something has changed, readable by the owner only', async () => {
  const clock = new ManualClock();
  const { telemetry, file } = await opened(clock);
  clock.advance(10_000);
  telemetry.record(observation(), []);
  clock.advance(9_999);
  expect(writtenCount()).toBeNull();
  await vi.waitFor(() => {
    clock.advance(10_000);
    expect(writtenCount()).toBe(1);
  });
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  rmSync(path());
  clock.advance(10_000);
  await file.close();
  expect(writtenCount()).toBeNull();
});

test.each([
  ['no JSON', '{"version":1,'],
  ['of another version', '{"version":99,"at":0,"meters":[]}'],
  ['empty, as after a power cut', ''],
])('a file that is %s is reported, ignored and replaced', async (_what, text) => {
  mkdirSync(join(store, 'telemetry'));
  writeFileSync(path(), text);
  const { telemetry, file, warnings } = await opened(new ManualClock());
  expect(warnings).toEqual([
    `${path()} holds no measurements that this version can read: it is ignored, and measuring begins anew`,
  ]);
  expect(telemetry.summary()).toEqual([]);
  telemetry.record(observation(), []);
  await file.close();
  expect(writtenCount()).toBe(1);
});

/** A file where the folder should be. */
async function blocked(clock: ManualClock): Promise<Opened> {
  writeFileSync(join(store, 'telemetry'), '');
  const { telemetry, file, warnings } = await opened(clock);
  telemetry.record(observation(), []);
  await vi.waitFor(() => {
    clock.advance(10_000);
    expect(warnings.at(-1)).toContain('it is tried again every 10 s');
  });
  return { telemetry, file, warnings };
}

test('a folder that cannot be written is reported once', async () => {
  const clock = new ManualClock();
  const { file, warnings } = await blocked(clock);
  const told = warnings.length;
  clock.advance(10_000);
  await file.close();
  expect(warnings.length).toBe(told);
});

test('and is written as soon as it can be', async () => {
  const clock = new ManualClock();
  const { file } = await blocked(clock);
  rmSync(join(store, 'telemetry'));
  await vi.waitFor(() => {
    clock.advance(10_000);
    expect(writtenCount()).toBe(1);
  });
  await file.close();
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { compileOwnSources, compileSources, type CompiledSources } from './support/compiled-sources.ts';
import { killAgainAndAgain, NOTHING_LOST, writeBehind } from './support/killed-gateway.ts';
import { seededRandom } from './support/ledger-image.ts';
import { startRawUpstream, type RawUpstream } from './support/raw-upstream.ts';
import { openAiStream } from './support/upstream-streams.ts';

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
});
afterAll(() => sources.remove());

let directory: string;
let upstream: RawUpstream;
let gateways: ChildProcess[];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'candor-crash-'));
  upstream = await startRawUpstream();
  gateways = [];
  writeFileSync(join(directory, 'key'), 'sk-test-crash', { mode: 0o600 });
  writeFileSync(
    join(directory, 'candor.yaml'),
    `providers:
  openai: { url: "${upstream.url}", allow_private: true, key: "file:key" }
models:
  gpt-4o: { at: openai }
`,
  );
});
afterEach(async () => {
  for (const gateway of gateways) await kill(gateway);
  await upstream.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts the whole gateway in a process of its own, always on the same folder; its URL when it is ready. */
async function start(): Promise<{ readonly gateway: ChildProcess; readonly url: string; readonly said: string[] }> {
  const gateway = spawn(process.execPath, [sources.path('cli/main'), 'dev', '--port', '0', '--json'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  gateways.push(gateway);
  const said: string[] = [];
  createInterface({ input: gateway.stderr }).on('line', (line) => said.push(line));
  for await (const line of createInterface({ input: gateway.stdout })) {
    return { gateway, url: (JSON.parse(line) as { readonly url: string }).url, said };
  }
  throw new Error(`the gateway did not start: ${said.join('\n')}`);
}

async function kill(gateway: ChildProcess): Promise<void> {
  if (gateway.exitCode !== null || gateway.signalCode !== null) return;
  const exited = once(gateway, 'exit');
  gateway.kill('SIGKILL');
  await exited;
}

test('an answer whose gateway is killed in the middle of it is on record when the gateway is back', async () => {
  const { events } = openAiStream(['ein', 'zwei', 'drei']);
  upstream.play((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n');
    for (const event of events.slice(0, 3)) socket.write(event);
  });
  const first = await start();
  const response = await fetch(`${first.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }], stream: true }),
  });
  const id = response.headers.get('x-request-id') ?? '';
  expect(response.status).toBe(200);
  await kill(first.gateway);
  await expect(response.text()).rejects.toThrow('terminated');

  const second = await start();
  const record = await fetch(`${second.url}/v1/generations/${id}`);
  expect(record.status).toBe(200);
  expect(await record.json()).toMatchObject({
    id,
    object: 'generation',
    status: 'interrupted',
    http: null,
    ended_at: null,
    asked: 'gpt-4o',
    stream: true,
    served_by: null,
    cost: null,
    candidates: [{ deployment: 'openai/gpt-4o', verdict: 'eligible' }],
    content: 'not_kept',
  });
  await vi.waitFor(() => expect(second.said.join('\n')).toMatch(/recorded as interrupted: 1$/m));
  expect(await (await fetch(second.url)).text()).toContain(id);
});

test('three kills under load leave no answer without a record, and none under way untold', async () => {
  const report = await killAgainAndAgain(sources, { kills: 3, answersPerKill: 60, random: seededRandom(1) });
  expect(report).toMatchObject(NOTHING_LOST);
  expect(report.answered).toBeGreaterThanOrEqual(90);
  expect(report.unfinished).toBeGreaterThan(6);
}, 60_000);

test('the same kills find out a ledger that answers before it has written', async () => {
  const sabotaged = compileOwnSources();
  try {
    writeBehind(sabotaged);
    const report = await killAgainAndAgain(sabotaged, { kills: 1, answersPerKill: 60, random: seededRandom(2) });
    expect(report.unrecorded.length).toBeGreaterThan(0);
  } finally {
    sabotaged.remove();
  }
}, 60_000);

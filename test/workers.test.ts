import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { readRunFile } from '../src/cli/run-file.ts';
import { verifyLedger } from '../src/ledger/verify/verify.ts';
import { compileSources, type CompiledSources } from './support/compiled-sources.ts';
import { startGatewayProcess, type GatewayProcess } from './support/gateway-process.ts';

const CONFIG = `
providers:
  openai: { sim: true }
  anthropic: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic }
routes:
  legal: { try: [gpt-4o, claude-opus], fallback: degraded }
server: { drain: { grace: 0, cap: 5s } }
`;
const MESSAGES = [{ role: 'user', content: 'Hello' }];

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Record<string, unknown>;
}

let sources: CompiledSources;
beforeAll(() => {
  sources = compileSources();
});
afterAll(() => sources.remove());

let directory: string;
let gateways: GatewayProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'candor-workers-'));
  gateways = [];
  writeFileSync(join(directory, 'candor.yaml'), CONFIG);
});
afterEach(async () => {
  for (const gateway of gateways) await gateway.end('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function start(nodeOptions: readonly string[] = []): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess({
    sources,
    directory,
    nodeOptions,
    commandLine: ['serve', '--allow-sim', '--workers', '2', '--port', '0', '--json'],
  });
  gateways.push(gateway);
  return gateway;
}

/** Asks over a connection of its own: which worker takes it is the system's choice. */
function call(
  gateway: GatewayProcess,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send(
      gateway.url + path,
      { method, agent: false, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const parsed = JSON.parse(text) as Record<string, unknown>;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
        });
      },
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const ask = (gateway: GatewayProcess, body: object = {}): Promise<Answer> =>
  call(gateway, 'POST', '/v1/chat/completions', { model: 'legal', messages: MESSAGES, ...body });

async function many<T>(count: number, action: () => Promise<T>): Promise<T[]> {
  return await Promise.all(Array.from({ length: count }, action));
}

/** The ids of answers, by the writer that recorded each; every look-up goes to whichever worker takes it. */
async function writersOf(gateway: GatewayProcess, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const records = await Promise.all(ids.map((id) => call(gateway, 'GET', `/v1/generations/${id}`)));
  expect(records.map(({ status }) => status)).toEqual(ids.map(() => 200));
  return new Set(records.map(({ body }) => (body['chain'] as { writer: string }).writer));
}

test('several processes serve one port, and any of them answers for all', async () => {
  const gateway = await start();
  const ids: string[] = [];
  // Which worker takes a connection is the system's choice, and now and then it is the same one many times.
  for (let round = 0; round < 4 && (await writersOf(gateway, ids)).size < 2; round++) {
    ids.push(...(await many(24, () => ask(gateway))).map(({ body }) => String(body['id'])));
  }
  expect((await writersOf(gateway, ids)).size).toBe(2);
  for (const { body } of await many(4, () => call(gateway, 'GET', '/v1/generations?limit=100'))) {
    const listed = (body['data'] as { id: string }[]).map(({ id }) => id);
    expect(new Set(listed)).toEqual(new Set(ids));
  }
  // Whichever worker it comes to, and whichever has answered.
  const outcome = { accepted: true, source: 'user' };
  const outcomes = await Promise.all(ids.map((id) => call(gateway, 'POST', `/v1/generations/${id}/outcome`, outcome)));
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([201]));
  const answered = 'candor_generations_total{route="legal",dialect="openai-chat",status="complete",code=""}';
  await vi.waitFor(async () => {
    const counts = (await many(4, () => metricsOf(gateway))).map((text) => valuesOf(text)[answered]);
    expect(counts).toEqual(counts.map(() => ids.length));
  }, 10_000);

  const admin = { authorization: `Bearer ${readRunFile(join(directory, '.candor'))?.adminToken.reveal()}` };
  await call(gateway, 'POST', '/admin/sim', { target: 'openai', fault: 'outage', status: 503 }, admin);
  const during = await many(8, () => ask(gateway));
  expect(new Set(during.map(({ headers }) => headers['x-candor-served-by']))).toEqual(
    new Set(['anthropic/claude-opus']),
  );
  for (const { body } of await many(4, () => call(gateway, 'GET', '/admin/sim', undefined, admin))) {
    expect(body['data']).toMatchObject([{ target: 'openai', fault: 'outage' }]);
  }
  const refusedFault = await call(gateway, 'POST', '/admin/sim', { target: 'nobody', fault: 'outage' }, admin);
  expect(refusedFault).toMatchObject({ status: 409, body: { error: { code: 'sim_not_simulated' } } });
  await call(gateway, 'DELETE', '/admin/sim', undefined, admin);
  // Where all of these came to one worker, its circuit is open.
  await call(gateway, 'DELETE', '/admin/circuits', undefined, admin);
  expect((await ask(gateway)).headers['x-candor-served-by']).toBe('openai/gpt-4o');

  writeFileSync(join(directory, 'candor.yaml'), CONFIG.replace('[gpt-4o, claude-opus]', '[claude-opus, gpt-4o]'));
  const reloaded = await call(gateway, 'POST', '/admin/reload', {}, admin);
  expect(reloaded).toMatchObject({ status: 200, body: { changed: true } });
  const after = await many(8, () => ask(gateway));
  expect(new Set(after.map(({ headers }) => headers['x-candor-config']))).toEqual(new Set([reloaded.body['config']]));
  expect(new Set(after.map(({ headers }) => headers['x-candor-served-by']))).toEqual(
    new Set(['anthropic/claude-opus']),
  );

  expect(await gateway.end('SIGTERM')).toMatchObject({ code: 0 });
  expect(verified()).toMatchObject({ ok: true, events: ids.length });
}, 60_000);

test.runIf(process.platform === 'linux')(
  'a worker that is killed is replaced, and what it had under way is interrupted',
  async () => {
    const gateway = await start();
    const admin = { authorization: `Bearer ${readRunFile(join(directory, '.candor'))?.adminToken.reveal()}` };
    await call(gateway, 'POST', '/admin/sim', { target: 'openai', fault: 'stall', after_tokens: 1 }, admin);
    const hang = async (): Promise<{ readonly id: string; readonly ended: Promise<string> }> => {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ model: 'gpt-4o', messages: MESSAGES, stream: true }),
      });
      return { id: response.headers.get('x-request-id') ?? '', ended: response.text().catch(() => 'broken') };
    };
    const streams = await many(6, hang);
    const writers = (): Promise<ReadonlySet<string>> =>
      writersOf(
        gateway,
        streams.map(({ id }) => id),
      );
    // At least one stream is to hang in each worker, and which of them takes it is the system's choice.
    for (let round = 0; round < 8 && (await writers()).size < 2; round++) streams.push(...(await many(6, hang)));
    const before = await writers();
    expect(before.size).toBe(2);
    const [victim] = workerPids(gateway);
    expect(workerPids(gateway)).toHaveLength(2);
    process.kill(victim ?? 0, 'SIGKILL');

    await vi.waitFor(async () => {
      const records = await Promise.all(streams.map(({ id }) => call(gateway, 'GET', `/v1/generations/${id}`)));
      const states = records.map(({ body }) => body['status']);
      expect(new Set(states)).toEqual(new Set(['running', 'interrupted']));
    }, 10_000);
    await vi.waitFor(() => expect(workerPids(gateway).filter((pid) => pid !== victim)).toHaveLength(2), 10_000);
    await call(gateway, 'DELETE', '/admin/sim', undefined, admin);
    await vi.waitFor(async () => {
      const answers = await many(12, () => ask(gateway));
      const writers = await writersOf(
        gateway,
        answers.map(({ body }) => String(body['id'])),
      );
      expect(writers.size).toBe(2);
      // The new process writes under a name of its own.
      expect([...writers].filter((writer) => !before.has(writer))).toHaveLength(1);
    }, 10_000);
    await gateway.end('SIGINT');
    await Promise.all(streams.map(({ ended }) => ended));
    expect(verified()).toMatchObject({ ok: true });
  },
  60_000,
);

async function metricsOf(gateway: GatewayProcess): Promise<string> {
  const response = await fetch(`${gateway.url}/metrics`, { headers: { connection: 'close' } });
  return await response.text();
}

/** The value of each series. */
function valuesOf(text: string): Readonly<Record<string, number>> {
  const samples = text.split('\n').filter((line) => line.startsWith('candor_'));
  return Object.fromEntries(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** What takes long is left to the long suites. */
if (process.env['CANDOR_FULL'] === '1') {
  test.runIf(process.platform === 'linux')(
    'metrics, decisions and circuits are those of all processes, whichever is asked',
    async () => {
      const gateway = await start();
      const admin = { authorization: `Bearer ${readRunFile(join(directory, '.candor'))?.adminToken.reveal()}` };
      const ids: string[] = [];
      for (let round = 0; round < 8 && (await writersOf(gateway, ids)).size < 2; round++) {
        ids.push(...(await many(12, () => ask(gateway))).map(({ body }) => String(body['id'])));
      }
      const answered = 'candor_generations_total{route="legal",dialect="openai-chat",status="complete",code=""}';
      const all = { [answered]: ids.length, candor_workers: 2, candor_workers_answered: 2 };
      await vi.waitFor(async () => {
        for (const text of await many(6, () => metricsOf(gateway))) expect(valuesOf(text)).toMatchObject(all);
      }, 10_000);

      // Each has opened its own circuit; the operator closes them all at once.
      const failing = (): Promise<Answer> =>
        call(
          gateway,
          'POST',
          '/v1/chat/completions',
          { model: 'gpt-4o', messages: MESSAGES },
          { 'x-candor-sim': 'openai=503' },
        );
      const open = 'candor_circuits{deployment="openai/gpt-4o",state="open"}';
      await vi.waitFor(async () => {
        await many(24, failing);
        expect(valuesOf(await metricsOf(gateway))[open]).toBe(2);
      }, 20_000);
      const { body: decisions } = await call(gateway, 'GET', '/admin/decisions', undefined, admin);
      const opened = (decisions['data'] as { pid: number; what: string }[]).filter(({ what }) => what === 'open');
      expect(new Set(opened.map(({ pid }) => pid))).toEqual(new Set(workerPids(gateway)));
      const closed = await call(gateway, 'DELETE', '/admin/circuits', undefined, admin);
      expect(closed.body).toEqual({ object: 'circuits', workers: 2, answered: 2, closed: 2 });

      // Of one that is silent, and of one that has ended, the counts stay.
      const [victim = 0] = workerPids(gateway);
      process.kill(victim, 'SIGSTOP');
      expect(valuesOf(await metricsOf(gateway))).toMatchObject({ ...all, candor_workers_answered: 1 });
      process.kill(victim, 'SIGKILL');
      await vi.waitFor(() => expect(workerPids(gateway)).not.toContain(victim), 10_000);
      await vi.waitFor(async () => expect(valuesOf(await metricsOf(gateway))).toMatchObject(all), 10_000);
      expect(await gateway.end('SIGTERM')).toMatchObject({ code: 0 });
    },
    60_000,
  );

  test.runIf(process.platform === 'linux')(
    'workers do not outlive the process that holds the folder',
    async () => {
      const first = await start();
      const { body } = await ask(first);
      const pids = workerPids(first);
      await first.end('SIGKILL');
      await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), 10_000);
      const second = await start();
      expect((await call(second, 'GET', `/v1/generations/${String(body['id'])}`)).status).toBe(200);
      expect(await second.end('SIGTERM')).toMatchObject({ code: 0 });
    },
    60_000,
  );

  test.runIf(process.platform === 'linux')(
    'a fault that nothing catches is logged by its worker, which ends and is replaced',
    async () => {
      const planted = 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("planted")})';
      const gateway = await start(['--import', planted]);
      const [victim = 0] = workerPids(gateway);
      process.kill(victim, 'SIGUSR2');
      await vi.waitFor(() => {
        const said = gateway.said.join('\n');
        expect(said).toMatch(/"pid":\d+.*"event":"fault".*planted/);
        expect(said).toContain(`the worker with pid ${victim} has ended (exit code 1)`);
      }, 10_000);
      await vi.waitFor(() => expect(workerPids(gateway).filter((pid) => pid !== victim)).toHaveLength(2), 10_000);
      expect(await gateway.end('SIGTERM')).toMatchObject({ code: 0 });
    },
    30_000,
  );

  test.runIf(process.platform === 'linux')(
    'told to end while a worker is begun again, it ends',
    async () => {
      const gateway = await start();
      await replacementOf(gateway);
      expect(await gateway.end('SIGTERM')).toMatchObject({ code: 0 });
    },
    30_000,
  );

  test.runIf(process.platform === 'linux')(
    'a worker that hangs keeps the others from ending for no longer than they have',
    async () => {
      writeFileSync(join(directory, 'candor.yaml'), CONFIG.replace('cap: 5s', 'cap: 1s'));
      const gateway = await start();
      process.kill(workerPids(gateway)[0] ?? 0, 'SIGSTOP');
      const { code, tookMs } = await gateway.end('SIGTERM');
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(10_000);
      expect(gateway.said.join('\n')).toContain('has not ended in time');
      expect(verified()).toMatchObject({ ok: true });
    },
    30_000,
  );

  test.runIf(process.platform === 'linux').each([
    ['has just been forked', () => true],
    ['opens its ledger', () => journalFiles() > 3],
  ])(
    'a reload reaches a worker that %s',
    async (_, isSoFar) => {
      const gateway = await start();
      const admin = { authorization: `Bearer ${readRunFile(join(directory, '.candor'))?.adminToken.reveal()}` };
      const before = (await ask(gateway)).headers['x-candor-config'];
      await replacementOf(gateway);
      writeFileSync(join(directory, 'candor.yaml'), CONFIG.replace('[gpt-4o, claude-opus]', '[claude-opus, gpt-4o]'));
      await vi.waitFor(() => expect(isSoFar()).toBe(true), { timeout: 10_000, interval: 1 });
      const { status, body } = await call(gateway, 'POST', '/admin/reload', {}, admin);
      expect({ status, body }).toMatchObject({ status: 200, body: { changed: true } });
      expect(body['config']).not.toBe(before);
      await vi.waitFor(async () => {
        const answers = await many(12, () => ask(gateway));
        expect(new Set(answers.map(({ headers }) => headers['x-candor-config']))).toEqual(new Set([body['config']]));
        const ids = answers.map((answer) => String(answer.body['id']));
        expect((await writersOf(gateway, ids)).size).toBe(2);
      }, 10_000);
    },
    30_000,
  );
}

/** Kills a worker and waits until the process that is to take its place is there. */
async function replacementOf(gateway: GatewayProcess): Promise<void> {
  const before = workerPids(gateway);
  process.kill(before[0] ?? 0, 'SIGKILL');
  const isNew = (pid: number): boolean => !before.includes(pid);
  await vi.waitFor(() => expect(workerPids(gateway).some(isNew)).toBe(true), { timeout: 10_000, interval: 1 });
}

/** One for the process that holds the folder, and one for each worker there ever was. */
function journalFiles(): number {
  return readdirSync(join(directory, '.candor', 'journal')).filter((name) => name.endsWith('.jnl')).length;
}

function verified(): object {
  return verifyLedger(join(directory, '.candor'), { publicKeys: null, keptCheckpoints: null });
}

/** The processes that this one has begun, as Linux tells. */
function workerPids({ child }: GatewayProcess): readonly number[] {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  return children
    .split(' ')
    .filter((pid) => pid !== '')
    .map(Number);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

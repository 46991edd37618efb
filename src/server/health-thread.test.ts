import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

import { describe, expect, test } from 'vitest';

import { compileSources } from '../../test/support/compiled-sources.ts';
import { serveHealth, type HealthMessage } from './health-service.ts';
import { startHealthThread } from './health-thread.ts';

const HOST = '127.0.0.1';
const MINUTE_NS = 60_000_000_000n;

describe('the health thread', () => {
  test('answers /healthz and nothing else, and stops', async () => {
    const health = await startHealthThread({ host: HOST, port: 0 });
    const url = `http://${HOST}:${health.port}`;
    const alive = await fetch(`${url}/healthz`);
    expect([alive.status, await alive.text()]).toEqual([200, '{"status":"ok"}']);
    for (const path of ['/', '/readyz', '/healthz/', '/healthz?x', '/v1/models']) {
      expect((await fetch(url + path)).status, path).toBe(404);
    }
    expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200);
    await health.stop();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  test('says so when the main thread has been silent for a minute', async () => {
    const lastBeat = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
    let stop: () => void = () => undefined;
    const message = await new Promise<HealthMessage>((resolve) => {
      stop = serveHealth({ postMessage: resolve }, { host: HOST, port: 0, lastBeat });
    });
    const url = `http://${HOST}:${message.type === 'listening' ? message.port : 0}/healthz`;
    Atomics.store(lastBeat, 0, process.hrtime.bigint() - MINUTE_NS + 10_000_000_000n);
    expect((await fetch(url)).status).toBe(200);
    Atomics.store(lastBeat, 0, process.hrtime.bigint() - MINUTE_NS);
    const stalled = await fetch(url);
    expect([stalled.status, await stalled.json()]).toEqual([503, { status: 'stalled' }]);
    Atomics.store(lastBeat, 0, process.hrtime.bigint());
    expect((await fetch(url)).status).toBe(200);
    stop();
  });

  test('cannot be started where somebody else listens', async () => {
    const other = createServer().listen(0, HOST);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startHealthThread({ host: HOST, port })).rejects.toThrow(
      `server.health: cannot listen on port ${port} of ${HOST} (EADDRINUSE)`,
    );
    other.close();
  });

  test('answers while the main thread does not, and ends with the process', async () => {
    const sources = compileSources();
    // Blocks for good: only the end of the process can follow.
    const script = `
      const { startHealthThread } = await import(${JSON.stringify(`file://${sources.path('server/health-thread')}`)});
      const { port } = await startHealthThread({ host: '${HOST}', port: 0 });
      process.stdout.write(port + '\\n', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    for (let asked = 0; asked < 20; asked++) {
      expect((await fetch(`http://${HOST}:${port}/healthz`)).status).toBe(200);
    }
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await expect(fetch(`http://${HOST}:${port}/healthz`)).rejects.toThrow('fetch failed');
    sources.remove();
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { startInjectedGateway, type InjectedGateway } from './support/injected-gateway.ts';
import { FailingDisk } from './support/ledger-folder.ts';
import { eventStream } from './support/raw-upstream.ts';
import { askWithSdk, flawsOfBrokenStream, flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openAiStream } from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const STREAM = openAiStream(['ein', 'zwei', 'drei']);

/** What a disk says that is full, over its quota, read-only or broken. */
const CODES = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'] as const;
/** The files of the ledger that a write can fail in before an answer may go out. */
const FILES = ['.jnl', '.dat'] as const;

describe('a ledger that cannot be written', () => {
  let disk: FailingDisk;
  let gateway: InjectedGateway;
  beforeEach(async () => {
    disk = new FailingDisk();
    gateway = await startInjectedGateway({ fileSystem: disk });
    gateway.upstreams.openai.play(eventStream(STREAM.events, 'clean'));
  });
  afterEach(() => gateway.close());

  async function post(stream: boolean): Promise<Response> {
    return fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o', messages: MESSAGES, stream }),
    });
  }

  /** Nothing is answered, and everybody may come again. */
  async function expectUnavailable(response: Response): Promise<void> {
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({
      error: { code: 'ledger_unavailable', candor: { retry: { advised: true } } },
    });
    expect(response.headers.get('x-should-retry')).toBe('true');
    expect(response.headers.get('retry-after-ms')).toMatch(/^\d+$/);
    expect(text).not.toMatch(/ein|zwei|drei /);
  }

  test('before the request: no byte leaves', async () => {
    disk.failing = 'ENOSPC';
    for (const stream of [false, true]) await expectUnavailable(await post(stream));
    expect(gateway.upstreams.openai.requests).toEqual([]);
  });

  const failures = CODES.flatMap((code) => FILES.map((file) => [code, file] as const));

  /** Has the disk fail when the upstream has been asked. */
  function failLater(code: string, file: string): void {
    gateway.upstreams.openai.play((socket, request) => {
      disk.failing = code;
      disk.concerns = (path) => path.endsWith(file);
      eventStream(STREAM.events, 'clean')(socket, request);
    });
  }

  test.each(failures)(
    '%s in a %s file before the end of a whole answer: nothing of it is given out',
    async (code, file) => {
      failLater(code, file);
      await expectUnavailable(await post(false));
      expect(gateway.upstreams.openai.requests).toHaveLength(1);
    },
  );

  test.each(failures)(
    '%s in a %s file before the end of a stream: it does not end as if it were complete',
    async (code, file) => {
      failLater(code, file);
      const outcome = await askWithSdk(gateway.url, { model: 'gpt-4o', messages: MESSAGES });
      expect(outcome.status).toBe(200);
      expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
      expect(readStream(outcome.bytes).error?.code).toBe('ledger_unavailable');
      expect(outcome.thrown).toMatchObject({ code: 'ledger_unavailable' });
    },
  );

  test('it is not ready while nothing can be written, and ready again by itself', async () => {
    const readiness = async (): Promise<unknown> => (await fetch(`${gateway.url}/readyz`)).json();
    expect(gateway.ledger.failure).toBeNull();
    disk.failing = 'EROFS';
    await expectUnavailable(await post(true));
    expect(gateway.ledger.failure).toContain('EROFS');
    expect(await readiness()).toEqual({ ready: false, reasons: ['ledger_unavailable'] });
    disk.failing = null;
    await vi.waitFor(async () => expect(await readiness()).toEqual({ ready: true, reasons: [] }), 5000);
    expect(gateway.ledger.failure).toBeNull();
  });

  test('a full log of checkpoints keeps no answer back', async () => {
    disk.failing = 'ENOSPC';
    disk.concerns = (path) => path.endsWith('.jsonl');
    for (const stream of [false, true]) expect((await post(stream)).status).toBe(200);
    expect(gateway.ledger.failure).toBeNull();
  });

  test('it answers again as soon as there is room', async () => {
    disk.failing = 'ENOSPC';
    await expectUnavailable(await post(true));
    disk.failing = null;
    const response = await post(true);
    expect(flawsOfCompleteStream(await response.text())).toEqual([]);
    const record = await gateway.ledger.find(response.headers.get('x-request-id') ?? '');
    expect(record).toMatchObject({ status: 'complete' });
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { nodeFileSystem, type FileSystem } from '../src/ledger/append-file.ts';
import { startInjectedGateway, type InjectedGateway } from './support/injected-gateway.ts';
import { eventStream } from './support/raw-upstream.ts';
import { askWithSdk, flawsOfBrokenStream, flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openAiStream } from './support/upstream-streams.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];
const STREAM = openAiStream(['ein', 'zwei', 'drei']);

/** The machine's file system, but for its disk, which can be full. */
class FillingDisk implements FileSystem {
  isFull = false;

  openNew(path: string): number {
    return nodeFileSystem.openNew(path);
  }
  truncate(descriptor: number, length: number): void {
    nodeFileSystem.truncate(descriptor, length);
  }
  close(descriptor: number): void {
    nodeFileSystem.close(descriptor);
  }
  write(descriptor: number, bytes: Buffer, offset: number, position: number): number {
    if (this.isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    return nodeFileSystem.write(descriptor, bytes, offset, position);
  }
}

describe('a ledger that cannot be written', () => {
  let disk: FillingDisk;
  let gateway: InjectedGateway;
  beforeEach(async () => {
    disk = new FillingDisk();
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
    disk.isFull = true;
    for (const stream of [false, true]) await expectUnavailable(await post(stream));
    expect(gateway.upstreams.openai.requests).toEqual([]);
  });

  test('before the end of a whole answer: nothing of it is given out', async () => {
    gateway.upstreams.openai.play((socket, request) => {
      disk.isFull = true;
      eventStream(STREAM.events, 'clean')(socket, request);
    });
    await expectUnavailable(await post(false));
    expect(gateway.upstreams.openai.requests).toHaveLength(1);
  });

  test('before the end of a stream: it does not end as if it were complete', async () => {
    gateway.upstreams.openai.play((socket, request) => {
      disk.isFull = true;
      eventStream(STREAM.events, 'clean')(socket, request);
    });
    const outcome = await askWithSdk(gateway.url, { model: 'gpt-4o', messages: MESSAGES });
    expect(outcome.status).toBe(200);
    expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
    expect(readStream(outcome.bytes).error?.code).toBe('ledger_unavailable');
    expect(outcome.thrown).toMatchObject({ code: 'ledger_unavailable' });
  });

  test('it answers again as soon as there is room', async () => {
    disk.isFull = true;
    await expectUnavailable(await post(true));
    disk.isFull = false;
    const response = await post(true);
    expect(flawsOfCompleteStream(await response.text())).toEqual([]);
    const record = await gateway.ledger.find(response.headers.get('x-request-id') ?? '');
    expect(record).toMatchObject({ status: 'complete' });
  });
});

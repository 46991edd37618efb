import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { HeldBytes } from '../src/pipeline/held-bytes.ts';
import { startInjectedGateway, type InjectedGateway } from './support/injected-gateway.ts';
import { FailingDisk } from './support/ledger-folder.ts';
import { chunk, eventStream } from './support/raw-upstream.ts';
import { flawsOfBrokenStream, flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openAiStream } from './support/upstream-streams.ts';
import { completion, json } from './support/vendor-answers.ts';

const LIMIT_BYTES = 64 * 1024;
/** The key of the gateway's config, which an upstream may quote. */
const KEY = 'sk-test-injected';
/** Three hundred kilobytes. */
const LONG = openAiStream(Array.from({ length: 1500 }, (_, index) => (index % 100 === 0 ? KEY : `word-${index}`)));

let disk: FailingDisk;
let held: HeldBytes;
let gateway: InjectedGateway;
beforeEach(async () => {
  disk = new FailingDisk();
  held = new HeldBytes(LIMIT_BYTES);
  gateway = await startInjectedGateway({ fileSystem: disk, held });
});
afterEach(() => gateway.close());

function post(members: JsonObject, question = 'Hello'): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: question }], ...members }),
  });
}

async function recordOf(response: Response): Promise<JsonObject> {
  const record = await gateway.ledger.find(response.headers.get('x-request-id') ?? '');
  if (record === null) throw new Error('there is no record');
  return record;
}

/** What is on record of the vendor's answer. */
function receivedOf(record: JsonObject): { readonly body: string; readonly sha256: string } {
  const [attempt] = record['attempts'] as { received: { body: string; sha256: string } }[];
  if (attempt === undefined) throw new Error('there is no attempt');
  return attempt.received;
}

describe('an answer longer than is kept in memory', () => {
  test('reaches the client and the record whole, and the record without the key that the vendor quotes', async () => {
    gateway.upstreams.openai.play(eventStream(LONG.events, 'clean'));
    const response = await post({ stream: true });
    const text = await response.text();
    expect(flawsOfCompleteStream(text)).toEqual([]);
    const record = await recordOf(response);
    expect(record).toMatchObject({
      status: 'complete',
      content: 'kept',
      attempts: [{ flags: ['credential_scrubbed'] }],
    });
    const { body, sha256 } = receivedOf(record);
    const sent = LONG.events.join('');
    expect(sent.length).toBeGreaterThan(250_000);
    expect(body).not.toContain(KEY);
    expect(body.replaceAll(/\[secret:[0-9a-f]{8}\]/g, KEY)).toBe(sent);
    expect(sha256).toBe(createHash('sha256').update(body).digest('hex'));
  });

  test('that breaks off is on record as far as it came', async () => {
    const events = LONG.events.slice(0, 1000);
    gateway.upstreams.openai.play(eventStream(events, 'cut'));
    const response = await post({ stream: true });
    expect(readStream(await response.text()).error?.code).toBe('upstream_truncated');
    const { body } = receivedOf(await recordOf(response));
    expect(body.replaceAll(/\[secret:[0-9a-f]{8}\]/g, KEY)).toBe(events.join(''));
  });

  test('ends with an error when it can be written no more, and its upstream is let go', async () => {
    const sockets: Socket[] = [];
    gateway.upstreams.openai.play((socket, request) => {
      sockets.push(socket);
      disk.concerns = (path) => path.endsWith('.dat');
      eventStream(LONG.events.slice(0, 20), 'open')(socket, request);
      disk.failing = 'ENOSPC';
      for (const event of LONG.events.slice(20)) socket.write(chunk(event));
    });
    const response = await post({ stream: true });
    const text = await response.text();
    expect(flawsOfBrokenStream(text)).toEqual([]);
    expect(readStream(text).error?.code).toBe('ledger_unavailable');
    await vi.waitFor(() => expect(sockets.map((socket) => socket.destroyed)).toEqual([true]));
    disk.failing = null;
    await vi.waitFor(async () => expect(await recordOf(response)).toMatchObject({ status: 'interrupted' }));
  });

  test('is on record as failed where only a part of it could not be written', async () => {
    let failures = 0;
    disk.taken = 0;
    disk.concerns = (path) => path.endsWith('.dat') && failures++ === 0;
    disk.failing = 'EIO';
    gateway.upstreams.openai.play(eventStream(LONG.events, 'clean'));
    const response = await post({ stream: true });
    expect(readStream(await response.text()).error?.code).toBe('ledger_unavailable');
    expect(await recordOf(response)).toMatchObject({ status: 'failed', error: { code: 'ledger_unavailable' } });
  });
});

describe('a gateway that holds as much as it may', () => {
  test('refuses the body that is too much, on record, and takes the next one', async () => {
    gateway.upstreams.openai.play(json(completion()));
    const refused = await post({}, 'x'.repeat(2 * LIMIT_BYTES));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after-ms')).toMatch(/^\d+$/);
    expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } });
    expect(await recordOf(refused)).toMatchObject({ status: 'failed', http: 503, error: { code: 'overloaded' } });
    expect(gateway.upstreams.openai.requests).toEqual([]);
    expect(held.bytes).toBe(0);
    expect((await post({}, 'x'.repeat(LIMIT_BYTES / 2))).status).toBe(200);
    expect(held.bytes).toBe(0);
  });

  const answers = [
    { what: 'an answer that is no stream', asks: {}, type: 'application/json', piece: ' '.repeat(4096) },
    {
      what: 'a stream whose answer is checked in the end',
      asks: { stream: true, response_format: { type: 'json_object' } },
      type: 'text/event-stream',
      piece: LONG.events[2] ?? '',
    },
  ];
  test.each(answers)('counts $what while it comes, and not when it is over', async ({ asks, type, piece }) => {
    const sockets: Socket[] = [];
    gateway.upstreams.openai.play((socket) => {
      sockets.push(socket);
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`);
      for (let written = 0; written < LIMIT_BYTES; written += piece.length) socket.write(chunk(piece));
    });
    const answer = post(asks).then(
      (response) => response.text().catch(() => ''),
      () => '',
    );
    await vi.waitFor(() => expect(held.isFull).toBe(true));
    gateway.upstreams.openai.play((socket) => socket.destroy());
    for (const socket of sockets) socket.destroy();
    await answer;
    await vi.waitFor(() => expect(held.bytes).toBe(0));
  });

  test('does not count a stream that flows', async () => {
    gateway.upstreams.openai.play(eventStream(LONG.events, 'clean'));
    let most = 0;
    const response = await post({ stream: true });
    for await (const _ of response.body as unknown as AsyncIterable<Uint8Array>) most = Math.max(most, held.bytes);
    expect(most).toBeLessThan(1024);
  });
});

import type { Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { startRawUpstream, type RawUpstream } from '../../test/support/raw-upstream.ts';
import { systemClock } from '../core/clock.ts';
import { isFailure, possiblyBilled, type Failure } from '../core/failure.ts';
import { Transport, type Call, type CallResponse } from './send.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody';

let upstream: RawUpstream;
let transport: Transport;
/** What the upstream does with the n-th request of a socket, from 0. */
let play: readonly ((socket: Socket) => void)[];

beforeEach(async () => {
  const seen = new Map<Socket, number>();
  upstream = await startRawUpstream((socket) => {
    const nth = seen.get(socket) ?? 0;
    seen.set(socket, nth + 1);
    play[nth]?.(socket);
  });
  transport = new Transport(systemClock);
});

afterEach(async () => {
  await transport.close();
  await upstream.close();
});

const answers = (socket: Socket): unknown => socket.write(ANSWER);
const ends = (socket: Socket): unknown => socket.end();
const resets = (socket: Socket): unknown => socket.resetAndDestroy();

function send(details: Partial<Call> = {}): Promise<CallResponse | Failure> {
  const call = {
    path: '/',
    headers: [],
    body: Buffer.from('{}'),
    connectMs: 5000,
    allowsPrivate: true,
    firstByteMs: 5000,
    ...details,
  };
  return transport.send({ origin: upstream.url, ...call }).response;
}

async function body(response: CallResponse | Failure): Promise<string> {
  if (isFailure(response)) throw new Error(response.message);
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = await response.next();
    if (chunk === null) return Buffer.concat(chunks).toString();
    if (isFailure(chunk)) throw new Error(chunk.message);
    chunks.push(chunk);
  }
}

const kindOf = (value: CallResponse | Buffer | Failure | null): string | null => (isFailure(value) ? value.kind : null);

describe.each([
  ['FIN', ends],
  ['RST', resets],
])('a connection that is closed with %s as the request comes', (_name, breaks) => {
  test('is stale when it had answered before and was idle', async () => {
    play = [answers, breaks];
    expect(await body(await send())).toBe('body');
    expect(kindOf(await send())).toBe('stale_socket');
    expect(upstream.requests).toHaveLength(2);
  });

  test('is reset when it is new, also where one before it was stale', async () => {
    play = [breaks];
    expect(kindOf(await send())).toBe('reset');
    play = [answers, breaks];
    expect(await body(await send())).toBe('body');
    expect(kindOf(await send())).toBe('stale_socket');
    play = [breaks];
    expect(kindOf(await send())).toBe('reset');
  });

  test('is reset once a byte of the response has come', async () => {
    play = [answers, (socket) => socket.write('H', () => breaks(socket))];
    expect(await body(await send())).toBe('body');
    expect(kindOf(await send())).toBe('reset');
  });

  test('leaves a truncated answer once its head has come', async () => {
    play = [answers, (socket) => socket.write(ANSWER.slice(0, -2), () => breaks(socket))];
    expect(await body(await send())).toBe('body');
    const response = await send();
    if (isFailure(response)) throw new Error(response.message);
    let last: Buffer | Failure | null;
    do last = await response.next();
    while (Buffer.isBuffer(last));
    expect(kindOf(last)).toBe('truncated');
  });
});

test('one that is closed while it is idle is not used again', async () => {
  play = [(socket) => socket.end(ANSWER)];
  for (let time = 0; time < 20; time++) {
    expect(await body(await send())).toBe('body');
    await vi.waitFor(() => expect(upstream.openSockets()).toBe(0));
  }
  expect(upstream.requests).toHaveLength(20);
});

test('closing races with the next request: what fails is stale, and never is over a new connection', async () => {
  let stale = 0;
  for (let time = 0; time < 100; time++) {
    // The close leaves after the answer and some turns of the loop: before, as or after the next request is written.
    play = [
      (socket) => {
        socket.write(ANSWER);
        const close = (turns: number): unknown =>
          turns === 0 ? socket.resetAndDestroy() : setImmediate(() => close(turns - 1));
        close(time % 10);
      },
      () => undefined,
    ];
    expect(await body(await send({ fresh: true })).catch(() => 'broken')).toMatch(/^body$|^broken$/);
    const raced = await send();
    if (!isFailure(raced)) {
      expect(await body(raced).catch(() => 'broken')).toMatch(/^body$|^broken$/);
      continue;
    }
    expect(raced.kind).toBe('stale_socket');
    stale++;
    play = [answers];
    expect(await body(await send({ fresh: true }))).toBe('body');
  }
  expect(stale).toBeGreaterThan(0);
});

test('a fresh call takes no idle connection, and the one it opens is kept', async () => {
  let connections = 0;
  const seen = new Set<Socket>();
  play = Array.from({ length: 8 }, () => (socket: Socket) => {
    if (!seen.has(socket)) connections++;
    seen.add(socket);
    socket.write(ANSWER);
  });
  expect(await body(await send())).toBe('body');
  expect(await body(await send())).toBe('body');
  expect(connections).toBe(1);
  expect(await body(await send({ fresh: true }))).toBe('body');
  expect(connections).toBe(2);
  expect(await body(await send())).toBe('body');
  expect(connections).toBe(2);
});

test('whether the request was read nobody can tell, so it may have been paid for', () => {
  expect(possiblyBilled('stale_socket')).toBe(true);
});

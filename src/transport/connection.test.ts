import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { TLS_IDENTITY } from '../../test/support/tls-identity.ts';
import { systemClock } from '../core/clock.ts';
import { isFailure } from '../core/failure.ts';
import { Transport, type CallResponse } from './send.ts';

/** More than a socket holds, and than is read at once. */
const LONG_BYTES = 24 * 1024 * 1024;
const SHORT_BYTES = 60_000;
/** By then what was sent has been read, if it is to be. */
const TURNS = 50;
/** Looks in a row at which no more has been written. */
const LOOKS = 5;

/** Not the same anywhere, so that what is lost or comes twice shows. */
const PATTERN = Buffer.from(Uint32Array.from({ length: 64 * 1024 + 1 }, (_, index) => index * 2_654_435_761).buffer);

function bodyOf(length: number): Buffer {
  const body = Buffer.alloc(length);
  for (let at = 0; at < length; at += PATTERN.length) PATTERN.copy(body, at);
  return body;
}

describe.each(['http', 'https'] as const)('a call by %s whose reader is slow', (scheme) => {
  let server: Server;
  let transport: Transport;
  let play: (socket: Socket) => void;
  let sockets: Socket[];

  beforeEach(async () => {
    // The certificate is signed by nobody.
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    sockets = [];
    const onSocket = (socket: Socket): void => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => play(socket));
    };
    server = scheme === 'http' ? createServer(onSocket) : createTlsServer(TLS_IDENTITY, onSocket);
    server.listen(0);
    await once(server, 'listening');
    transport = new Transport(systemClock);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await transport.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  async function respond(): Promise<CallResponse> {
    const response = await transport.send({
      origin: `${scheme}://localhost:${(server.address() as AddressInfo).port}`,
      path: '/',
      headers: [],
      body: Buffer.from('{}'),
      connectMs: 5000,
      allowsPrivate: true,
      firstByteMs: 5000,
    }).response;
    if (isFailure(response)) throw new Error(response.message);
    return response;
  }

  /** All that comes, with other things to do between two chunks. */
  async function readSlowly(response: CallResponse): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (;;) {
      const chunk = await response.next();
      if (chunk === null) return Buffer.concat(chunks);
      if (isFailure(chunk)) throw new Error(`${chunk.message} after ${Buffer.concat(chunks).length} bytes`);
      chunks.push(chunk);
      if (chunks.length % 3 === 0) await nextTurn();
    }
  }

  test('stops the upstream, and gets every byte in the end', async () => {
    const body = bodyOf(LONG_BYTES);
    let at = 0;
    play = (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
      const pump = (): void => {
        while (at < body.length && socket.write(body.subarray(at, (at += 50_000))));
      };
      socket.on('drain', pump);
      pump();
    };
    const response = await respond();
    let before = -1;
    let still = 0;
    await vi.waitFor(
      () => {
        still = at === before ? still + 1 : 0;
        before = at;
        expect(still).toBeGreaterThanOrEqual(LOOKS);
      },
      { timeout: 10_000, interval: 20 },
    );
    expect(at).toBeLessThan(body.length);
    expect((await readSlowly(response)).equals(body)).toBe(true);
  });

  test('gets every byte of an answer that ends with its connection', async () => {
    const body = bodyOf(SHORT_BYTES);
    play = (socket) => socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n'), body]));
    for (let time = 0; time < 20; time++) expect((await readSlowly(await respond())).equals(body)).toBe(true);
  });

  test('gets what came before the end of the connection, when both come while it reads nothing', async () => {
    const body = bodyOf(SHORT_BYTES);
    play = (socket) => socket.write(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), body.subarray(0, 1000)]));
    const response = await respond();
    // The first bytes wait by now, so nothing more is wanted.
    await once((sockets[0] as Socket).end(body.subarray(1000)), 'finish');
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    expect((await readSlowly(response)).equals(body)).toBe(true);
  });

  test('leaves the connection to the next call as it was', async () => {
    const body = bodyOf(SHORT_BYTES);
    play = (socket) => {
      const answer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
      socket.write(answer);
      socket.on('data', () => socket.write(answer));
    };
    for (let time = 0; time < 20; time++) expect((await readSlowly(await respond())).equals(body)).toBe(true);
    expect(sockets).toHaveLength(1);
  });
});

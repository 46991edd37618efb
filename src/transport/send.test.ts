import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { ManualClock, turns } from '../../test/support/manual-clock.ts';
import { systemClock } from '../core/clock.ts';
import { failure, isFailure, possiblyBilled, type Failure } from '../core/failure.ts';
import { Transport, type Call, type CallResponse } from './send.ts';

let server: Server;
let sockets: Socket[];
/** What the upstream does with each connection once the request has begun to come. */
let play: (socket: Socket) => void;

beforeEach(async () => {
  sockets = [];
  play = () => undefined;
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => play(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
});

function callTo(details: Partial<Call> = {}): Call {
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: '/v1',
    headers: ['content-type', 'application/json'],
    body: Buffer.from('{}'),
    connectMs: 5000,
    allowsPrivate: true,
    firstByteMs: 1000,
    ...details,
  };
}

function expectFailure(value: CallResponse | Buffer | Failure | null): Failure {
  if (!isFailure(value)) throw new Error('it did not fail');
  return value;
}

test('a body is read to its end', async () => {
  const transport = new Transport(systemClock);
  play = (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody');
  const response = await transport.send(callTo()).response;
  if (isFailure(response)) throw new Error(response.message);
  expect([response.status, await response.next(), await response.next()]).toEqual([200, Buffer.from('body'), null]);
  await transport.close();
});

test('a header that HTTP does not allow is our own fault: nothing is sent, nobody is blamed', async () => {
  const transport = new Transport(systemClock);
  const call = transport.send(callTo({ headers: ['x-bad', 'a\nb'] }));
  await expect(call.response).rejects.toMatchObject({ code: 'UND_ERR_INVALID_ARG' });
  expect(sockets).toEqual([]);
  // The connection it would have had is free for the next one.
  play = (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n');
  expect(await transport.send(callTo()).response).toMatchObject({ status: 204 });
  await transport.close();
});

test('closing ends the calls under way as our own end, whether or not the answer had begun', async () => {
  const transport = new Transport(systemClock);
  const begun = new Promise<void>((resolve) => {
    let requests = 0;
    play = (socket) => {
      if (++requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n');
      else resolve();
    };
  });
  const answering = await transport.send(callTo()).response;
  if (isFailure(answering)) throw new Error(answering.message);
  const silent = transport.send(callTo());
  await begun;
  await transport.close();
  for (const failed of [expectFailure(await answering.next()), expectFailure(await silent.response)]) {
    expect(failed.kind).toBe('shutting_down');
    expect(possiblyBilled(failed.kind)).toBe(true);
  }
});

test('after closing nothing is sent any more, to an origin known or not', async () => {
  const transport = new Transport(systemClock);
  play = (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n');
  await transport.send(callTo()).response;
  await transport.close();
  const connections = sockets.length;
  for (const connectMs of [5000, 4000]) {
    expect(expectFailure(await transport.send(callTo({ connectMs })).response).kind).toBe('shutting_down');
  }
  expect(sockets).toHaveLength(connections);
});

test('the limit on the first byte counts from the writing of the request, not from the wait for a connection', async () => {
  const clock = new ManualClock();
  const transport = new Transport(clock);
  const asked = new Promise<void>((resolve) => {
    play = () => resolve();
  });
  const call = transport.send(callTo({ firstByteMs: 1000 }));
  // Not one turn of the event loop has gone by: there is no connection yet.
  clock.advance(4000);
  await asked;
  clock.advance(990);
  const first = await Promise.race([call.response, Promise.resolve('still waiting')]);
  expect(first).toBe('still waiting');
  clock.advance(40);
  expect(expectFailure(await call.response)).toMatchObject({
    kind: 'first_byte_timeout',
    message: 'the upstream sent nothing for 1000 ms',
  });
  await transport.close();
});

test.each([
  ['before the answer', ''],
  ['in its midst', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbody'],
])('a call that is given up %s closes its connection, and none is opened in its place', async (_name, answer) => {
  const transport = new Transport(systemClock);
  const asked = new Promise<Socket>((resolve) => {
    play = (socket) => {
      socket.write(answer);
      resolve(socket);
    };
  });
  const call = transport.send(callTo());
  const socket = await asked;
  if (answer !== '') await call.response;
  call.abort(failure('idle_timeout', 'nobody waits any more'));
  await once(socket, 'close');
  await turns(50);
  expect(sockets).toHaveLength(1);
  await transport.close();
});

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 'protocol'],
  ['headers without measure', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 'headers'],
])('%s in answer to a whole request may have been paid for', async (_name, answer, kind) => {
  const transport = new Transport(systemClock);
  play = (socket) => socket.end(answer);
  const failed = expectFailure(await transport.send(callTo()).response);
  expect([failed.kind, possiblyBilled(failed.kind)]).toEqual([kind, true]);
  await transport.close();
});

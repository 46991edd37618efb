import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { ManualClock, turns } from '../../test/support/manual-clock.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { isFailure } from '../core/failure.ts';
import type { LookUpHost } from './name-resolver.ts';
import { Transport, type Call } from './send.ts';

let server: Server;
let sockets: Socket[];
let transport: Transport;

beforeEach(async () => {
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  await transport.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

function start(clock: Clock, lookUp: LookUpHost): void {
  transport = new Transport(clock, lookUp);
}

async function outcomeOf(host: string, terms: Partial<Call> = {}): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const response = await transport.send({
    origin: `http://${host}:${port}`,
    path: '/',
    headers: [],
    body: Buffer.from('{}'),
    connectMs: 1000,
    allowsPrivate: true,
    firstByteMs: 1000,
    ...terms,
  }).response;
  return isFailure(response) ? response.kind : String(response.status);
}

const AT_HOME: LookUpHost = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);

test('a name leads to the addresses that are found for it', async () => {
  start(systemClock, AT_HOME);
  expect(await outcomeOf('upstream.example')).toBe('200');
});

test.each<[string, string]>([
  ['127.0.0.1', 'this machine'],
  ['169.254.169.254', 'what a cloud tells its machines'],
  ['10.1.2.3', 'a private network'],
  ['::ffff:127.0.0.1', 'this machine, written otherwise'],
  ['fd00::1', 'a private network of today'],
])('nothing is sent to %s (%s) by a name where only public addresses are allowed', async (address) => {
  start(systemClock, () =>
    Promise.resolve([
      { address: '192.0.2.1', family: 4 },
      { address, family: 4 },
    ]),
  );
  expect(await outcomeOf('upstream.example', { allowsPrivate: false })).toBe('address_forbidden');
  expect(sockets).toEqual([]);
});

test('nor to one that is written out, which no resolver is asked about', async () => {
  start(systemClock, () => Promise.reject(new Error('nobody asks')));
  expect(await outcomeOf('127.0.0.1', { allowsPrivate: false })).toBe('address_forbidden');
  expect(await outcomeOf('[::1]', { allowsPrivate: false })).toBe('address_forbidden');
  expect(sockets).toEqual([]);
});

test('a name that cannot be resolved is that', async () => {
  start(systemClock, () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })));
  expect(await outcomeOf('upstream.example')).toBe('dns');
});

test('a name service that does not answer is given up in time, and other names do not wait for it', async () => {
  const clock = new ManualClock();
  start(clock, (hostname) => (hostname === 'stalled.example' ? new Promise(() => undefined) : AT_HOME(hostname)));
  const stalled = outcomeOf('stalled.example');
  expect(await outcomeOf('upstream.example')).toBe('200');
  let outcome: string | null = null;
  void stalled.then((kind) => (outcome = kind));
  clock.advance(980);
  await turns(5);
  expect(outcome).toBeNull();
  clock.advance(40);
  expect(await stalled).toBe('dns_timeout');
});

test('a handshake that does not end is a connection that did not come about', async () => {
  const clock = new ManualClock();
  start(clock, AT_HOME);
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  server.on('connection', (socket: Socket) => socket.removeAllListeners('data'));
  const call = transport.send({
    origin: `https://upstream.example:${port}`,
    path: '/',
    headers: [],
    body: Buffer.from('{}'),
    connectMs: 1000,
    allowsPrivate: true,
    firstByteMs: 1000,
  });
  await accepted;
  clock.advance(1020);
  expect(await call.response).toMatchObject({ kind: 'connect_timeout' });
});

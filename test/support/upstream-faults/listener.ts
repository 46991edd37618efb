import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Worker } from 'node:worker_threads';

import { startRawUpstream, type RawUpstream } from '../raw-upstream.ts';
import { TLS_IDENTITY } from '../tls-identity.ts';

/** What stands at the upstream's place in a cell, and what it has seen. */
export interface Listener {
  readonly port: number;
  /** HTTP requests heard. */
  readonly requests: readonly { readonly body: string }[];
  /** Connections accepted so far. */
  connections(): number;
  openSockets(): number;
  /** What plays its scripts; `null` where it answers no requests. */
  readonly upstream: RawUpstream | null;
  close(): Promise<void>;
}

/** A server that hears requests. */
export async function listenForRequests(): Promise<Listener> {
  const upstream = await startRawUpstream();
  return {
    upstream,
    port: Number(new URL(upstream.url).port),
    requests: upstream.requests,
    connections: () => upstream.requests.length,
    openSockets: () => upstream.openSockets(),
    close: () => upstream.close(),
  };
}

/** A server that takes connections and does nothing with them but this. */
export async function listenForConnections(onSocket: (socket: Socket) => void = () => undefined): Promise<Listener> {
  return listen((take) => createServer(take), onSocket);
}

/** A TLS server whose certificate is signed by nobody. What it hears of a request counts as one. */
export async function listenWithoutTrust(): Promise<Listener> {
  const requests: { readonly body: string }[] = [];
  const listener = await listen(
    (take) =>
      createTlsServer(TLS_IDENTITY, (secure) =>
        secure.on('data', (bytes) => requests.push({ body: String(bytes) })),
      ).on('connection', take),
    () => undefined,
  );
  return { ...listener, requests };
}

async function listen(
  create: (take: (socket: Socket) => void) => Server,
  onSocket: (socket: Socket) => void,
): Promise<Listener> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = create((socket) => {
    connections++;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    // Whoever does not read does not hear that the other side has gone.
    socket.resume();
    onSocket(socket);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests: [],
    connections: () => connections,
    openSockets: () => open.size,
    upstream: null,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** A port nobody listens on, and nobody else can be given: one end of a connection holds it. */
export async function reserveDeadPort(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const holder = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [other] = await accepted;
  return {
    port: holder.localPort ?? 0,
    async close() {
      const closed = once(server, 'close');
      holder.destroy();
      other.destroy();
      server.close();
      await closed;
    },
  };
}

/** How long a connection may take to be accepted before the queue counts as full. */
const FULL_AFTER_MS = 250;
const BLOCKED_LISTENER = `
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const server = createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(workerData), 0, 0);
  process.exit(0);
});
`;

/** A port that accepts no connection any more: whoever listens there takes none, and its queue is full. */
export async function fillPort(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const gate = new SharedArrayBuffer(4);
  const worker = new Worker(BLOCKED_LISTENER, { eval: true, workerData: gate });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting: Socket[] = [];
  let isAccepted = true;
  while (isAccepted) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    waiting.push(socket);
    isAccepted = await acceptedInTime(socket);
  }
  return {
    port,
    async close() {
      for (const socket of waiting) socket.destroy();
      const exited = once(worker, 'exit');
      Atomics.store(new Int32Array(gate), 0, 1);
      Atomics.notify(new Int32Array(gate), 0);
      await exited;
    },
  };
}

function acceptedInTime(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), FULL_AFTER_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** One request as it stood on the socket. */
export interface RawRequest {
  /** Request line and headers. */
  readonly head: string;
  readonly body: string;
}

/** What the upstream does with a request: it has the bare socket and may break every rule. */
export type Script = (socket: Socket, request: RawRequest) => void;

/** A TCP server on loopback that answers as a test says, HTTP or not. */
export interface RawUpstream {
  /** Base URL without a path. */
  readonly url: string;
  readonly requests: readonly RawRequest[];
  /** Takes the place of the script for requests from now on. */
  play(script: Script): void;
  openSockets(): number;
  /** Resolves with the next request that comes. */
  nextRequest(): Promise<RawRequest>;
  close(): Promise<void>;
}

/** Starts one. Close it at the end of the test. */
export async function startRawUpstream(first: Script = (socket) => socket.destroy()): Promise<RawUpstream> {
  let script = first;
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  const waiting: ((request: RawRequest) => void)[] = [];
  // What is written leaves at once: under a clock that stands still nobody waits for an acknowledgement.
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A gateway that has gone is what many of these tests are about.
    socket.on('error', () => undefined);
    readRequests(socket, (request) => {
      requests.push(request);
      for (const resolve of waiting.splice(0)) resolve(request);
      script(socket, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    play(next) {
      script = next;
    },
    openSockets: () => sockets.size,
    nextRequest: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Calls back for each whole request of a connection: enough of HTTP for a client that declares its length. */
function readRequests(socket: Socket, onRequest: (request: RawRequest) => void): void {
  let unread = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    for (;;) {
      const headEnd = unread.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = unread.toString('latin1', 0, headEnd);
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      const end = headEnd + 4 + length;
      if (unread.length < end) return;
      const body = unread.toString('utf8', headEnd + 4, end);
      unread = unread.subarray(end);
      onRequest({ head, body });
    }
  });
}

/** How a body that was sent in chunks ends. */
export type BodyEnd = 'clean' | 'cut' | 'reset' | 'open';

/** Answers 200 with an event stream: the pieces, a chunk each, then the end. */
export function eventStream(pieces: readonly (string | Buffer)[], end: BodyEnd): Script {
  return chunked('content-type: text/event-stream', pieces, end);
}

/** Answers 200 with these headers and a chunked body. */
export function chunked(headers: string, pieces: readonly (string | Buffer)[], end: BodyEnd): Script {
  return (socket) => {
    const bytes: Buffer[] = [Buffer.from(`HTTP/1.1 200 OK\r\n${headers}\r\ntransfer-encoding: chunked\r\n\r\n`)];
    for (const piece of pieces) if (piece.length > 0) bytes.push(chunk(piece));
    if (end === 'clean') bytes.push(LAST_CHUNK);
    const whole = Buffer.concat(bytes);
    if (end === 'cut') socket.end(whole);
    else socket.write(whole, () => (end === 'reset' ? socket.resetAndDestroy() : undefined));
  };
}

/** Answers with exactly these bytes. */
export function raw(text: string | Buffer, end: 'close' | 'keep' = 'close'): Script {
  return (socket) => {
    if (end === 'close') socket.end(text);
    else socket.write(text);
  };
}

/** Answers with one body of a declared length. */
export function body(text: string | Buffer, type = 'application/json', status = '200 OK'): Script {
  const bytes = Buffer.from(text);
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return raw(Buffer.concat([Buffer.from(head), bytes]), 'keep');
}

/** One chunk of a chunked body. */
export function chunk(piece: string | Buffer): Buffer {
  const bytes = Buffer.from(piece);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** What ends a chunked body properly. */
export const LAST_CHUNK = Buffer.from('0\r\n\r\n');

import { once } from 'node:events';
import { connect } from 'node:net';

/** A connection of a client that writes its requests by hand and keeps it open. */
export interface OpenSocket {
  write(text: string): void;
  /** Resolves when what has come so far holds this text. @throws Error when the connection ends before */
  until(text: string): Promise<string>;
  /** Everything that has come, once the server has ended the connection. */
  toEnd(): Promise<string>;
  destroy(): void;
}

/** Connects to a server on loopback. */
export async function openSocket(url: string): Promise<OpenSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  let ended = false;
  let look: () => void = () => undefined;
  socket.on('data', (bytes) => {
    received += bytes.toString('utf8');
    look();
  });
  // A server that closes at once is what some of these tests are about.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    ended = true;
    look();
  });
  await once(socket, 'connect');
  const wait = (holds: () => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      look = () => {
        if (holds()) resolve(received);
        else if (ended) reject(new Error(`the connection ended after: ${received}`));
      };
      look();
    });
  return {
    write: (text) => void socket.write(text),
    until: (text) => wait(() => received.includes(text)),
    toEnd: () => wait(() => ended),
    destroy: () => socket.destroy(),
  };
}

/** The text of a POST of JSON with these further header lines. */
export function postText(path: string, body: string, headers: readonly string[] = []): string {
  return [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n');
}

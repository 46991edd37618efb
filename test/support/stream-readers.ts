import { connect, type Socket } from 'node:net';

/** A stalled reader takes nothing; a sipping one a little now and then, so that it is not given up; a steady one all there is. */
export type Reading = 'stalled' | 'sipping' | 'steady';

const SIP_BYTES = 64 * 1024;
const SIP_EVERY_MS = 20_000;

/** Clients that ask for a stream, and read it or not. */
export class StreamReaders {
  readonly #url: URL;
  readonly #sockets = new Map<string, { readonly socket: Socket; readonly sip: NodeJS.Timeout | null }>();

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** Asks for `pour <name>`; a client of the same name goes first. */
  open(name: string, reading: Reading): void {
    this.#leave(name);
    // Until somebody asks it for data, the socket reads nothing.
    const socket = connect(Number(this.#url.port), this.#url.hostname);
    socket.on('error', () => undefined);
    const text = JSON.stringify({
      model: 'gpt-4o',
      stream: true,
      messages: [{ role: 'user', content: `pour ${name}` }],
    });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: ${this.#url.host}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    );
    if (reading === 'steady') socket.resume();
    const sip = reading === 'sipping' ? setInterval(() => socket.read(SIP_BYTES), SIP_EVERY_MS) : null;
    this.#sockets.set(name, { socket, sip });
  }

  close(): void {
    for (const name of this.#sockets.keys()) this.#leave(name);
  }

  #leave(name: string): void {
    const known = this.#sockets.get(name);
    if (known === undefined) return;
    this.#sockets.delete(name);
    if (known.sip !== null) clearInterval(known.sip);
    known.socket.destroy();
  }
}

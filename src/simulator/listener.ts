import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';
const PORT_BUSY_RETRY_MS = 50;

/** A loopback HTTP server that can stop taking connections and take them again on the same port. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #isRefusing = false;
  #isClosed = false;

  constructor(handle: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#server = createServer((request, response) => {
      if (this.#isRefusing) request.socket.destroy();
      else handle(request, response);
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    return this.#port;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  /** Starts to listen on a free port. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, LOOPBACK, () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => this.#retryLater());
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  /** Stops taking connections and closes the idle ones; answers under way go on. */
  refuse(): void {
    if (this.#isRefusing || this.#isClosed) return;
    this.#isRefusing = true;
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Takes connections again. */
  accept(): void {
    if (!this.#isRefusing || this.#isClosed) return;
    this.#isRefusing = false;
    this.#server.listen(this.#port, LOOPBACK);
  }

  /** Ends everything, open answers too. Resolves when the last socket is gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#server.listening) this.#server.close();
    const gone = [...this.#sockets].map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(gone);
  }

  /** While the port was given up, someone else may have taken it for a moment. */
  #retryLater(): void {
    setTimeout(() => {
      if (!this.#isRefusing && !this.#isClosed) this.#server.listen(this.#port, LOOPBACK);
    }, PORT_BUSY_RETRY_MS).unref();
  }
}

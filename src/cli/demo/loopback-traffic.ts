import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

const CHANNELS = ['net.client.socket', 'net.server.socket'] as const;

/**
 * Watches the connections that this process opens to itself from now on. Both ends of each are here, so it is known whether
 * what was written has been read. Close it when done.
 */
export class LoopbackTraffic {
  #sockets: Socket[] = [];

  constructor() {
    for (const channel of CHANNELS) subscribe(channel, this.#note);
  }

  /** Whether bytes are on their way, or a connection has yet to be taken at its other end. */
  isUnderWay(): boolean {
    this.#sockets = this.#sockets.filter((socket) => !socket.destroyed);
    return this.#sockets.some((socket) => {
      const other = this.#sockets.find((each) => isOtherEnd(socket, each));
      return other === undefined || other.bytesRead !== socket.bytesWritten;
    });
  }

  close(): void {
    for (const channel of CHANNELS) unsubscribe(channel, this.#note);
  }

  readonly #note = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return;
    if (message.socket instanceof Socket) this.#sockets.push(message.socket);
  };
}

function isOtherEnd(socket: Socket, other: Socket): boolean {
  return socket.remotePort !== undefined && other.localPort === socket.remotePort && other.remotePort === socket.localPort;
}

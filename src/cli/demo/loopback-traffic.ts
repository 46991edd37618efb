import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

const CHANNELS = ['net.client.socket', 'net.server.socket'] as const;

/**
 * Watches the connections that this process opens to itself from now on. Both ends of each are here, so it is known whether
 * what was written has been read. Close it when done.
 */
export class LoopbackTraffic {
  /** With the other end of each, once that is known. */
  readonly #sockets = new Map<Socket, Socket | null>();

  constructor() {
    for (const channel of CHANNELS) subscribe(channel, this.#note);
  }

  /** Whether bytes are on their way, or a connection has yet to be taken at its other end. */
  isUnderWay(): boolean {
    for (const [socket, other] of this.#sockets) {
      if (socket.destroyed) this.#sockets.delete(socket);
      else if ((other ?? this.#otherEnd(socket))?.bytesRead !== socket.bytesWritten) return true;
    }
    return false;
  }

  close(): void {
    for (const channel of CHANNELS) unsubscribe(channel, this.#note);
  }

  readonly #note = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return;
    if (message.socket instanceof Socket) this.#sockets.set(message.socket, null);
  };

  #otherEnd(socket: Socket): Socket | null {
    const { remotePort, localPort } = socket;
    if (remotePort === undefined) return null;
    for (const other of this.#sockets.keys()) {
      if (other.localPort !== remotePort || other.remotePort !== localPort) continue;
      this.#sockets.set(socket, other);
      return other;
    }
    return null;
  }
}

import type { Server } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';

import { systemClock } from '../core/clock.ts';
import type { ServerSettings } from '../core/route.ts';

/** How long clients have to take their last bytes when the server closes. */
const CLOSE_GRACE_MS = 2_000;

export interface ListeningAddress {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** Listens where the settings say. @throws Error when the address is taken or not ours */
export async function startListening(
  server: Server,
  settings: Pick<ServerSettings, 'host' | 'port'>,
  onError: (error: Error) => void,
): Promise<ListeningAddress> {
  const { host } = settings;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, host.replace(/^\[|\]$/g, ''), () => {
      server.off('error', reject);
      server.on('error', onError);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return { host, port, url: `http://${name}:${port}` };
}

/**
 * Takes no more connections, lets `endRequests` give each request under way its last word and see it
 * delivered, and closes what is left; clients that do not take their last bytes in time lose them.
 */
export async function stopListening(server: Server, endRequests: () => Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    // That of HTTP would also cut off whoever has yet to take the last bytes of an answer that is complete.
    NetServer.prototype.close.call(server, () => resolve());
  });
  const overdue = systemClock.setTimer(CLOSE_GRACE_MS, () => server.closeAllConnections());
  await endRequests();
  server.close();
  await closed;
  overdue.cancel();
}

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ServerSettings } from '../core/route.ts';

/** Connections that wait to be taken while the event loop is busy; with fewer the system resets some of them. */
const BACKLOG = 4_096;

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
    server.listen(settings.port, host.replace(/^\[|\]$/g, ''), BACKLOG, () => {
      server.off('error', reject);
      server.on('error', onError);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return { host, port, url: `http://${name}:${port}` };
}

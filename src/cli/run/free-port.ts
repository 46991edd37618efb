import { createServer } from 'node:net';

const MAX_TRIES = 50;

/** Whether a port can be listened on, and if not, why. */
export type PortState = { readonly free: true } | { readonly free: false; readonly code: string };

/** Tries the port by listening on it for a moment. Port 0 is always free: the system chooses. */
export function tryPort(host: string, port: number): Promise<PortState> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ free: false, code: error.code ?? error.message }));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve({ free: true })));
  });
}

/** The next free port above `port`; `null` when there is none near. */
export async function nextFreePort(host: string, port: number): Promise<number | null> {
  for (let candidate = port + 1; candidate <= Math.min(port + MAX_TRIES, 65_535); candidate++) {
    const state = await tryPort(host, candidate);
    if (state.free) return candidate;
  }
  return null;
}

/** Why a port cannot be listened on, for a sentence that begins with the port. */
export function portReason(code: string): string {
  if (code === 'EADDRINUSE') return 'is in use by another program';
  if (code === 'EACCES') return 'needs more rights than this process has';
  if (code === 'EADDRNOTAVAIL') return 'is on an address this machine does not have';
  return `cannot be listened on (${code})`;
}

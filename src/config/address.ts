import { isIP } from 'node:net';

import { bareHost } from '../core/loopback.ts';
import { isPrivateAddress } from '../core/private-network.ts';

const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa)$/i;

/** Whether the host of a URL is on this machine or a private network, as far as its name tells. */
export function isPrivateHost(hostname: string): boolean {
  const host = bareHost(hostname);
  if (isIP(host) === 0) return PRIVATE_NAME.test(host) || !host.includes('.');
  return isPrivateAddress(host);
}

/** Host and port of `127.0.0.1:4141` or `[::1]:4141`; `null` when the text is neither. */
export function parseListen(text: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) return null;
  if (match?.[1] !== undefined && isIP(host) !== 6) return null;
  return { host, port };
}

import { isIP } from 'node:net';

/** Whether only programs of this machine can reach an address bound to this host. */
export function isLoopbackHost(hostname: string): boolean {
  const host = bareHost(hostname);
  if (host.toLowerCase() === 'localhost') return true;
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Without the brackets of an IPv6 address and the dot at the end of a full name. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

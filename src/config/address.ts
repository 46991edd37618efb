import { BlockList, isIP } from 'node:net';

/** Networks that are not the public internet (RFC 1918, 3927, 4193, 4291, 6598, and this host). */
const PRIVATE_NETWORKS = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
] as const;

const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa)$/i;

/** Whether the host of a URL is on this machine or a private network, as far as its name tells. */
export function isPrivateHost(hostname: string): boolean {
  const host = bareHost(hostname);
  const version = isIP(host);
  if (version === 0) return PRIVATE_NAME.test(host) || !host.includes('.');
  const networks = new BlockList();
  for (const [network, prefix, family] of PRIVATE_NETWORKS) networks.addSubnet(network, prefix, family);
  return networks.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** Whether only programs of this machine can reach an address bound to this host. */
export function isLoopbackHost(hostname: string): boolean {
  const host = bareHost(hostname);
  if (host.toLowerCase() === 'localhost') return true;
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
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

/** Without the brackets of an IPv6 address and the dot at the end of a full name. */
function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

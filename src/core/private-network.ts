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

/** Whether an IP address, without brackets, is of this machine or of a private network; `false` for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const networks = new BlockList();
  for (const [network, prefix, family] of PRIVATE_NETWORKS) networks.addSubnet(network, prefix, family);
  return networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

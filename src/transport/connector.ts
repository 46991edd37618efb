import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction, type OnReadOpts, type Socket } from 'node:net';

import { buildConnector, errors } from 'undici';

import { isPrivateAddress } from '../core/private-network.ts';
import type { NameResolver } from './name-resolver.ts';
import type { Watchdog } from './watchdog.ts';

/** What connections are opened with. */
export interface ConnectorParts {
  readonly resolver: NameResolver;
  readonly watchdog: Watchdog;
}

/** The terms of connections to one origin. */
export interface ConnectTerms {
  /** For resolving the name, connecting and the TLS handshake together. */
  readonly connectMs: number;
  /** Whether the upstream may be on this machine or a private network. */
  readonly allowsPrivate: boolean;
}

/** Why no connection came about, where it was us who gave up; `code` tells which. */
class ConnectError extends Error {
  readonly code: 'DNS_TIMEOUT' | 'ADDRESS_FORBIDDEN';

  constructor(code: ConnectError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Opens the sockets of one origin: by our own resolver, within our own deadline (undici's may be half a second late and
 * says nothing of names), and to public addresses only, unless the operator allowed others.
 */
export function createConnector(
  terms: ConnectTerms,
  parts: ConnectorParts,
  onread: OnReadOpts,
): buildConnector.connector {
  const { connectMs, allowsPrivate } = terms;
  const lookup = lookupBy(parts.resolver, terms);
  // Options of Node's sockets, which undici passes on.
  const options = { timeout: 0, lookup, onread };
  const connect = buildConnector(options);
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    if (!allowsPrivate && isPrivateAddress(host)) {
      callback(forbidden(host, host), null);
      return;
    }
    let isNamed = isIP(host) !== 0;
    const deadline = parts.watchdog.prepare(() => socket.destroy(tooLate(isNamed, host, connectMs)));
    // undici gives back the socket it has begun to open, which its types do not say either.
    const socket = connect(target, (...outcome: Parameters<buildConnector.Callback>) => {
      deadline.stop();
      callback(...outcome);
    }) as unknown as Socket;
    socket.once('lookup', () => {
      isNamed = true;
    });
    deadline.extend(connectMs);
  };
}

/** What Node asks for the addresses of a name. */
function lookupBy(resolver: NameResolver, terms: ConnectTerms): LookupFunction {
  const answer = async (...[hostname, options, reply]: Parameters<LookupFunction>): Promise<void> => {
    let addresses: readonly LookupAddress[];
    try {
      addresses = await addressesOf(hostname, resolver, terms);
    } catch (error) {
      reply(error as NodeJS.ErrnoException, '');
      return;
    }
    if (options.all === true) reply(null, [...addresses]);
    else reply(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
  return (...question) => void answer(...question);
}

async function addressesOf(
  hostname: string,
  resolver: NameResolver,
  { connectMs, allowsPrivate }: ConnectTerms,
): Promise<readonly LookupAddress[]> {
  // Half of the time is left for connecting to an address that may be an old one.
  const addresses = await resolver.resolve(hostname, connectMs / 2);
  const hidden = allowsPrivate ? undefined : addresses.find(({ address }) => isPrivateAddress(address));
  if (hidden !== undefined) throw forbidden(hostname, hidden.address);
  return addresses;
}

function forbidden(hostname: string, address: string): ConnectError {
  return new ConnectError('ADDRESS_FORBIDDEN', `${hostname} is at ${address}, which is not a public address`);
}

function tooLate(isNamed: boolean, host: string, connectMs: number): Error {
  return isNamed
    ? new errors.ConnectTimeoutError(`no connection to ${host} within ${connectMs} ms`)
    : new ConnectError('DNS_TIMEOUT', `no address of ${host} within ${connectMs} ms`);
}

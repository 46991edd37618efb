import type { IncomingMessage } from 'node:http';

import { GatewayError } from '../core/errors.ts';

const MAX_HEADERS = 100;
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Path characters that could mean one thing here and another elsewhere: escapes, dots between slashes, parameters. */
const AMBIGUOUS_PATH = /\/\/|\/\.{1,2}(\/|$)|%(2e|2f|5c|00)|[;\\]/i;
/** SDKs escape the slash of `provider/model` when they look a model up: the one escape that is taken. */
const MODEL_PATH = /^((?:\/anthropic|\/gemini)?\/v1(?:beta)?\/models)\/([\w.:-]+)%2F([\w.:-]+)$/i;

/** The path of a request, checked, and its query as it came. */
export interface RequestTarget {
  readonly path: string;
  /** Without its question mark; empty when there is none. */
  readonly query: string;
}

/**
 * What every request must keep before anything of it is believed: a bounded number of headers (Node
 * would drop the rest silently), a plain path, and, against web pages that reach for a local port,
 * a known Host and no foreign Origin. Health checks come by address, so they are exempt from the last.
 * @throws GatewayError
 */
export function checkFrontDoor(request: IncomingMessage, hosts: readonly string[]): RequestTarget {
  if (request.rawHeaders.length > MAX_HEADERS * 2) {
    throw new GatewayError('too_many_headers', `the request has more than ${MAX_HEADERS} headers`);
  }
  const target = parseTarget(request.url ?? '');
  if (target.path === '/healthz' || target.path === '/readyz') return target;
  const host = checkHost(request, hosts);
  checkOrigin(request, host);
  return target;
}

function parseTarget(url: string): RequestTarget {
  const question = url.indexOf('?');
  const path = (question < 0 ? url : url.slice(0, question)).replace(MODEL_PATH, '$1/$2/$3');
  if (!path.startsWith('/') || AMBIGUOUS_PATH.test(path)) {
    throw new GatewayError(
      'bad_path',
      'the path is not one this gateway takes: write it plainly, without escapes or dots',
    );
  }
  return { path, query: question < 0 ? '' : url.slice(question + 1) };
}

const HOST_LENGTH = 'host'.length;

function checkHost(request: IncomingMessage, hosts: readonly string[]): string {
  let host: string | null = null;
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const header = request.rawHeaders[at] ?? '';
    if (header.length !== HOST_LENGTH || header.toLowerCase() !== 'host') continue;
    if (host !== null) throw new GatewayError('bad_host', 'the request has two Host headers');
    host = request.rawHeaders[at + 1] ?? '';
  }
  if (host === null) throw new GatewayError('bad_host', 'the request has no Host header');
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (!LOOPBACK_NAMES.has(name) && !hosts.includes(name)) {
    throw new GatewayError(
      'host_not_allowed',
      'the Host of the request is neither loopback nor listed in `server.hosts`',
    );
  }
  return host.toLowerCase();
}

function checkOrigin(request: IncomingMessage, host: string): void {
  const { origin } = request.headers;
  const foreign =
    origin !== undefined && origin.toLowerCase() !== `http://${host}` && origin.toLowerCase() !== `https://${host}`;
  if (foreign || request.headers['sec-fetch-site'] === 'cross-site') {
    throw new GatewayError('origin_not_allowed', 'requests from other web pages are refused');
  }
}

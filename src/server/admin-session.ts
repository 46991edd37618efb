import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { GatewayError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';

const COOKIE = 'candor_admin';

/** The cookie that lets the pages of a development gateway use its admin API. */
export function sessionCookie(token: Secret): string {
  return `${COOKIE}=${token.reveal()}; Path=/; HttpOnly; SameSite=Strict`;
}

/**
 * Lets a request through that holds the admin token, as a bearer token or, from our own pages, as
 * the cookie; a change by cookie must also come from our own origin.
 * @throws GatewayError `invalid_api_key`, `origin_not_allowed`
 */
export function requireAdmin(request: IncomingMessage, token: Secret): void {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined && isToken(bearer, token)) return;
  const cookie = cookieValue(request.headers.cookie ?? '');
  if (cookie === null || !isToken(cookie, token)) {
    throw new GatewayError('invalid_api_key', 'the admin API takes the token of `run.json`', {
      fix: 'Send `Authorization: Bearer` with the `admin_token` that `.candor/run.json` holds.',
    });
  }
  if (request.method !== 'GET' && request.headers.origin === undefined) {
    throw new GatewayError('origin_not_allowed', 'a change with the cookie must come from a page of this gateway');
  }
}

function cookieValue(header: string): string | null {
  for (const pair of header.split(';')) {
    const [name, value] = pair.trim().split('=');
    if (name === COOKIE && value !== undefined) return value;
  }
  return null;
}

function isToken(given: string, token: Secret): boolean {
  const expected = Buffer.from(token.reveal());
  const offered = Buffer.from(given);
  return offered.length === expected.length && timingSafeEqual(offered, expected);
}

import { expect, test } from 'vitest';

import { failureOfError, isOwnFault } from './failures.ts';

const error = (code: string): Error => Object.assign(new Error('the socket'), { code });

test.each([
  ['ECONNREFUSED', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect_timeout'],
  ['ETIMEDOUT', 'connect_timeout'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
  ['UND_ERR_HEADERS_OVERFLOW', 'headers'],
  ['ECONNRESET', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['SOMETHING_NEW', 'reset'],
])('%s before an answer is %s', (code, kind) => {
  const failed = failureOfError(error(code), 'asked');
  expect(failed.kind).toBe(kind);
  expect(failed.message).toContain(code);
});

test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'])(
  '%s in the middle of one is a truncated answer',
  (code) => {
    expect(failureOfError(error(code), 'answered').kind).toBe('truncated');
  },
);

test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE', 'SOMETHING_NEW'])(
  '%s on a socket that had been idle is that of a closed one',
  (code) => {
    expect(failureOfError(error(code), 'reused').kind).toBe('stale_socket');
  },
);

test.each([
  ['UND_ERR_HEADERS_OVERFLOW', 'headers'],
  ['ECONNREFUSED', 'unreachable'],
])('%s says more than that the socket was closed', (code, kind) => {
  expect(failureOfError(error(code), 'reused').kind).toBe(kind);
});

test('bytes that are no HTTP are a fault of the protocol, whenever they come', () => {
  const parser = Object.assign(new Error('Response does not match the HTTP/1.1 protocol'), { name: 'HTTPParserError' });
  expect(failureOfError(parser, 'asked').kind).toBe('protocol');
  expect(failureOfError(parser, 'answered').kind).toBe('protocol');
});

test('an error that is not known is a lost connection, and nothing is claimed about the upstream', () => {
  for (const unknown of [new Error('odd'), error('SOMETHING_NEW')]) {
    const failed = failureOfError(unknown, 'asked');
    expect(failed.kind).toBe('reset');
    expect(failed.message).toMatch(/^the connection failed before the upstream answered \((Error|SOMETHING_NEW)\)$/);
  }
  expect(failureOfError(error('ECONNRESET'), 'asked').message).toMatch(/^the upstream closed the connection/);
});

test.each(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED'])('%s is our own end, not the upstream’s', (code) => {
  for (const stage of ['asked', 'reused', 'answered'] as const) {
    expect(failureOfError(error(code), stage)).toMatchObject({
      kind: 'shutting_down',
      message: expect.stringMatching(/^the gateway is ending/) as string,
    });
  }
});

test('a request that cannot be sent is our own fault', () => {
  expect(isOwnFault(error('UND_ERR_INVALID_ARG'))).toBe(true);
  expect(isOwnFault(error('ECONNRESET'))).toBe(false);
  expect(isOwnFault(new Error('odd'))).toBe(false);
});

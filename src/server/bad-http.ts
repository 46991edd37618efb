import type { Duplex } from 'node:stream';

import { GatewayError, type ErrorCode } from '../core/errors.ts';

/** What Node's parser and timers report of a connection that never became a request. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'request_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers a connection that sent no valid HTTP, and closes it: nothing after such bytes can be trusted. */
export function refuseBadHttp(problem: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || problem.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code = CODES[problem.code ?? ''] ?? 'bad_http';
  refuse(
    socket,
    new GatewayError(code, `the request is not one this gateway can read (${problem.code ?? problem.name})`),
  );
}

/** Answers a wish for another protocol (WebSocket, HTTP/2), which no endpoint has. */
export function refuseUpgrade(socket: Duplex): void {
  refuse(socket, new GatewayError('upgrade_not_supported', 'this gateway speaks HTTP/1.1 only'));
}

function refuse(socket: Duplex, error: GatewayError): void {
  const body = JSON.stringify({
    error: { message: error.message, type: error.type, param: null, code: error.code, candor: { fix: error.fix } },
  });
  const head = [
    `HTTP/1.1 ${error.status} ${error.code}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-should-retry: false',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

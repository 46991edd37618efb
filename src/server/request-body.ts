import type { IncomingMessage } from 'node:http';

import { GatewayError } from '../core/errors.ts';
import type { Holding } from '../pipeline/held-bytes.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const RETRY_AFTER_MS = 1_000;

/**
 * Reads a JSON request's body, which is counted in as it comes. @param maxBytes 32 MiB when left out
 * @throws GatewayError `unsupported_media_type`, `request_too_large`, `overloaded`, `client_closed`
 */
export async function readJsonBytes(
  request: IncomingMessage,
  held: Holding,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<Buffer> {
  checkContentType(request);
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  return await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let ended = false;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      const refused = bytes > maxBytes ? tooLarge(maxBytes) : held.add(chunk.length) ? null : noRoom();
      if (refused === null) return;
      request.pause();
      request.removeAllListeners('data');
      // What has come of it must not wait for the connection to close.
      chunks.length = 0;
      reject(refused);
    });
    request.on('end', () => {
      ended = true;
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    // Every request closes at last; only one that has not ended before was left by its client.
    const onGone = (cause?: Error): void => {
      if (ended) return;
      reject(
        new GatewayError('client_closed', 'the client closed the connection while sending its request', { cause }),
      );
    };
    request.on('close', onGone);
    request.on('error', onGone);
  });
}

function checkContentType(request: IncomingMessage): void {
  const type = (request.headers['content-type'] ?? '').toLowerCase();
  const [media, ...parameters] = type.split(';').map((part) => part.trim());
  if (media !== 'application/json') {
    throw new GatewayError('unsupported_media_type', 'the body must be JSON: send `content-type: application/json`');
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new GatewayError('unsupported_media_type', 'the body must be UTF-8');
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new GatewayError('unsupported_media_type', 'compressed bodies are not built yet: send it uncompressed');
  }
}

function noRoom(): GatewayError {
  return new GatewayError('overloaded', 'the gateway holds as much of requests and answers as it may: try again soon', {
    retryAfterMs: RETRY_AFTER_MS,
    headers: { connection: 'close' },
  });
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('request_too_large', `the body is larger than ${maxBytes} bytes`, {
    ...(maxBytes === MAX_BODY_BYTES ? {} : { fix: `Send less at once; the limit here is ${maxBytes / 1024} KiB.` }),
    headers: { connection: 'close' },
  });
}

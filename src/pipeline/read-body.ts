import { failure, isFailure, type Failure } from '../core/failure.ts';
import type { CallResponse, OpenCall } from '../transport/send.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptContext } from './attempt-context.ts';
import { SilenceLimit } from './silence-limit.ts';

/** Space, tab, line feed, carriage return: all that may stand before JSON. */
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Reads a whole body into the attempt. Some vendors send blank lines while a request waits its turn:
 * these keep the connection, but the body has not begun, and it must within the limit on the first byte.
 */
export async function readBody(
  attempt: Attempt,
  call: OpenCall,
  response: CallResponse,
  context: AttemptContext,
  maxBytes: number,
): Promise<Buffer | Failure> {
  const { steps, timeouts } = context;
  const { exchange } = context.generation;
  const beginMs = exchange.request.stream ? timeouts.firstByteMs : timeouts.firstByteUnstreamedMs;
  const silence = new SilenceLimit(call, timeouts.idleMs, response.headersAt, steps);
  const begin = steps.transport.watch(beginMs, () =>
    call.abort(failure('first_byte_timeout', `the upstream sent nothing but blank lines for ${beginMs} ms`)),
  );
  let hasBegun = false;
  try {
    for (;;) {
      const chunk = await response.next();
      if (isFailure(chunk)) return chunk;
      if (chunk === null) return attempt.received.bytes;
      silence.heard(steps.clock.now());
      if (!hasBegun && !isBlank(chunk)) {
        hasBegun = true;
        begin.stop();
      }
      attempt.received.append(chunk);
      exchange.held.add(chunk.length);
      if (attempt.received.length > maxBytes) return failure('overrun', `the answer is larger than ${maxBytes} bytes`);
    }
  } finally {
    silence.stop();
    begin.stop();
  }
}

function isBlank(chunk: Buffer): boolean {
  return chunk.every((byte) => BLANKS.has(byte));
}

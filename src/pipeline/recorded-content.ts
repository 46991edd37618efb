import type { GenerationContent } from '../ledger/ledger.ts';
import type { Generation } from './generation.ts';
import { quotedEvidence } from './recorded-validation.ts';

/** What of a request is kept apart from its record, so that it can be erased: what people and models wrote. */
export function recordedContent({ exchange, attempts }: Generation): GenerationContent {
  return {
    request: exchange.request.original.bytes,
    attempts: attempts.map(({ encoded, received, validation }) => ({
      sent: encoded.body,
      ...quotedEvidence(validation),
      received: received.length === 0 ? [] : [received.bytes],
      ...(received.written === null ? {} : { receivedBefore: received.written }),
    })),
  };
}

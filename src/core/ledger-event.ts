import type { JsonObject } from './json.ts';

/** What the ledger keeps beside generations: what people said of an answer, and what was concluded from evidence. */
export const LEDGER_EVENT_KINDS = ['outcome', 'certificate', 'pair'] as const;

export type LedgerEventKind = (typeof LEDGER_EVENT_KINDS)[number];

/** One fact that was added to the ledger. It holds no text that people or models wrote. */
export interface LedgerEvent {
  /** `out_…`, `cert_…`, `pair_…`: time-ordered, once for each event. */
  readonly id: string;
  readonly object: LedgerEventKind;
  /** ISO 8601. */
  readonly created_at: string;
  /** Of a certificate, `expires_at` (ISO 8601) ends the time for which retention keeps it; without one it is kept for ever. */
  readonly body: JsonObject;
}

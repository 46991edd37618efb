import { createHash } from 'node:crypto';

import type { MessageAdjustments } from '../message-adjustments.ts';

const WIRE_ID = /^[a-zA-Z0-9_-]+$/;
const DIGITS = 24;

/** The vendor takes letters, digits, dash and underscore; another vendor's id gives way to a hash of it. */
export function wireId(id: string): string {
  return WIRE_ID.test(id) ? id : `id_${createHash('sha256').update(id).digest('hex').slice(0, DIGITS)}`;
}

/** Notes an id that gives way. */
export function noteRenamedId(param: string, id: string, adjustments: MessageAdjustments): void {
  const sent = wireId(id);
  if (sent === id) return;
  adjustments.rename(param, id, sent, 'this vendor takes no such characters in ids');
}

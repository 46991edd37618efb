import { join } from 'node:path';

import { stringMember } from '../../../src/core/json.ts';
import { readSegment } from '../../../src/ledger/journal/journal-reader.ts';
import { decodePayload } from '../../../src/ledger/journal/payload.ts';
import { listSegments } from '../../../src/ledger/journal/segment-listing.ts';

/** How many final records a ledger's journal has of each generation, by its id. */
export function finalRecords(store: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const journal = join(store, 'journal');
  for (const { name } of listSegments(journal)) {
    for (const { payload } of readSegment(join(journal, name), { from: null, upTo: null, checkChain: true })) {
      const read = decodePayload(payload.toString('utf8'));
      if (read?.type !== 'final') continue;
      const id = stringMember(read.record, 'id') ?? '';
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return counts;
}

import { readChainEnd, segmentBegunAtMs, type SegmentSummary, summarizeSegment } from './journal/chain-reader.ts';
import type { RecordStore } from './store/record-store.ts';
import { listSegments } from './journal/segment-listing.ts';
import type { UpkeepReply, UpkeepRequest } from './store/store-protocol.ts';
import { takeOver } from './store/take-over.ts';

/** Does what the folder needs beside shipping and looking up, on the store's thread. @throws Error from the store or the file system */
export function keepUp(store: RecordStore, journal: string, request: UpkeepRequest): UpkeepReply {
  switch (request.type) {
    case 'recover':
      return recover(store, journal, request);
    case 'summarize':
      return { type: 'summarized', call: request.call, summary: summarize(store, journal, request) };
    case 'drop':
      for (const segment of request.segments) store.drop(segment);
      return { type: 'dropped', call: request.call };
  }
}

function recover(
  store: RecordStore,
  journal: string,
  { call, writer, from }: UpkeepRequest & { readonly type: 'recover' },
): UpkeepReply {
  const segments = listSegments(journal).filter((segment) => segment.writer === writer);
  for (const { name } of segments) takeOver(store, journal, name, null);
  const unfinished = store.unfinished().filter((row) => row.writer === writer);
  return { type: 'recovered', call, chain: readChainEnd(journal, writer, from), unfinished };
}

function summarize(
  store: RecordStore,
  journal: string,
  { segment, untilMs, nowMs }: UpkeepRequest & { readonly type: 'summarize' },
): SegmentSummary | null {
  const begunAtMs = segmentBegunAtMs(journal, segment);
  if (begunAtMs === null || begunAtMs >= untilMs) return null;
  takeOver(store, journal, segment, null);
  const summary = summarizeSegment(journal, segment, nowMs);
  return summary === null || summary.newestMs >= untilMs ? null : summary;
}

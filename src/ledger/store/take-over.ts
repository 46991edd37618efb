import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readSegment, type SegmentEnd, type SegmentFrame } from '../journal/journal-reader.ts';
import { isMissingFile } from '../journal/missing-file.ts';
import { decodePayload } from '../journal/payload.ts';
import type { EventFrame, RecordFrame, RecordStore } from './record-store.ts';
import { segmentWriter } from '../journal/segment-files.ts';
import { listSegments } from '../journal/segment-listing.ts';

/** Records per transaction: enough to share its price, few enough to hold no one up. */
const RECORDS_PER_TRANSACTION = 256;

/**
 * Takes the frames of a segment over into the store, from where it got to before.
 * @param upTo bytes of the file to look at; `null`: all there are
 * @returns how the reading ended
 * @throws Error from the store or the file system
 */
export function takeOver(store: RecordStore, journal: string, segment: string, upTo: number | null): SegmentEnd {
  const path = join(journal, basename(segment));
  const writer = segmentWriter(segment);
  const frames = readSegment(path, { from: store.shippedTo(segment), upTo, checkChain: false });
  let intents: RecordFrame[] = [];
  let finals: RecordFrame[] = [];
  let events: EventFrame[] = [];
  let last: SegmentFrame | null = null;
  for (;;) {
    const step = frames.next();
    const full = Math.max(finals.length, intents.length, events.length) >= RECORDS_PER_TRANSACTION;
    if (last !== null && (full || step.done === true)) {
      store.take(segment, { intents, finals, events }, last.next);
      intents = [];
      finals = [];
      events = [];
    }
    if (step.done === true) return step.value;
    last = step.value;
    const payload = decodePayload(last.payload.toString());
    if (payload?.type === 'final') finals.push({ writer, frame: last, record: payload.record });
    else if (payload?.type === 'intent') intents.push({ writer, frame: last, record: payload.intent });
    else if (payload?.type === 'event') events.push({ writer, frame: last, event: payload.event });
  }
}

/** Keeps the store level with what other writers of the folder write and delete. */
export class OtherWriters {
  readonly #store: RecordStore;
  readonly #journal: string;
  readonly #writer: string;
  /** How large each segment was when it was last taken over to its end. */
  readonly #sizes = new Map<string, number>();

  /** @param writer whose segments are left alone: it says itself how far they were written */
  constructor(store: RecordStore, journal: string, writer: string) {
    this.#store = store;
    this.#journal = journal;
    this.#writer = writer;
  }

  /**
   * Takes over what other writers have written whole since the last time, and forgets what is deleted.
   * Only looks at the sizes of files that have not grown.
   * @returns whether there was anything new, and a sentence for each damaged segment that had grown
   * @throws Error from the store or the file system
   */
  catchUp(): { readonly changed: boolean; readonly warnings: readonly string[] } {
    const warnings: string[] = [];
    let changed = false;
    const listed = listSegments(this.#journal);
    for (const { name, writer, bytes } of listed) {
      if (writer === this.#writer || this.#sizes.get(name) === bytes) continue;
      const end = this.#takeOver(name, bytes);
      this.#sizes.set(name, bytes);
      changed = true;
      // What is torn is a write under way, or what a crash left of one.
      if (end?.kind === 'damaged') {
        warnings.push(
          `the journal ${name} is damaged at byte ${end.offset} (${end.damage}): records after it are not listed; \`candor verify\` says more`,
        );
      }
    }
    const present = new Set(listed.map(({ name }) => name));
    for (const name of this.#store.segments()) {
      // One that another process has begun since they were listed is there, too.
      if (!present.has(name) && !existsSync(join(this.#journal, name))) this.#store.drop(name);
    }
    return { changed, warnings };
  }

  /** @returns `null` when the file was deleted since it was listed */
  #takeOver(segment: string, bytes: number): SegmentEnd | null {
    try {
      return takeOver(this.#store, this.#journal, segment, bytes);
    } catch (error) {
      if (isMissingFile(error)) return null;
      throw error;
    }
  }
}

import { join } from 'node:path';
import { type JsonObject, stringMember } from '../core/json.ts';
import { CHECKPOINTS_FILE } from './checkpoints/checkpoint-log.ts';
import { ContentChecker } from './verify/content-checker.ts';
import { eventPlace } from './store/event-query.ts';
import { generationFacts } from './store/generation-query.ts';
import { finishedView } from './generation-view.ts';
import { readSegment, type SegmentFrame } from './journal/journal-reader.ts';
import { encodeKeptKey } from './checkpoints/kept-checkpoints.ts';
import { type ContentKey, readContentKey } from './keyring.ts';
import { nextUnlessMissing } from './journal/missing-file.ts';
import { decodePayload, type Payload } from './journal/payload.ts';
import { readPublicKeys } from './checkpoints/public-keys.ts';
import { listSegments } from './journal/segment-listing.ts';
import { readLines } from './journal/text-lines.ts';

export interface ExportOptions {
  /** Only what began at this time or later, in milliseconds since the Unix epoch. */
  readonly sinceMs: number | null;
  /** Only what began before this time. */
  readonly untilMs: number | null;
  /** Whether prompts and answers are wanted. */
  readonly bodies: boolean;
  /** Whether the outcomes, certificates and pairs are wanted, instead of the records. */
  readonly events: boolean;
}

/** What was not among the records. */
export interface ExportRemainder {
  /** Events of that time that were left out because records are wanted. */
  readonly events: number;
  /** Requests of that time that have begun and have no final record. */
  readonly unfinished: number;
  /** A sentence for each segment that could not be read to its end. */
  readonly problems: readonly string[];
}

/**
 * The final records in a state folder, or its events, straight from the journal: writer by writer in the order they
 * last wrote, and each writer's in its order. Reads only, and may run beside a gateway.
 * @throws Error when bodies are wanted and there is no key to decrypt them with, or the system's error
 */
export function exportRecords(directory: string, options: ExportOptions): Generator<JsonObject, ExportRemainder> {
  return new RecordExport(directory, options).records();
}

/** The public keys and the checkpoints of a state folder, as lines to be kept elsewhere. @throws the system's error */
export function* exportCheckpoints(directory: string): Generator<string> {
  for (const [id, key] of readPublicKeys(directory)) yield encodeKeptKey(id, key);
  for (const { text } of readLines(join(directory, 'journal', CHECKPOINTS_FILE), 0)) yield text;
}

class RecordExport {
  readonly #journal: string;
  readonly #options: ExportOptions;
  readonly #content: ContentChecker | null;
  readonly #unfinished = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #problems: string[] = [];
  #events = 0;

  constructor(directory: string, options: ExportOptions) {
    this.#journal = join(directory, 'journal');
    this.#options = options;
    this.#content = options.bodies ? new ContentChecker(join(directory, 'content'), contentKey(directory)) : null;
  }

  *records(): Generator<JsonObject, ExportRemainder> {
    try {
      for (const { name, writer } of listSegments(this.#journal)) yield* this.#segment(name, writer);
    } finally {
      this.#content?.close();
    }
    for (const id of this.#answered) this.#unfinished.delete(id);
    return { events: this.#events, unfinished: this.#unfinished.size, problems: this.#problems };
  }

  *#segment(name: string, writer: string): Generator<JsonObject, void> {
    const frames = readSegment(join(this.#journal, name), { from: null, upTo: null, checkChain: false });
    for (;;) {
      const step = nextUnlessMissing(frames);
      // What retention deletes meanwhile is as if it had been deleted before.
      if (step === null) return;
      if (step.done !== true) {
        const payload = decodePayload(step.value.payload.toString());
        if (payload !== null && this.#isWanted(payload)) yield* this.#take(payload, writer, step.value);
        continue;
      }
      if (step.value.kind === 'damaged') {
        this.#problems.push(`${name} is damaged at byte ${step.value.offset}: what comes after it there is missing`);
      }
      return;
    }
  }

  *#take(payload: Payload, writer: string, frame: SegmentFrame): Generator<JsonObject, void> {
    const { events } = this.#options;
    if (payload.type === 'event') {
      if (events) yield { ...payload.event, chain: chainOf(writer, frame) };
      else this.#events++;
      return;
    }
    if (events) return;
    if (payload.type === 'intent') {
      this.#unfinished.add(stringMember(payload.intent, 'id') ?? '');
      return;
    }
    const id = stringMember(payload.record, 'id') ?? '';
    // The final record of an interrupted one may lie in a segment that is read before its intent's.
    if (payload.begun !== null) this.#answered.add(id);
    this.#unfinished.delete(id);
    yield this.#view(payload, writer, frame);
  }

  #isWanted(payload: Payload): boolean {
    const { sinceMs, untilMs } = this.#options;
    const { createdMs } = payload.type === 'event' ? eventPlace(payload.event) : generationFacts(recordIn(payload));
    return (sinceMs === null || createdMs >= sinceMs) && (untilMs === null || createdMs < untilMs);
  }

  #view({ record, content }: Payload & { readonly type: 'final' }, writer: string, frame: SegmentFrame): JsonObject {
    const chain = chainOf(writer, frame);
    if (content === null) return finishedView(record, chain, 'not_kept', null);
    if (this.#content === null) return finishedView(record, chain, 'kept', null);
    const found = this.#content.check(content);
    if (found.state === 'kept') return finishedView(record, chain, 'kept', found.bodies);
    return finishedView(record, chain, found.state === 'erased' ? 'erased' : 'lost', null);
  }
}

function recordIn(payload: Exclude<Payload, { readonly type: 'event' }>): JsonObject {
  return payload.type === 'intent' ? payload.intent : payload.record;
}

function chainOf(
  writer: string,
  { seq, previous, hash }: SegmentFrame,
): { readonly writer: string; readonly seq: number; readonly prev: string; readonly hash: string } {
  return { writer, seq, prev: previous.toString('hex'), hash: hash.toString('hex') };
}

function contentKey(directory: string): ContentKey {
  const key = readContentKey(join(directory, 'keyring'));
  if (key === null) {
    throw new Error('there is no keyring/content.key: put it back, or export without --bodies');
  }
  return key;
}

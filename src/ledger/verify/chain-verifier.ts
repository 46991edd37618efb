import { stringMember } from '../../core/json.ts';
import { LEDGER_EVENT_KINDS } from '../../core/ledger-event.ts';
import { type ChainStep, walkChain } from './chain-walk.ts';
import type { BookLine } from './checkpoint-book.ts';
import { checkpointHash, decodeStatement, type Statement } from '../checkpoints/checkpoint-format.ts';
import type { SegmentFrame } from '../journal/journal-reader.ts';
import { type ContentPointer, decodePayload, type Payload } from '../journal/payload.ts';
import type { ListedSegment } from '../journal/segment-listing.ts';
import type { Problems, WriterState } from './verification.ts';

/** Where a frame lies. */
export interface FramePlace {
  readonly writer: string;
  readonly segment: string;
  readonly offset: number;
  readonly seq: number;
}

/** A final record that answers an intent of some chain. */
export interface Answer extends FramePlace {
  readonly id: string;
  readonly begun: { readonly writer: string; readonly seq: number; readonly hash: string };
}

export interface ChainVerifierOptions {
  readonly journal: string;
  readonly writer: string;
  /** What was signed about the chain, as far as is known now. */
  readonly lines: () => readonly BookLine[];
  readonly problems: Problems;
  readonly onContent: (pointer: ContentPointer, place: FramePlace) => void;
  readonly onAnswer: (answer: Answer) => void;
}

/** What was learned of a chain. */
export interface VerifiedChain {
  readonly writer: string;
  readonly state: WriterState;
  /** Number of the first frame that is there; `null`: there is none. */
  readonly firstSeq: number | null;
  /** Number of its last frame; 0: there is none. */
  readonly seq: number;
  /** Chain hash of that frame, without one that of the first header, hexadecimal; `null`: there is no header. */
  readonly head: string | null;
  readonly frames: number;
  /** Final records among them. */
  readonly records: number;
  /** Events of a known kind among them. */
  readonly events: number;
  /** Intents, final records and events after the last checkpoint that holds. */
  readonly unprotected: number;
  /** Frames of a type, or events of a kind, that is not known. */
  readonly unknownFrames: number;
  readonly isTorn: boolean;
  /** Whether a stretch of it could not be read. */
  readonly isBroken: boolean;
  /** The last checkpoint that holds. */
  readonly lastHeld: Statement | null;
  /** The last checkpoint by which segments were deleted. */
  readonly retired: Statement | null;
  /** The checkpoints that stand in the chain, in its order. */
  readonly checkpoints: readonly (FramePlace & { readonly hash: string })[];
  /** Its intents without a final record in this chain, by the id of their generation. */
  readonly unanswered: ReadonlyMap<string, { readonly seq: number; readonly hash: string }>;
}

/** Checks the chain of one writer, by itself and against what was signed about it, and learns what it holds. */
export class ChainVerifier implements VerifiedChain {
  readonly writer: string;
  readonly #options: ChainVerifierOptions;
  /** What is still to be met, by frame. */
  readonly #due: readonly BookLine[];
  #nextDue = 0;
  /** The final records so far; `null`: unknown, since frames before are gone. */
  #count: number | null = 0;
  #isForged = false;
  #hasFramesAfterEnd = false;
  #place: FramePlace;
  /** The checkpoint after which nothing may come. */
  readonly #ending: BookLine | null;

  readonly unanswered = new Map<string, { readonly seq: number; readonly hash: string }>();
  readonly checkpoints: (FramePlace & { readonly hash: string })[] = [];
  firstSeq: number | null = null;
  seq = 0;
  head: string | null = null;
  frames = 0;
  records = 0;
  events = 0;
  unprotected = 0;
  unknownFrames = 0;
  isTorn = false;
  isBroken = false;
  lastHeld: Statement | null = null;
  retired: Statement | null;

  constructor(options: ChainVerifierOptions) {
    this.#options = options;
    this.writer = options.writer;
    this.#place = { writer: options.writer, segment: '', offset: 0, seq: 0 };
    const old = options.lines().filter(({ isOld }) => isOld);
    this.#due = old.toSorted((a, b) => a.statement.seq - b.statement.seq);
    this.retired = this.#lastRetired();
    this.#ending = old.find(({ statement }) => statement.kind === 'closed' || statement.kind === 'found') ?? null;
  }

  get state(): WriterState {
    const kind = this.#ending?.statement.kind;
    if (kind === 'closed' || kind === 'found') return kind;
    return this.isTorn ? 'torn' : 'open';
  }

  /** Reads the chain. @param segments the writer's, by number */
  verify(segments: readonly ListedSegment[]): void {
    for (const step of walkChain(this.#options.journal, segments, this.retired)) this.#take(step);
  }

  #take(step: ChainStep): void {
    switch (step.kind) {
      case 'segment':
        this.#place = { ...this.#place, segment: step.segment, offset: 0, seq: step.firstSeq };
        if (this.frames === 0) this.head = step.hash;
        if (this.#due[this.#nextDue]?.statement.segment === step.segment) this.#meet(this.#place, 0, step.hash);
        break;
      case 'gap':
        this.#count = step.count;
        break;
      case 'frame':
        this.#takeFrame(step.segment, step.frame);
        break;
      case 'torn':
        this.isTorn = true;
        this.#place = { ...this.#place, segment: step.segment, offset: step.offset, seq: this.seq + 1 };
        break;
      case 'problem':
        this.isBroken = true;
        this.#options.problems.add({
          writer: this.writer,
          segment: step.segment,
          offset: step.offset,
          seq: step.seq,
          reason: step.reason,
        });
        break;
    }
  }

  #takeFrame(segment: string, frame: SegmentFrame): void {
    const place = { writer: this.writer, segment, offset: frame.offset, seq: frame.seq };
    const hash = frame.hash.toString('hex');
    this.firstSeq ??= frame.seq;
    this.seq = frame.seq;
    this.head = hash;
    this.frames++;
    this.isTorn = false;
    const text = frame.payload.toString();
    const payload = decodePayload(text);
    if (payload === null) this.#takeOther(text, place);
    else this.#takeRecord(payload, place, hash);
    this.#checkEnding(text, place);
    this.#meet(place, place.seq, hash);
    this.#place = { ...place, offset: frame.next.offset, seq: frame.seq + 1 };
  }

  #takeRecord(payload: Payload, place: FramePlace, hash: string): void {
    this.unprotected++;
    if (payload.type === 'event') {
      const { object } = payload.event;
      if (LEDGER_EVENT_KINDS.some((kind) => kind === object)) this.events++;
      else this.unknownFrames++;
      return;
    }
    if (payload.type === 'intent') {
      this.unanswered.set(stringMember(payload.intent, 'id') ?? '', { seq: place.seq, hash });
      return;
    }
    this.records++;
    if (this.#count !== null) this.#count++;
    const id = stringMember(payload.record, 'id') ?? '';
    if (payload.begun === null) this.unanswered.delete(id);
    else this.#options.onAnswer({ ...place, id, begun: payload.begun });
    if (payload.content !== null) this.#options.onContent(payload.content, place);
  }

  #takeOther(text: string, place: FramePlace): void {
    const statement = decodeStatement(text);
    if (statement === null) {
      this.unknownFrames++;
      return;
    }
    this.checkpoints.push({ ...place, hash: checkpointHash(text) });
    if (statement.by !== this.writer) this.#report(place, `it is a checkpoint that ${statement.by} has signed`);
    else if (statement.writer === this.writer && statement.kind !== 'retired' && statement.seq !== place.seq - 1) {
      this.#report(place, `it is a checkpoint that belongs after frame ${statement.seq}`);
    }
  }

  #checkEnding(text: string, place: FramePlace): void {
    const ending = this.#ending;
    if (ending === null || place.seq <= ending.statement.seq || this.#hasFramesAfterEnd) return;
    const isClosing = ending.statement.kind === 'closed' && place.seq === ending.statement.seq + 1;
    if (isClosing && checkpointHash(text) === ending.hash) return;
    this.#hasFramesAfterEnd = true;
    this.#report(
      place,
      `it comes after frame ${ending.statement.seq}, with which the chain ended as was signed at ${ending.statement.at}`,
    );
  }

  /** Compares what was signed about this frame; about frame 0, which is the header of the first segment. */
  #meet(place: FramePlace, seq: number, hash: string): void {
    for (;;) {
      const line = this.#due[this.#nextDue];
      if (line === undefined || line.statement.seq > seq) return;
      this.#nextDue++;
      // Of one before the first frame that is there, or in a stretch that cannot be read, nothing can be told.
      if (line.statement.seq === seq && !this.#isForged) this.#compare(line.statement, place, hash);
      if (line.statement.seq === 0 && seq === 1)
        this.#report(place, `${line.statement.segment}, which was signed, is not there`);
    }
  }

  #compare(statement: Statement, place: FramePlace, hash: string): void {
    const { head, count, at } = statement;
    if (head !== hash) {
      this.#isForged = true;
      const since = this.lastHeld === null ? 'up to here' : `after frame ${this.lastHeld.seq}`;
      this.#report(place, `it is not the frame that was signed at ${at}: what is ${since} was changed`);
      return;
    }
    if (this.#count !== null && this.#count !== count) {
      this.#report(place, `there are ${this.#count} final records up to here, and ${count} were signed at ${at}`);
    }
    this.#count = count;
    this.lastHeld = statement;
    this.unprotected = 0;
  }

  /** Judges what should have come and did not, when all is known that was deleted meanwhile. */
  conclude(): void {
    this.retired = this.#lastRetired();
    const ending = this.#ending;
    const { retired } = this;
    const missing = this.#due.slice(this.#nextDue).filter(({ statement }) => statement.seq > (retired?.seq ?? -1));
    const last = missing.at(-1)?.statement;
    // After damage at the end it is known already that frames are missing.
    if (last !== undefined && !this.isBroken) {
      const signed = last.seq === 0 ? 'its beginning was' : `frames up to ${last.seq} were`;
      this.#report(this.#place, `the chain ends here, and ${signed} signed at ${last.at}`);
    }
    if (retired !== null && this.#place.segment === '' && ending === null) {
      this.#report(this.#place, 'all its segments were deleted, and no checkpoint says that it had ended');
    }
    const isAfterEnd = ending?.statement.kind === 'closed' && this.seq > ending.statement.seq;
    if (this.isTorn && isAfterEnd) {
      this.#report(this.#place, 'bytes come after the end of the chain, which was signed');
    }
  }

  #lastRetired(): Statement | null {
    return this.#options.lines().findLast(({ statement }) => statement.kind === 'retired')?.statement ?? null;
  }

  #report({ writer, segment, offset, seq }: FramePlace, reason: string): void {
    const place = segment === '' ? { segment: null, offset: null, seq: null } : { segment, offset, seq };
    this.#options.problems.add({ writer, ...place, reason });
  }
}

import { encodeDelta } from './body-delta.ts';
import type { AppendFile, FileSystem } from '../journal/append-file.ts';
import {
  BATCH_PREFIX_BYTES,
  type BatchPlace,
  BODY_DELTA,
  BODY_END,
  BODY_PREFIX_BYTES,
  BODY_WHOLE,
  commitment,
  CONTENT_MAGIC,
  encodePieces,
  NONCE_BYTES,
  SALT_BYTES,
  sealBatch,
  segmentKey,
} from './content-format.ts';
import { GrowingBody } from './growing-body.ts';
import type { ContentKey } from '../keyring.ts';
import type { ContentPointer } from '../journal/payload.ts';
import { RandomPool } from './random-pool.ts';
import { DEFAULT_ROTATION, type Rotation, SegmentFiles } from '../journal/segment-files.ts';

/** The exact bytes of one generation. */
export interface GenerationContent {
  readonly request: Buffer;
  /** In the order of the record's attempts. */
  readonly attempts: readonly {
    readonly sent: Buffer | null;
    /** The answer in the pieces it came in; without what was written of it before. */
    readonly received: readonly Buffer[];
    /** What was written of the answer before, which comes first. */
    readonly receivedBefore?: GrowingBody;
    /** JSON: for each verdict of the attempt that has evidence, `{"verdict": its index, "evidence": […]}`. */
    readonly evidence?: Buffer;
  }[];
}

type BodyEntry = ContentPointer['bodies'][number];

/** A batch larger than this is closed and the next one begun: reading one record decrypts one batch. */
const BATCH_TARGET_BYTES = 512 * 1024;
/** No batch is larger: its length must fit four bytes, and its reader must hold it whole. */
const MAX_BATCH_BYTES = 1024 * 1024 * 1024;
/** Kept between batches; a batch with a larger record gets buffers of its own. */
const SCRATCH_BYTES = 2 * BATCH_TARGET_BYTES;

/** Writes the content store of one process: encrypted batches. */
export class ContentWriter {
  readonly #key: ContentKey;
  readonly #segments: SegmentFiles;
  readonly #random = new RandomPool();
  readonly #nonce = Buffer.alloc(NONCE_BYTES);
  readonly #plain = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  readonly #sealed = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  #segmentKey: ContentKey | null = null;
  #closed = false;

  constructor(options: {
    readonly directory: string;
    readonly writer: string;
    readonly key: ContentKey;
    readonly fileSystem: FileSystem;
    readonly wallTime: () => number;
    readonly rotation?: Rotation;
  }) {
    this.#key = options.key;
    this.#segments = new SegmentFiles({ rotation: DEFAULT_ROTATION, ...options, extension: 'dat' });
  }

  /**
   * Writes the contents in as few batches as their size allows, one write each.
   * @returns where each lies, in the same order, once write(2) has taken every byte; an error for
   * each that could not be encoded, which costs the others nothing
   * @throws the system's error; what was written of them then is pointed to by no record
   */
  append(contents: readonly GenerationContent[]): (ContentPointer | Error)[] {
    const pointers: (ContentPointer | Error)[] = [];
    while (pointers.length < contents.length) this.#appendBatch(contents, pointers);
    return pointers;
  }

  /** Begins a body that is written piece by piece, each in a batch of its own, at once. */
  beginBody(): GrowingBody {
    const salt = Buffer.alloc(SALT_BYTES);
    this.#random.fill(salt, 0, SALT_BYTES);
    return new GrowingBody(salt, (bytes) => this.#appendPiece(salt, bytes));
  }

  /** What is begun before must not be written any more. */
  close(): void {
    this.#closed = true;
    this.#segments.close();
  }

  /** Writes one batch of the contents that have no pointer yet. */
  #appendBatch(contents: readonly GenerationContent[], pointers: (ContentPointer | Error)[]): void {
    const first = pointers.length;
    const { end, capacity } = nextBatch(contents, first);
    if (capacity > MAX_BATCH_BYTES) {
      // Only a record that fills a batch alone can be so large.
      pointers.push(new RangeError(`the content takes ${capacity} bytes, more than ${MAX_BATCH_BYTES}`));
      return;
    }
    const file = this.#segment();
    const segment = this.#segments.name;
    const offset = file.length;
    const plain = capacity <= SCRATCH_BYTES ? this.#plain : Buffer.allocUnsafeSlow(capacity);
    let records = 0;
    let length = 4;
    for (let next = first; next < end; next++) {
      const content = contents[next];
      if (content === undefined) break;
      const bodies: BodyEntry[] = [];
      try {
        const recordEnd = this.#encodeRecord(plain, length + 4, content, bodies);
        plain.writeUInt32BE(recordEnd - length - 4, length);
        length = recordEnd;
        pointers.push({ segment, offset, index: records++, bodies });
      } catch (error) {
        pointers.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
    if (records === 0) return;
    plain.writeUInt32BE(records, 0);
    this.#write(file, plain.subarray(0, length));
  }

  /** Writes a batch of one record with one body, the piece. */
  #appendPiece(salt: Buffer, bytes: Buffer): BatchPlace {
    const file = this.#segment();
    const place = { segment: this.#segments.name, offset: file.length };
    const length = 8 + BODY_PREFIX_BYTES + bytes.length;
    const plain = BATCH_PREFIX_BYTES + length <= SCRATCH_BYTES ? this.#plain : Buffer.allocUnsafeSlow(length);
    plain.writeUInt32BE(1, 0);
    plain.writeUInt32BE(length - 8, 4);
    salt.copy(plain, 8 + BODY_PREFIX_BYTES - SALT_BYTES);
    bytes.copy(plain, 8 + BODY_PREFIX_BYTES);
    writePrefix(plain, 8, BODY_WHOLE, bytes.length);
    this.#write(file, plain.subarray(0, length));
    return place;
  }

  /** Encrypts a plain batch and writes it at the end of the current file. */
  #write(file: AppendFile, plain: Buffer): void {
    const place = { segment: this.#segments.name, offset: file.length };
    const key = this.#segmentKey ?? segmentKey(this.#key, place.segment);
    const capacity = BATCH_PREFIX_BYTES + plain.length;
    const sealed = capacity <= SCRATCH_BYTES ? this.#sealed : Buffer.allocUnsafeSlow(capacity);
    this.#random.fill(this.#nonce, 0, NONCE_BYTES);
    file.append(sealed.subarray(0, sealBatch(sealed, plain, key, this.#nonce, place)));
  }

  #segment(): AppendFile {
    if (this.#closed) throw new Error('the ledger is closed');
    let file = this.#segments.current;
    if (file === null) {
      file = this.#segments.next();
      this.#segmentKey = segmentKey(this.#key, this.#segments.name);
    }
    if (file.length === 0) file.append(CONTENT_MAGIC);
    return file;
  }

  #encodeRecord(target: Buffer, offset: number, content: GenerationContent, bodies: BodyEntry[]): number {
    let end = this.#encodeBody(target, offset, [content.request], null, 'request', bodies);
    let index = -1;
    for (const attempt of content.attempts) {
      index++;
      if (attempt.sent !== null) {
        end = this.#encodeBody(target, end, [attempt.sent], content.request, `attempts[${index}].sent`, bodies);
      }
      const part = `attempts[${index}].received`;
      if (attempt.receivedBefore !== undefined) {
        end = encodeEnd(target, end, attempt.receivedBefore, attempt.received, part, bodies);
      } else if (attempt.received.length > 0) {
        end = this.#encodeBody(target, end, attempt.received, null, part, bodies);
      }
      if (attempt.evidence !== undefined) {
        end = this.#encodeBody(target, end, [attempt.evidence], null, `attempts[${index}].evidence`, bodies);
      }
    }
    return end;
  }

  /** Writes one body, as a delta of `base` where that is shorter, and notes its commitment. */
  #encodeBody(
    target: Buffer,
    offset: number,
    pieces: readonly Buffer[],
    base: Buffer | null,
    part: string,
    bodies: BodyEntry[],
  ): number {
    const start = offset + BODY_PREFIX_BYTES;
    const saltStart = start - SALT_BYTES;
    this.#random.fill(target, saltStart, SALT_BYTES);
    let end = start;
    for (const piece of pieces) end += piece.copy(target, end);
    // Salt and bytes lie together only now; a delta then overwrites the bytes.
    const whole = target.subarray(saltStart, end);
    bodies.push({ part, bytes: end - start, commitment: commitment(whole), pieces: [] });
    const [only] = pieces;
    const delta = base === null || only === undefined ? null : encodeDelta(base, only);
    if (delta !== null) end = encodePieces(target, start, delta);
    writePrefix(target, offset, delta === null ? BODY_WHOLE : BODY_DELTA, end - start);
    return end;
  }
}

/** Writes the end of a body that was begun before, and notes its commitment. */
function encodeEnd(
  target: Buffer,
  offset: number,
  begun: GrowingBody,
  rest: readonly Buffer[],
  part: string,
  bodies: BodyEntry[],
): number {
  const start = offset + BODY_PREFIX_BYTES;
  begun.salt.copy(target, start - SALT_BYTES);
  let end = start;
  for (const piece of rest) end += piece.copy(target, end);
  const commitment = begun.commitmentWith(target.subarray(start, end));
  bodies.push({ part, bytes: begun.length + end - start, commitment, pieces: begun.runs });
  writePrefix(target, offset, BODY_END, end - start);
  return end;
}

/** Writes what stands before a body's salt. */
function writePrefix(target: Buffer, offset: number, form: number, length: number): void {
  target.writeUInt8(form, offset);
  target.writeUInt32BE(length, offset + 1);
}

/** Where the batch that begins with `first` ends, at the target size but never empty, and the room it takes sealed. */
function nextBatch(
  contents: readonly GenerationContent[],
  first: number,
): { readonly end: number; readonly capacity: number } {
  let capacity = BATCH_PREFIX_BYTES + 4;
  let end = first;
  for (let content = contents[first]; content !== undefined; content = contents[++end]) {
    const bytes = recordCapacity(content);
    if (end > first && capacity + bytes > BATCH_TARGET_BYTES) break;
    capacity += bytes;
  }
  return { end, capacity };
}

/** Upper bound of what a record takes in a plain batch, deltas not yet found; one that cannot be measured cannot be encoded either. */
function recordCapacity(content: GenerationContent): number {
  try {
    return measuredCapacity(content);
  } catch {
    return 0;
  }
}

function measuredCapacity(content: GenerationContent): number {
  let bytes = 4 + BODY_PREFIX_BYTES + content.request.length;
  for (const attempt of content.attempts) {
    bytes += 3 * BODY_PREFIX_BYTES + (attempt.sent?.length ?? 0) + (attempt.evidence?.length ?? 0);
    for (const piece of attempt.received) bytes += piece.length;
  }
  return bytes;
}

import { encodeDelta } from './body-delta.ts';
import type { AppendFile, FileSystem } from './append-file.ts';
import {
  BATCH_PREFIX_BYTES,
  BODY_DELTA,
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
import type { ContentKey } from './keyring.ts';
import type { ContentPointer } from './payload.ts';
import { RandomPool } from './random-pool.ts';
import { SegmentFiles } from './segment-files.ts';

/** The exact bytes of one generation. */
export interface GenerationContent {
  readonly request: Buffer;
  /** In the order of the record's attempts. `received`: the answer in the pieces it came in. */
  readonly attempts: readonly { readonly sent: Buffer | null; readonly received: readonly Buffer[] }[];
}

type BodyEntry = ContentPointer['bodies'][number];

/** A batch larger than this is closed and the next one begun: reading one record decrypts one batch. */
const BATCH_TARGET_BYTES = 1024 * 1024;

/** Writes the content store of one process: encrypted batches. */
export class ContentWriter {
  readonly #key: ContentKey;
  readonly #segments: SegmentFiles;
  readonly #random = new RandomPool();
  #segmentKey: ContentKey | null = null;
  readonly #scratch = Buffer.allocUnsafeSlow(2 * BATCH_TARGET_BYTES);

  constructor(options: {
    readonly directory: string;
    readonly writer: string;
    readonly key: ContentKey;
    readonly fileSystem: FileSystem;
  }) {
    this.#key = options.key;
    this.#segments = new SegmentFiles(options.fileSystem, options.directory, options.writer, 'dat');
  }

  /**
   * Writes the contents as few batches by one write.
   * @returns where each lies, in the same order, once write(2) has taken every byte
   * @throws the system's error; then nothing was added
   */
  append(contents: readonly GenerationContent[]): ContentPointer[] {
    const file = this.#segment();
    const segment = this.#segments.name;
    const batches: Buffer[] = [];
    const pointers: ContentPointer[] = [];
    let offset = file.length;
    let next = 0;
    while (next < contents.length) {
      const end = batchEnd(contents, next);
      const batch = this.#seal(contents.slice(next, end), { segment, offset }, pointers);
      batches.push(batch);
      offset += batch.length;
      next = end;
    }
    const [only] = batches;
    file.append(batches.length === 1 && only !== undefined ? only : Buffer.concat(batches));
    return pointers;
  }

  close(): void {
    this.#segments.close();
  }

  #segment(): AppendFile {
    let file = this.#segments.current;
    if (file === null) {
      file = this.#segments.next();
      this.#segmentKey = segmentKey(this.#key, this.#segments.name);
    }
    if (file.length === 0) file.append(CONTENT_MAGIC);
    return file;
  }

  #seal(
    contents: readonly GenerationContent[],
    place: { readonly segment: string; readonly offset: number },
    pointers: ContentPointer[],
  ): Buffer {
    let capacity = 4;
    for (const content of contents) capacity += recordCapacity(content);
    const plain = capacity <= this.#scratch.length ? this.#scratch : Buffer.allocUnsafeSlow(capacity);
    plain.writeUInt32BE(contents.length, 0);
    let end = 4;
    for (const [index, content] of contents.entries()) {
      const bodies: BodyEntry[] = [];
      const start = end;
      end = this.#encodeRecord(plain, start + 4, content, bodies);
      plain.writeUInt32BE(end - start - 4, start);
      pointers.push({ ...place, index, bodies });
    }
    const nonce = Buffer.allocUnsafe(NONCE_BYTES);
    this.#random.fill(nonce, 0, NONCE_BYTES);
    return sealBatch(plain.subarray(0, end), this.#segmentKey ?? segmentKey(this.#key, place.segment), nonce, place);
  }

  #encodeRecord(target: Buffer, offset: number, content: GenerationContent, bodies: BodyEntry[]): number {
    let end = this.#encodeBody(target, offset, [content.request], null, 'request', bodies);
    for (const [index, attempt] of content.attempts.entries()) {
      if (attempt.sent !== null) {
        end = this.#encodeBody(target, end, [attempt.sent], content.request, `attempts[${index}].sent`, bodies);
      }
      if (attempt.received.length > 0) {
        end = this.#encodeBody(target, end, attempt.received, null, `attempts[${index}].received`, bodies);
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
    bodies.push({ part, bytes: end - start, commitment: commitment(target.subarray(saltStart, end)) });
    const [only] = pieces;
    const delta = base === null || only === undefined ? null : encodeDelta(base, only);
    if (delta !== null) end = encodePieces(target, start, delta);
    target.writeUInt8(delta === null ? BODY_WHOLE : BODY_DELTA, offset);
    target.writeUInt32BE(end - start, offset + 1);
    return end;
  }
}

/** Where the batch that begins with `start` ends: at the target size, but never empty. */
function batchEnd(contents: readonly GenerationContent[], start: number): number {
  let bytes = 0;
  let end = start;
  for (const content of contents.slice(start)) {
    bytes += recordCapacity(content);
    if (bytes > BATCH_TARGET_BYTES && end > start) break;
    end++;
  }
  return end;
}

/** Upper bound of what a record takes in a plain batch, deltas not yet found. */
function recordCapacity(content: GenerationContent): number {
  let bytes = BATCH_PREFIX_BYTES + BODY_PREFIX_BYTES + content.request.length;
  for (const attempt of content.attempts) {
    bytes += 2 * BODY_PREFIX_BYTES + (attempt.sent?.length ?? 0);
    for (const piece of attempt.received) bytes += piece.length;
  }
  return bytes;
}

import { hash } from 'node:crypto';
import type { AppendFile, FileSystem } from './append-file.ts';
import { encodeFrame, encodeHeader, FRAME_OVERHEAD_BYTES, frameHash, HASH_BYTES } from './journal-format.ts';
import { DEFAULT_ROTATION, type Rotation, SegmentFiles } from './segment-files.ts';

/** Where a frame stands in its writer's chain. Hashes are hexadecimal. */
export interface ChainPosition {
  readonly writer: string;
  /** Number of the frame, from 1, over all segments of the writer. */
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

/** The last frame of a chain. */
export interface ChainHead {
  /** Name of the segment it lies in. */
  readonly segment: string;
  /** Its number; 0: there is none yet. */
  readonly seq: number;
  /** Its chain hash, hexadecimal; without a frame, the SHA-256 of the first segment's header. */
  readonly hash: string;
}

export interface JournalOptions {
  readonly directory: string;
  readonly writer: string;
  readonly wallTime: () => number;
  readonly fileSystem: FileSystem;
  readonly rotation?: Rotation;
}

/** Kept between batches; a larger batch gets a buffer of its own, so that one large tick is not paid for ever. */
const SCRATCH_BYTES = 1024 * 1024;

/** Writes the journal of one process: batches of frames, each batch by one write. */
export class Journal {
  readonly #options: JournalOptions;
  readonly #segments: SegmentFiles;
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  /** What the next frame chains to. */
  readonly #chain = Buffer.alloc(HASH_BYTES);
  #lastFrame: string | null = null;
  #lastFrameSegment = '';
  #seq = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#segments = new SegmentFiles({ rotation: DEFAULT_ROTATION, ...options, extension: 'jnl' });
  }

  /** Name of the segment that was written last. */
  get segment(): string {
    return this.#segments.name;
  }

  /** Bytes of that segment that are on the kernel's side. */
  get length(): number {
    return this.#segments.length;
  }

  /** Where the chain stands. */
  get head(): ChainHead {
    if (this.#lastFrame === null) return { segment: this.segment, seq: 0, hash: this.#chain.toString('hex') };
    return { segment: this.#lastFrameSegment, seq: this.#seq, hash: this.#lastFrame };
  }

  /** Begins the first segment now, so that a folder that cannot be written is known at start. @throws the system's error */
  open(): void {
    this.#segment();
  }

  /**
   * Writes one frame per payload (at least one), in order, in a new segment when the time has come for one.
   * @returns the positions, in the same order, once write(2) has taken every byte
   * @throws the system's error; then no frame was added and the chain is where it was
   */
  append(payloads: readonly string[]): ChainPosition[] {
    const file = this.#segment();
    let capacity = 0;
    for (const payload of payloads) capacity += payload.length * 3 + FRAME_OVERHEAD_BYTES;
    const target = capacity <= SCRATCH_BYTES ? this.#scratch : Buffer.allocUnsafeSlow(capacity);
    const positions: ChainPosition[] = [];
    let previous: Buffer = this.#chain;
    let prev = previous.toString('hex');
    let seq = this.#seq;
    let end = 0;
    for (const payload of payloads) {
      const start = end;
      const frame = encodeFrame(target, start, previous, payload);
      previous = frameHash(target, start);
      end = frame.end;
      positions.push({ writer: this.#options.writer, seq: ++seq, prev, hash: frame.hash });
      prev = frame.hash;
    }
    file.append(target.subarray(0, end));
    previous.copy(this.#chain);
    this.#lastFrame = prev;
    this.#lastFrameSegment = this.segment;
    this.#seq = seq;
    return positions;
  }

  close(): void {
    this.#segments.close();
  }

  /** The segment to write to, its header written. */
  #segment(): AppendFile {
    const file = this.#segments.current ?? this.#segments.next();
    if (file.length > 0) return file;
    const header = encodeHeader({
      writer: this.#options.writer,
      segment: this.#segments.number,
      firstSeq: this.#seq + 1,
      previous: this.#lastFrame,
      createdAt: new Date(this.#options.wallTime()).toISOString(),
    });
    file.append(header);
    hash('sha256', header, 'buffer').copy(this.#chain);
    return file;
  }
}

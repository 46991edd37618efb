import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  BATCH_PREFIX_BYTES,
  type BatchPlace,
  commitment,
  CONTENT_MAGIC,
  decodeRecord,
  openBatch,
  sealedLength,
  segmentKey,
  type StoredBody,
} from '../content/content-format.ts';
import type { Bodies } from '../content/content-reader.ts';
import { isMissingFile } from '../journal/missing-file.ts';
import type { ContentKey } from '../keyring.ts';
import type { ContentPointer } from '../journal/payload.ts';

/** What became of a record's bodies. */
export type ContentCheck =
  | { readonly state: 'kept'; readonly bodies: Bodies }
  /** A file that the record points to is no more. */
  | { readonly state: 'erased' }
  | { readonly state: 'damaged'; readonly reason: string };

/** An open content file. */
interface OpenSegment {
  readonly name: string;
  readonly descriptor: number;
  readonly key: ContentKey;
}

/** Why content cannot be had. */
class ContentFailure extends Error {
  readonly state: 'erased' | 'damaged';

  constructor(state: 'erased' | 'damaged', reason: string) {
    super(reason);
    this.state = state;
  }
}

/**
 * Reads the bodies of one record after the other and checks each against its commitment. Made for
 * records in the order they were written: it keeps one file open and one batch decrypted.
 */
export class ContentChecker {
  readonly #directory: string;
  readonly #key: ContentKey;
  #segment: OpenSegment | null = null;
  #batch: (BatchPlace & { readonly plain: Buffer }) | null = null;

  constructor(contentDirectory: string, key: ContentKey) {
    this.#directory = contentDirectory;
    this.#key = key;
  }

  /** Reads and checks the bodies of one record. */
  check(pointer: ContentPointer): ContentCheck {
    try {
      return { state: 'kept', bodies: this.#bodies(pointer) };
    } catch (error) {
      if (error instanceof ContentFailure) return { state: error.state, reason: error.message };
      // A file that cannot be read, and a pointer to nowhere.
      return {
        state: 'damaged',
        reason: `its content cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  }

  close(): void {
    if (this.#segment !== null) closeSync(this.#segment.descriptor);
    this.#segment = null;
    this.#batch = null;
  }

  #bodies(pointer: ContentPointer): Bodies {
    // Pieces first, which lie before: the batch of the record is then the one the next record likely shares.
    const before = pointer.bodies.map(({ pieces }) =>
      pieces.flatMap(({ segment, offsets }) => offsets.map((offset) => this.#piece({ segment, offset }))),
    );
    const stored = decodeRecord(this.#plain(pointer), pointer.index) ?? [];
    if (stored.length !== pointer.bodies.length) throw damaged(pointer, 'holds another number of bodies');
    const bodies = new Map<string, Buffer>();
    for (const [index, { part, bytes, commitment: committed }] of pointer.bodies.entries()) {
      const { salt, bytes: end } = stored[index] as StoredBody;
      const salted = Buffer.concat([salt, ...(before[index] ?? []), end]);
      if (salted.length - salt.length !== bytes || commitment(salted) !== committed) {
        throw damaged(pointer, `holds another ${part} than the record committed to`);
      }
      bodies.set(part, salted.subarray(salt.length));
    }
    return bodies;
  }

  #piece(place: BatchPlace): Buffer {
    const piece = decodeRecord(this.#plain(place), 0)?.[0];
    if (piece === undefined) throw damaged(place, 'holds no body');
    return piece.bytes;
  }

  #plain(place: BatchPlace): Buffer {
    const known = this.#batch;
    if (known?.segment === place.segment && known.offset === place.offset) return known.plain;
    const { descriptor, key } = this.#open(place.segment);
    const prefix = readAt(descriptor, place.offset, BATCH_PREFIX_BYTES);
    const batch = prefix === null ? null : readAt(descriptor, place.offset, BATCH_PREFIX_BYTES + sealedLength(prefix));
    if (batch === null) throw damaged(place, 'is not there whole');
    const plain = openBatch(batch, key, place);
    if (plain === null) throw damaged(place, 'does not decrypt: it was changed, or encrypted with another key');
    this.#batch = { segment: place.segment, offset: place.offset, plain };
    return plain;
  }

  #open(name: string): OpenSegment {
    if (this.#segment?.name === name) return this.#segment;
    this.close();
    const descriptor = openContent(join(this.#directory, basename(name)));
    if (readAt(descriptor, 0, CONTENT_MAGIC.length)?.equals(CONTENT_MAGIC) !== true) {
      closeSync(descriptor);
      throw damaged({ segment: name, offset: 0 }, 'is not how a content file begins');
    }
    this.#segment = { name, descriptor, key: segmentKey(this.#key, name) };
    return this.#segment;
  }
}

/** @throws ContentFailure when there is no such file, or the system's error */
function openContent(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isMissingFile(error)) {
      throw new ContentFailure('erased', 'its content file is no more');
    }
    throw error;
  }
}

/** So many bytes from there; `null` when the file has not as many. */
function readAt(descriptor: number, position: number, length: number): Buffer | null {
  // Before any memory is asked for: a damaged length can be as large as it likes.
  if (position + length > fstatSync(descriptor).size) return null;
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, position + filled);
    if (count === 0) return null;
    filled += count;
  }
  return bytes;
}

function damaged({ segment, offset }: BatchPlace, what: string): ContentFailure {
  return new ContentFailure('damaged', `content/${segment} at byte ${offset} ${what}`);
}

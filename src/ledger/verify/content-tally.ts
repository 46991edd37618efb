import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FramePlace } from './chain-verifier.ts';
import { ContentChecker } from './content-checker.ts';
import { contentFiles } from '../content/content-reader.ts';
import { readContentKey } from '../keyring.ts';
import type { ContentPointer } from '../journal/payload.ts';
import type { LedgerVerification, Problems } from './verification.ts';

/** Counts what became of the content of records, and tells what is damaged. */
export class ContentTally {
  readonly #directory: string;
  readonly #problemsOf: (writer: string) => Problems;
  readonly #checker: ContentChecker | null;
  #kept = 0;
  #erased = 0;
  #damaged = 0;
  #unchecked = 0;

  /** @param directory the state folder; without `keyring/content.key` there nothing can be checked but what is gone */
  constructor(directory: string, problemsOf: (writer: string) => Problems) {
    this.#directory = join(directory, 'content');
    this.#problemsOf = problemsOf;
    const key = readContentKey(join(directory, 'keyring'));
    this.#checker = key === null ? null : new ContentChecker(this.#directory, key);
  }

  take(pointer: ContentPointer, place: FramePlace): void {
    if (this.#checker === null) {
      if (contentFiles(pointer).every((name) => existsSync(join(this.#directory, name)))) this.#unchecked++;
      else this.#erased++;
      return;
    }
    const check = this.#checker.check(pointer);
    if (check.state === 'kept') this.#kept++;
    else if (check.state === 'erased') this.#erased++;
    else {
      this.#damaged++;
      this.#problemsOf(place.writer).add({ ...place, reason: check.reason });
    }
  }

  get outcome(): LedgerVerification['content'] {
    const isUnknown = this.#unchecked > 0;
    return { kept: isUnknown ? null : this.#kept, erased: this.#erased, damaged: isUnknown ? null : this.#damaged };
  }

  close(): void {
    this.#checker?.close();
  }
}

import type { NormalText } from './normal-text.ts';
import type { Reference } from './reference.ts';
import type { WordStream } from './word-stream.ts';

/** Where in the request something stands: UTF-16 offsets in the text at `path`, `end` excluded. */
export interface ContextPlace {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** One text of the context in one spelling. */
export interface IndexedText {
  readonly path: string;
  readonly role: string;
  readonly normal: NormalText;
}

/** Something the context names, with the text that does. */
export interface Supplied {
  readonly reference: Reference;
  readonly text: IndexedText;
}

/** The same text as words. */
export interface WordedText {
  readonly text: IndexedText;
  readonly words: WordStream;
}

/** The place in the request of something found in a text of the index. */
export function contextPlace({ path, normal }: IndexedText, start: number, end: number): ContextPlace {
  return { path, ...normal.originalSpan(start, end) };
}

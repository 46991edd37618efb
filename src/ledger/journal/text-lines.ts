import { closeSync, openSync, readSync } from 'node:fs';
import { isMissingFile } from './missing-file.ts';

/** One line of a file, without its line feed. */
export interface TextLine {
  readonly text: string;
  /** Byte where it begins. */
  readonly offset: number;
}

const LINE_FEED = 0x0a;
const CHUNK_BYTES = 1024 * 1024;

/**
 * The whole lines of a file from a byte on, read in pieces.
 * @returns (as the generator's last value) the byte after the last of them: the file's length, unless it ends inside a line
 * @throws the system's error; a file that is not there has no lines
 */
export function* readLines(path: string, from: number): Generator<TextLine, number> {
  const descriptor = openIfThere(path);
  if (descriptor === null) return from;
  try {
    let offset = from;
    let rest = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const count = readSync(descriptor, chunk, 0, CHUNK_BYTES, offset + rest.length);
      if (count === 0) return offset;
      const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
      let start = 0;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
        yield { text: bytes.toString('utf8', start, end), offset: offset + start };
        start = end + 1;
      }
      offset += start;
      rest = bytes.subarray(start);
    }
  } finally {
    closeSync(descriptor);
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isMissingFile(error)) return null;
    throw error;
  }
}

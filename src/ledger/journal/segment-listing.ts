import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { segmentNumber, segmentWriter } from './segment-files.ts';
import { compareText } from '../text-order.ts';

/** A segment file of the journal, as it was when it was listed. */
export interface ListedSegment {
  readonly name: string;
  readonly writer: string;
  /** Which of its writer's segments. */
  readonly number: number;
  readonly bytes: number;
}

/** The journal's segment files in the order they were last written. One that is deleted meanwhile is left out. */
export function listSegments(directory: string): readonly ListedSegment[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.jnl'))
    .flatMap((name) => {
      const status = statSync(join(directory, name), { throwIfNoEntry: false });
      return status === undefined ? [] : [{ name, bytes: status.size, writtenAtMs: status.mtimeMs }];
    })
    .toSorted((a, b) => a.writtenAtMs - b.writtenAtMs || compareText(a.name, b.name))
    .map(({ name, bytes }) => ({ name, bytes, writer: segmentWriter(name), number: segmentNumber(name) }));
}

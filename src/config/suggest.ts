import { nearestName } from '../core/nearest-name.ts';

/** `did you mean "x"?`, or `null` when no known word is near. */
export function didYouMean(written: string, known: Iterable<string>): string | null {
  const word = nearestName(written, known);
  return word === null ? null : `did you mean "${word}"?`;
}

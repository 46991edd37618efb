/** A drawn number in [0, 1) that depends on its arguments alone: whoever asks, in whatever order, gets the same. */
export function drawn(seed: number, purpose: number, index: number, part = 0): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(purpose + 1, 0xc2b2ae35);
  hash = mixed(hash ^ Math.imul(index + 1, 0x27d4eb2f));
  hash = mixed(hash ^ Math.imul(part + 1, 0x165667b1));
  return hash / 0x1_0000_0000;
}

/** What a number is drawn for; two purposes never share one. */
export const PURPOSE = {
  start: 1,
  thin: 2,
  question: 3,
  sample: 4,
  fault: 5,
  fallen: 6,
  coin: 7,
  graded: 8,
  decision: 9,
  backoff: 10,
  weighted: 11,
  event: 12,
  seed: 13,
  resample: 14,
} as const;

function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

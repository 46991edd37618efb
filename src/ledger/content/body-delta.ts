/**
 * A body as copies out of another one and bytes of its own. A body that was sent differs from the
 * client's by a model name, perhaps by one more member: the rest need not be kept twice.
 */
export type DeltaPiece =
  | { readonly kind: 'copy'; readonly offset: number; readonly length: number }
  | { readonly kind: 'own'; readonly bytes: Buffer };

/** Encrypting and writing a body shorter than this again costs less than comparing it. */
const MIN_BODY_BYTES = 4096;
/** A delta that saves less than this is not worth its reading. */
const MIN_SAVED_BYTES = 256;
/** How many bytes are looked at to find the place where the two bodies agree again. */
const ANCHOR_BYTES = 32;
const ANCHOR_DISTANCE = 64;
const ANCHOR_REACH = 512;

/**
 * `target` in terms of `base`: their common start and end, and the long run between two edits if
 * there are two. `null` when that saves too little.
 */
export function encodeDelta(base: Buffer, target: Buffer): readonly DeltaPiece[] | null {
  const shorter = Math.min(base.length, target.length);
  if (shorter < MIN_BODY_BYTES) return null;
  const prefix = commonPrefix(base, target, 0, 0);
  const suffix = commonSuffix(base, target, shorter - prefix);
  const pieces: DeltaPiece[] = [];
  let own = target.length - prefix - suffix;
  if (prefix > 0) pieces.push({ kind: 'copy', offset: 0, length: prefix });
  const middle = own > MIN_SAVED_BYTES ? middleRun(base, target, prefix, suffix) : null;
  if (middle === null) {
    if (own > 0) pieces.push({ kind: 'own', bytes: target.subarray(prefix, prefix + own) });
  } else {
    own -= middle.length;
    pieces.push({ kind: 'own', bytes: target.subarray(prefix, middle.target) });
    pieces.push({ kind: 'copy', offset: middle.base, length: middle.length });
    pieces.push({ kind: 'own', bytes: target.subarray(middle.target + middle.length, target.length - suffix) });
  }
  if (suffix > 0) pieces.push({ kind: 'copy', offset: base.length - suffix, length: suffix });
  return target.length - own < MIN_SAVED_BYTES ? null : pieces;
}

/** The target again, byte for byte; `null` when a copy reaches beyond `base`. */
export function decodeDelta(base: Buffer, pieces: readonly DeltaPiece[]): Buffer | null {
  const parts: Buffer[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'own') {
      parts.push(piece.bytes);
      continue;
    }
    if (piece.offset + piece.length > base.length) return null;
    parts.push(base.subarray(piece.offset, piece.offset + piece.length));
  }
  return Buffer.concat(parts);
}

function middleRun(
  base: Buffer,
  target: Buffer,
  prefix: number,
  suffix: number,
): { readonly base: number; readonly target: number; readonly length: number } | null {
  const anchorStart = prefix + ANCHOR_DISTANCE;
  const baseEnd = base.length - suffix;
  if (anchorStart + ANCHOR_BYTES > baseEnd) return null;
  const anchor = base.subarray(anchorStart, anchorStart + ANCHOR_BYTES);
  const found = target.subarray(prefix, prefix + ANCHOR_REACH).indexOf(anchor);
  if (found < 0) return null;
  const targetStart = prefix + found;
  const room = Math.min(baseEnd - anchorStart, target.length - suffix - targetStart);
  const length = commonPrefix(base.subarray(0, anchorStart + room), target, anchorStart, targetStart);
  return length < MIN_SAVED_BYTES ? null : { base: anchorStart, target: targetStart, length };
}

/** Bytes that agree from the two offsets on. Halving with native comparisons, not byte by byte. */
function commonPrefix(a: Buffer, b: Buffer, aStart: number, bStart: number): number {
  const most = Math.min(a.length - aStart, b.length - bStart);
  return longest(most, (from, to) => a.compare(b, bStart + from, bStart + to, aStart + from, aStart + to) === 0);
}

/** Bytes that agree at the two ends, at most `most`. */
function commonSuffix(a: Buffer, b: Buffer, most: number): number {
  return longest(
    most,
    (from, to) => a.compare(b, b.length - to, b.length - from, a.length - to, a.length - from) === 0,
  );
}

/** The largest n ≤ `most` for which the first n agree, by asking for ranges of which everything before is known to agree. */
function longest(most: number, agrees: (from: number, to: number) => boolean): number {
  let known = 0;
  let step = 64;
  while (known < most) {
    const to = Math.min(known + step, most);
    if (agrees(known, to)) {
      known = to;
      step *= 4;
    } else {
      // The first difference is in [known, to): halve it.
      let end = to;
      while (end - known > 1) {
        const half = known + ((end - known) >> 1);
        if (agrees(known, half)) known = half;
        else end = half;
      }
      return known;
    }
  }
  return known;
}

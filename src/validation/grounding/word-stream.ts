const LATIN_END = 0x530;
const IDEOGRAPHS = 0x2e80;
/** For each of the first characters what it is folded to: lower case without accents; 0: it parts words. */
const FOLDED = Uint16Array.from({ length: LATIN_END }, (_, code) => {
  const character = String.fromCharCode(code);
  if (!/[\p{L}\p{N}]/u.test(character)) return 0;
  return character.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().charCodeAt(0) || code;
});
const APOSTROPHE = 0x27;

/** The words of a text as numbers that are equal for equal words: case, accents and punctuation do not count; each ideograph is a word. */
export class WordStream {
  readonly hashes: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly length: number;

  constructor(text: string) {
    const room = Math.ceil(text.length / 2) + 1;
    let hashes = new Int32Array(Math.min(room, Math.ceil(text.length / 4) + 16));
    let starts = new Int32Array(hashes.length);
    let ends = new Int32Array(hashes.length);
    let count = 0;
    const add = (hash: number, start: number, end: number): void => {
      if (count === hashes.length) {
        hashes = grown(hashes);
        starts = grown(starts);
        ends = grown(ends);
      }
      hashes[count] = hash;
      starts[count] = start;
      ends[count] = end;
      count += 1;
    };
    let hash = 0;
    let start = -1;
    for (let at = 0; at <= text.length; at++) {
      const code = at < text.length ? text.charCodeAt(at) : 0;
      const folded = code < LATIN_END ? (FOLDED[code] ?? 0) : foldOther(code);
      if (folded !== 0 && code < IDEOGRAPHS) {
        if (start < 0) {
          start = at;
          hash = 0;
        }
        hash = (Math.imul(hash, 0x01000193) + folded + 1) | 0;
        continue;
      }
      if (start >= 0 && code === APOSTROPHE && isLetter(text.charCodeAt(at + 1))) continue;
      if (start >= 0) add(hash, start, at);
      start = -1;
      if (folded !== 0) add(folded | 0x40000000, at, at + 1);
    }
    this.hashes = hashes.subarray(0, count);
    this.starts = starts.subarray(0, count);
    this.ends = ends.subarray(0, count);
    this.length = count;
  }
}

/** Names a run of words: equal for equal runs. */
export function runHash(hashes: ArrayLike<number>, at: number, size: number): number {
  let hash = 0;
  for (let step = 0; step < size; step++) hash = (Math.imul(hash, 0x01000193) ^ (hashes[at + step] ?? 0)) | 0;
  return hash;
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function isLetter(code: number): boolean {
  return code < LATIN_END && (FOLDED[code] ?? 0) !== 0;
}

/** Beyond the first alphabets everything but punctuation and symbols is a letter. */
function foldOther(code: number): number {
  const isSymbol = (code >= 0x2000 && code < IDEOGRAPHS) || (code >= 0x3000 && code <= 0x303f) || code === 0xfeff;
  return isSymbol ? 0 : code;
}

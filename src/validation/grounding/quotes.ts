import { codeSpans } from './code-spans.ts';
import { NormalText } from './normal-text.ts';
import { SpanSet } from './span-set.ts';
import { runHash, WordStream } from './word-stream.ts';

/** A passage given as another's words. */
export interface Quote {
  /** Offsets in the text it was found in, with its quotation marks. */
  readonly start: number;
  readonly end: number;
  /** The words between omissions (`…`, `[...]`), as `WordStream` has them. */
  readonly parts: readonly Int32Array[];
}

/** From so many words on a passage in quotation marks is a quotation; what is shorter may be a title or a term. */
const LEAST_WORDS = 6;
const SHINGLE_WORDS = 5;
/** The share of a quotation's runs of five words that must stand in one place of the source. */
const LEAST_CONTAINED = 0.8;
/** Of the places where a quotation may stand, at most so many are looked at, */
const MAX_PLACES = 20;
/** after its runs of words, the rarest first, were found so often. */
const MAX_VOTES = 500;

const IN_MARKS =
  /“([^“”]{1,4000})”|„([^„“”]{1,4000})[“”]|«([^«»]{1,4000})»|»([^«»]{1,4000})«|「([^「」]{1,4000})」|(?<![\p{L}\p{N}])"([^"]{1,4000})"(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])‘([^‘“”]{1,4000}?)’(?![\p{L}\p{N}])/gu;
const BLOCK = /(?:^|\n)((?: {0,3}>[^\n]*(?:\n|$))+)/g;
/** Blocks that set a remark apart, and quote nobody. */
const REMARK = /^\s*>\s*(?:\[!|[*_]*(?:note|tip|important|warning|caution|hinweis|achtung)\b)/i;
const OMISSION = /\[\s*(?:\.{3}|…)\s*\]|\(\s*(?:\.{3}|…)\s*\)|\.{3,}|…/;

/** The passages of an answer in quotation marks, and its block quotes, of six words or more. */
export function quotesIn(text: string): readonly Quote[] {
  const marked = [...text.matchAll(IN_MARKS)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    words: match.slice(1).find((group) => group !== undefined) ?? '',
  }));
  const blocks = [...text.matchAll(BLOCK)].flatMap((match) => {
    const block = (match[1] ?? '').trimEnd();
    const start = match.index + match[0].indexOf(block);
    // A last line that begins with a dash says who is quoted.
    const words = block.replace(/(?:^|\n)\s*>\s*[—–-][^\n]*$/, '').replace(/^\s*>\s?/gm, '');
    return REMARK.test(block) ? [] : [{ start, end: start + block.length, words }];
  });
  const code = new SpanSet(codeSpans(text));
  const blocked = new SpanSet(blocks);
  return [...marked.filter(({ start }) => !blocked.holds(start)), ...blocks].flatMap(({ start, end, words }) => {
    // A letter in brackets is one whose case was changed; more in brackets is the writer's own.
    const own = words.replace(/\[(\p{L}{1,2})\]/gu, '$1');
    const parts = own
      .split(OMISSION)
      .flatMap((part) => part.split(/\[[^\][]{1,80}\]/))
      .map((part) => new WordStream(new NormalText(part).text).hashes)
      .filter((part) => part.length > 0);
    return wordCount(own) < LEAST_WORDS || code.holds(start) ? [] : [{ start, end, parts }];
  });
}

/** Words between spaces, and ideographs, which stand without. */
function wordCount(text: string): number {
  const ideographs = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu)?.length ?? 0;
  return ideographs + (text.match(/\S*[\p{L}\p{N}]\S*/gu)?.length ?? 0);
}

/** Where something stands in a text. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where in a text each quotation stands, all its parts; `null`: nowhere. */
export function findQuotes(quotes: readonly Quote[], words: WordStream): readonly (Place | null)[] {
  const starts = likelyStarts(
    quotes.flatMap(({ parts }) => parts),
    words,
  );
  return quotes.map(({ parts }) => {
    const places = parts.map((part) => findPart(part, words, starts.get(part) ?? new Map<number, number>()));
    const found = places.filter((place) => place !== null);
    if (found.length < places.length) return null;
    return { start: Math.min(...found.map(({ start }) => start)), end: Math.max(...found.map(({ end }) => end)) };
  });
}

type Part = Quote['parts'][number];

/** How many runs of words say that a part begins at a word of the text. */
function likelyStarts(parts: readonly Part[], words: WordStream): ReadonlyMap<Part, ReadonlyMap<number, number>> {
  const votes = new Map(parts.map((part) => [part, new Map<number, number>()]));
  for (let size = 1; size <= SHINGLE_WORDS; size++) {
    const ofSize = parts.filter((part) => shingleSize(part) === size);
    const places = placesOf(new Set(ofSize.flatMap((part) => [...shinglesOf(part).keys()])), size, words);
    for (const part of ofSize) {
      const ofPart = votes.get(part);
      // What is rare says most of where the part stands.
      const rarest = [...shinglesOf(part)]
        .map(([hash, index]) => ({ index, at: places.get(hash) ?? [] }))
        .toSorted((one, other) => one.at.length - other.at.length);
      let left = MAX_VOTES;
      for (const { index, at } of rarest) {
        for (const place of at.slice(0, left)) {
          const start = Math.max(0, place - index);
          ofPart?.set(start, (ofPart.get(start) ?? 0) + 1);
        }
        left = Math.max(0, left - at.length);
      }
    }
  }
  return votes;
}

/** Where these runs of words begin in the text. */
function placesOf(
  hashes: ReadonlySet<number>,
  size: number,
  words: WordStream,
): ReadonlyMap<number, readonly number[]> {
  const places = new Map<number, number[]>();
  for (let at = 0; hashes.size > 0 && at + size <= words.length; at++) {
    const hash = runHash(words.hashes, at, size);
    if (!hashes.has(hash)) continue;
    const known = places.get(hash);
    if (known === undefined) places.set(hash, [at]);
    else known.push(at);
  }
  return places;
}

function findPart(part: Part, words: WordStream, votes: ReadonlyMap<number, number>): Place | null {
  const shingles = shinglesOf(part);
  const size = shingleSize(part);
  const slack = Math.max(4, Math.ceil(part.length / 4));
  const likely = [...votes].toSorted(([, one], [, other]) => other - one).slice(0, MAX_PLACES);
  for (const [from] of likely) {
    const low = Math.max(0, from - slack);
    const high = Math.min(words.length, from + part.length + slack);
    const contained = new Set<number>();
    for (let at = low; at + size <= high; at++) {
      const hash = runHash(words.hashes, at, size);
      if (shingles.has(hash)) contained.add(hash);
    }
    if (contained.size < LEAST_CONTAINED * shingles.size) continue;
    // What is quoted is quoted to the letter: every word of it stands there.
    const window = new Set(words.hashes.subarray(low, high));
    const last = Math.min(from + part.length, words.length) - 1;
    if (part.every((hash) => window.has(hash))) return { start: words.starts[from] ?? 0, end: words.ends[last] ?? 0 };
  }
  return null;
}

function shingleSize(part: Part): number {
  return Math.min(SHINGLE_WORDS, part.length);
}

/** The different runs of words of a part, with where each comes first. */
function shinglesOf(part: Part): ReadonlyMap<number, number> {
  const size = shingleSize(part);
  const shingles = new Map<number, number>();
  for (let index = part.length - size; index >= 0; index--) shingles.set(runHash(part, index, size), index);
  return shingles;
}

import { codeSpans } from './code-spans.ts';
import { contentWords } from './content-words.ts';
import { SpanSet } from './span-set.ts';

/** One number of a marker such as `[2]` or `[1, 3-4]`. */
export interface Marker {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  /** What the sentence says that it stands for. */
  readonly claim: () => ReadonlySet<string>;
}

/** A line of the answer's own list of sources: `[2] …`, `[^2]: …`. */
export interface SourceEntry {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

const MARKER = /[[【]\^?(\d{1,3}(?:\s*[,;–-]\s*\^?\d{1,3}){0,20})[\]】](?!\()/g;
const ENTRY = /^[ \t]*(?:[-*][ \t]+)?\[\^?(\d{1,3})\]:?[^\n]*/gm;
/** In `at [12]` and `[2019] UKSC 12, [33]` it is a paragraph of what was cited before; behind a name without a space, in code, an index. */
const PARAGRAPH_BEFORE =
  /(?:(?<!\p{L})(?:at|paras?\.?|paragraphs?|Rn\.?|Rz\.?|Tz\.?)|(?:UKSC|EWCA\s\p{L}+|EWHC|UKHL|HCA|SCC)\s\d+(?:\s\(\p{L}+\))?,?)\s*$/u;
const MAX_SENTENCE = 1000;
const MAX_RANGE = 50;
const SENTENCE_END = /[.!?。！？]["'”’)\]]*\s+(?=["'“([]?[\p{Lu}\p{N}])|\n|[。！？]/gu;

/** The markers of an answer, but for those that begin an entry of its own list of sources, and those in code. */
export function markersIn(text: string): {
  readonly markers: readonly Marker[];
  readonly entries: readonly SourceEntry[];
} {
  const code = new SpanSet(codeSpans(text));
  const entries = [...text.matchAll(ENTRY)].map((match) => ({
    number: Number(match[1]),
    start: match.index,
    end: match.index + match[0].length,
  }));
  const entryMarkers = new Set(entries.map(({ start }) => text.indexOf('[', start)));
  const markers = [...text.matchAll(MARKER)].flatMap((match) => {
    const start = match.index;
    const before = text.slice(Math.max(0, start - MAX_SENTENCE), start);
    if (entryMarkers.has(start) || code.holds(start) || PARAGRAPH_BEFORE.test(before.slice(-60))) return [];
    const claim = (): ReadonlySet<string> => claimOf(before, text.slice(start + match[0].length, start + MAX_SENTENCE));
    return numbersOf(match[1] ?? '').map((number) => ({ number, start, end: start + match[0].length, claim }));
  });
  return { markers, entries };
}

/** `1, 3-5` is 1, 3, 4 and 5. */
function numbersOf(list: string): readonly number[] {
  const numbers = list.split(/[,;]/).flatMap((part) => {
    const [from = 0, to = from] = part.replace(/\^/g, '').split(/[–-]/).map(Number);
    const count = Math.min(MAX_RANGE, Math.max(1, to - from + 1));
    return Array.from({ length: count }, (_, index) => from + index);
  });
  return [...new Set(numbers)];
}

/** The sentence up to the marker; where that says too little, the rest of it too. */
function claimOf(before: string, behind: string): ReadonlySet<string> {
  const bare = before.replace(/(?:[[【][\d\s,;^–-]+[\]】]|[\s.!?。！？])+$/u, '');
  const words = contentWords(withoutMarkers(bare.slice(lastEnd(bare))));
  if (words.size >= 2) return words;
  const end = behind.search(SENTENCE_END);
  return new Set([...words, ...contentWords(withoutMarkers(end < 0 ? behind : behind.slice(0, end)))]);
}

function lastEnd(text: string): number {
  let end = 0;
  for (const match of text.matchAll(SENTENCE_END)) {
    // A name such as `v. Wade` or `No. 5` ends no sentence.
    if (
      /(?:^|\s)(?:v|vs|No|Art|Dr|Mr|Ms|St|Inc|Co|Corp|Ltd|e\.g|i\.e|cf|al|pp?|Abs|Nr|\p{Lu})\.$/u.test(
        text.slice(0, match.index + 1),
      )
    )
      continue;
    end = match.index + match[0].length;
  }
  return end;
}

function withoutMarkers(text: string): string {
  return text.replace(/[[【][\d\s,;^–-]+[\]】]/g, ' ');
}

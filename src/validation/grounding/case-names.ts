import { ABBREVIATED, bareWord, FORMS, isWithin, JOINING, tellingWords } from './party-words.ts';
import type { Reference } from './reference.ts';

/** A case by its parties: `Roe v. Wade`. */
export interface CaseName extends Reference {
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** Years that stand with the name itself. */
  readonly year: string | null;
}

const VERSUS = /(?<=[\p{L}\p{N}.)'’])\s+(v|vs|versus|V|VS|VERSUS)\.?\s+(?:the\s+|THE\s+)?(?=["(]?[\p{L}\p{N}])/gu;
/** How far the name of a party is looked for. */
const PARTY_CHARACTERS = 120;
const MAX_WORDS = 12;
/** A longer word with a full stop is none that was shortened. */
const MAX_SHORTENED = 6;
/** Words with a capital that open a sentence, and are no part of a name. */
const OPENERS = new Set(
  (
    'in see under per by from with following cf also but or compare citing quoting applying overruling both while as when where since after before although unlike like because if that then here thus hence for at ' +
    'on to accord contra e.g i.e consider regarding distinguishing against similarly finally first second third moreover however indeed recently later earlier again though whereas whether both between and case authorities authority'
  ).split(' '),
);
/** With a full stop these do not end a sentence. */
const STOPPED = new Set([
  ...Object.keys(ABBREVIATED),
  ...'inc corp co ltd bros st dr mr mrs ms jr sr no al ex rel hon prof gen gov sen rev mt ft pty cie s.a n.a l.p'.split(
    ' ',
  ),
]);
const ENDING = /[,;:!?")\]]$|\]\(/;

/** The cases that a text names by their parties, with capitals; in the context (`supplied`) without them too. */
export function caseNames(text: string, side: 'cited' | 'supplied'): readonly CaseName[] {
  return [...text.matchAll(VERSUS)].flatMap((match) => {
    const [, word = ''] = match;
    const before = text.slice(Math.max(0, match.index - PARTY_CHARACTERS), match.index);
    const behindAt = match.index + match[0].length;
    const behind = text.slice(behindAt, behindAt + PARTY_CHARACTERS);
    const isShouted = word === word.toUpperCase() && /^\p{Lu}/u.test(word);
    const first = partyBefore(before, side);
    const second = partyBehind(behind, side);
    if (first === null || second === null) return [];
    // A capital V is a numeral, unless all of the name is in capitals.
    if (isShouted && (/\p{Ll}/u.test(first.text) || /\p{Ll}/u.test(second.text))) return [];
    const start = match.index - before.length + first.start;
    const end = behindAt + second.end;
    const number = /^\s*[[(]No\.?\s*(\d{1,3})[\])]/i.exec(text.slice(end, end + 12));
    const nameEnd = end + (number?.[0].length ?? 0);
    const words = number === null ? second.words : [...second.words, `no${number[1]}`];
    const year = /^\s*,?\s*[[(](\d{4})[\])]/.exec(text.slice(nameEnd, nameEnd + 12))?.[1] ?? null;
    return [{ kind: 'legal', start, end: nameEnd, key: 'name', details: {}, first: first.words, second: words, year }];
  });
}

/** Whether a cited name is the supplied one: each of its words stands in the name of the same party. */
export function isSameCase(cited: CaseName, supplied: CaseName): boolean {
  return isWithin(cited.first, supplied.first) && isWithin(cited.second, supplied.second);
}

interface Party {
  readonly text: string;
  /** Offsets in the slice it was looked for in. */
  readonly start: number;
  readonly end: number;
  readonly words: readonly string[];
}

interface Word {
  readonly text: string;
  readonly start: number;
}

function wordsOf(slice: string): readonly Word[] {
  return [...slice.matchAll(/\S+/g)].map((match) => ({ text: match[0], start: match.index }));
}

function partyBefore(slice: string, side: 'cited' | 'supplied'): Party | null {
  const all = wordsOf(slice);
  const taken: Word[] = [];
  for (const word of all.toReversed()) {
    const next = taken[0];
    const endsBefore = next !== undefined && endsName(word.text, next.text);
    if (endsBefore || taken.length >= MAX_WORDS || !mayBeName(word.text, next === undefined, taken.at(-1), side)) break;
    taken.unshift(word);
    if (/^["([]/.test(word.text) && !taken.some(({ text }) => text.includes(')'))) break;
  }
  return partyOf(withoutOpeners(taken), slice);
}

function partyBehind(slice: string, side: 'cited' | 'supplied'): Party | null {
  const taken: Word[] = [];
  for (const word of wordsOf(slice)) {
    const last = taken.at(-1);
    const isOver = last !== undefined && endsName(last.text, word.text);
    if (isOver || /^[([]/.test(word.text) || taken.length >= MAX_WORDS) break;
    if (!mayBeName(word.text, last === undefined, taken[0], side)) break;
    taken.push(word);
    if (/['’]s$/.test(word.text)) break;
  }
  while (taken.length > 1 && JOINING.has(bareWord(taken.at(-1)?.text ?? ''))) taken.pop();
  return partyOf(taken, slice);
}

/** Whether a name is over between two words: behind punctuation, save what leads to the form of a company. */
function endsName(word: string, next: string): boolean {
  const isForm = FORMS.has(bareWord(next));
  if (ENDING.test(word)) return !(word.endsWith(',') && isForm) && !/^\(.*\)$/.test(word);
  if (!word.endsWith('.')) return false;
  if (word.endsWith('..')) return true;
  const bare = word.slice(0, -1).toLowerCase();
  if (isForm) return false;
  if (/^(?:inc|ltd|llc|plc|co|corp|bros)$/.test(bare)) return true;
  // Of two shortened words in a row neither ends a sentence: `Indep. Sch. Dist.`
  if (bare.length <= MAX_SHORTENED && /\.,?$/.test(next) && !OPENERS.has(bareWord(next))) return false;
  return !(STOPPED.has(bare.replace(/['’]/g, '')) || bare.includes('.') || /^\p{L}$/u.test(bare));
}

/** In capitals, or a small word between others; a name that has no capitals at all is no longer than three words. */
function mayBeName(word: string, isNearest: boolean, nearest: Word | undefined, side: 'cited' | 'supplied'): boolean {
  const bare = word.replace(/^["'([]+/, '');
  if (/^[\p{Lu}\d&]/u.test(bare)) return !/^\d/.test(bare) || /\p{L}/u.test(bare);
  if (isNearest) return side === 'supplied' && /^\p{L}/u.test(bare) && !JOINING.has(bareWord(word));
  const isLower = /^\p{Ll}/u.test(nearest?.text.replace(/^["'([]+/, '') ?? '');
  return JOINING.has(bareWord(word)) && !isLower;
}

function withoutOpeners(words: readonly Word[]): readonly Word[] {
  const opener = words.findLastIndex(
    ({ text }, index) =>
      index < words.length - 1 && /^["'([]*\p{Lu}(?:\p{Ll}|\.|$)/u.test(text) && OPENERS.has(bareWord(text)),
  );
  const kept = words.slice(opener + 1);
  const from = kept.findIndex(({ text }) => !JOINING.has(bareWord(text)) || /^["'([]*\p{Lu}/u.test(text));
  return from < 0 ? [] : kept.slice(from);
}

function partyOf(words: readonly Word[], slice: string): Party | null {
  const [opening] = words;
  const closing = words.at(-1);
  if (opening === undefined || closing === undefined) return null;
  const skipped = /^["'([]*/.exec(opening.text)?.[0].length ?? 0;
  const start = opening.start + skipped;
  const end = closing.start + closing.text.replace(/\]\(.*$|(?:['’]s)?[.,;:!?"')\]]*$/, '').length;
  const text = slice.slice(start, Math.max(start, end));
  const folded = tellingWords(text);
  return folded.length === 0 ? null : { text, start, end, words: folded };
}

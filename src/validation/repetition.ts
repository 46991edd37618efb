import { deflateRawSync } from 'node:zlib';

/** A part of a text that goes round in circles, in UTF-16 offsets, `end` excluded. */
export interface Repetition {
  readonly kind: 'loop' | 'lines' | 'compressible';
  readonly start: number;
  readonly end: number;
}

/** As much of a text as is looked at in one go. */
export const REPETITION_CHARACTERS = 2048;
const WINDOW_CHARACTERS = 20;
const LOOP_ROUNDS = 6;
/** What goes round is words, of so many letters. A ruler or a row of zeros is none unless it fills nearly all, */
const LOOP_LETTERS = 8;
const LEAST_LOOP_CHARACTERS = 100;
const RULER_CHARACTERS = 1500;
/** nor are tables, code and data, which repeat by their nature. */
const DATA_LOOP_ROUNDS = 24;
const DATA_LOOP_CHARACTERS = 1800;
const SAME_LINES = 4;
const LINE_LETTERS = 12;
const MAX_DEFLATE_RATIO = 8;
/** Words, and the characters of scripts that do not part them, of which each says more. */
const WORD = /[\p{L}\p{M}]{2,}/gu;
const DENSE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const DENSE_LETTERS = 3;
/** A line of a table, of data or of code: little of it is words. */
const DATA_LINE = /^\s*(?:[|{}[\]<>#]|\/[/*]|["'`])|[|;{}<>=\t]\s*$|=>|\w\(|^\s*(?:- )?[\w.-]{1,40}:(?: [^\s:]+){0,2}$/;
/** What stands in rows of tables, in data and in code, and hardly in a sentence. */
const DATA_MARK = /["`{}[\]|<>=;\t\\#_]|\w\(/;
const SPACE = /\s/g;
const FENCE_LINE = /^\s*(?:```|~~~)/;

/**
 * Whether the last 2,048 characters of a text, or all of a shorter one, have fallen into repetition: a stretch that goes round at
 * least six times, a line four times in a row, or prose that deflates to less than an eighth. Rows of data, tables and code must
 * repeat far longer. Takes some 0.3 ms; fit to be asked again as a text grows.
 */
export function repetitionAtEnd(text: string): Repetition | null {
  const from = Math.max(0, text.length - REPETITION_CHARACTERS);
  const tail = text.slice(from);
  const found = loopIn(tail) ?? sameLinesIn(tail) ?? compressibleIn(tail);
  return found === null ? null : { ...found, start: found.start + from, end: found.end + from };
}

/** A stretch that equals what stood one period before it, for so many periods. */
function loopIn(text: string): Repetition | null {
  const lastAt = new Map<string, number>();
  let period = 0;
  let since = 0;
  for (let at = 0; at + WINDOW_CHARACTERS <= text.length; at++) {
    const window = text.slice(at, at + WINDOW_CHARACTERS);
    const distance = at - (lastAt.get(window) ?? at);
    lastAt.set(window, at);
    if (distance !== period) {
      period = distance;
      since = at;
    }
    const start = since - period;
    const end = at + WINDOW_CHARACTERS;
    if (period > 0 && isLoop(text, start, end, period)) return { kind: 'loop', start, end: text.length };
  }
  return null;
}

function isLoop(text: string, start: number, end: number, period: number): boolean {
  const length = end - start;
  if (length < Math.max(LEAST_LOOP_CHARACTERS, LOOP_ROUNDS * period)) return false;
  const unit = text.slice(start, start + period);
  const isWords = lettersOf(unit) >= LOOP_LETTERS && (unit.includes(' ') || unit.match(DENSE) !== null);
  if (!isWords) return length >= RULER_CHARACTERS;
  if (!DATA_MARK.test(unit)) return true;
  return length >= Math.max(DATA_LOOP_CHARACTERS, DATA_LOOP_ROUNDS * period);
}

function sameLinesIn(text: string): Repetition | null {
  let before = '';
  let count = 0;
  let start = 0;
  let at = 0;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line !== '') {
      if (line !== before) start = at;
      count = line === before ? count + 1 : 1;
      before = line;
      const isProse = lettersOf(line) >= LINE_LETTERS && !DATA_MARK.test(line);
      if (count >= SAME_LINES && isProse) return { kind: 'lines', start, end: text.length };
    }
    at += raw.length + 1;
  }
  return null;
}

function compressibleIn(text: string): Repetition | null {
  const prose = proseOf(text);
  const bytes = Buffer.byteLength(prose);
  // Less than this cannot be deflated so far.
  if (bytes < REPETITION_CHARACTERS / 2) return null;
  const isCompressible = bytes > MAX_DEFLATE_RATIO * deflateRawSync(prose, { level: 6 }).length;
  return isCompressible ? { kind: 'compressible', start: 0, end: text.length } : null;
}

/** The lines that are neither code nor data. */
function proseOf(text: string): string {
  let isCode = false;
  const lines = text.split('\n').filter((line) => {
    if (!FENCE_LINE.test(line)) return !isCode && !isDataLine(line);
    isCode = !isCode;
    return false;
  });
  return lines.join('\n');
}

function isDataLine(line: string): boolean {
  return DATA_LINE.test(line) || lettersOf(line) * 2 < line.replaceAll(SPACE, '').length;
}

function lettersOf(text: string): number {
  const ofWords = (text.match(WORD) ?? []).reduce((sum, word) => sum + word.length, 0);
  return ofWords + (text.match(DENSE)?.length ?? 0) * (DENSE_LETTERS - 1);
}

import { languageOf } from '../../core/language.ts';
import { isUnit } from './quantities.ts';

/** Words that capitals make a name. */
export interface Entity {
  /** Offsets in the normal text, `end` excluded. */
  readonly start: number;
  readonly end: number;
}

const RUN =
  /\p{Lu}[\p{L}\p{N}]*(?:['&.-][\p{L}\p{N}]+)*(?: (?:(?:of|the|de|von|van) ){0,2}\p{Lu}[\p{L}\p{N}]*(?:['&.-][\p{L}\p{N}]+)*)*/gu;
const ACRONYM = /^(?:\p{Lu}[\p{N}]*){2,}$|\p{N}|^\p{Ll}*\p{Lu}\p{Ll}*\p{Lu}/u;
/** What comes before a word that has its capital from its place. */
const OPENING = /(?:^|[.!?:;][*_"'”’)\]]*\s+|\n\s*(?:[-*•>#|]+\s*|\d{1,3}[.)]\s+)*[*_"'“(]*|["“«([]\s*|-\s+)$/u;
const HEADING_SHARE = 0.6;
const COMMON = new Set(['I', 'OK', 'A', 'AM', 'PM']);

/**
 * The names of a text: runs of words with capitals that do not have them from their place. In German, where every noun has
 * one, and in headings only what no other word looks like: acronyms, and words with a figure or a capital within.
 */
export function entitiesIn(text: string): readonly Entity[] {
  const isGerman = languageOf(text) === 'de';
  const heading = headings(text);
  return [...text.matchAll(RUN)].flatMap((match) => {
    const [run] = match;
    const isOpening = OPENING.test(text.slice(Math.max(0, match.index - 40), match.index));
    const skipped =
      isOpening && !ACRONYM.test(run.split(' ')[0] ?? '')
        ? (/^\S+\s*(?:(?:of|the|de|von|van)\s+){0,2}/u.exec(run)?.[0].length ?? 0)
        : 0;
    const name = run.slice(skipped);
    const isAcronym = ACRONYM.test(name);
    if (name === '' || COMMON.has(name) || isUnit(name) || /^\p{Lu}$/u.test(name)) return [];
    const start = match.index + skipped;
    if (!isAcronym && (isGerman || heading(start))) return [];
    return [{ start, end: start + name.length }];
  });
}

/** Whether what stands at an offset is in a heading, for ascending offsets: each line is looked at once. */
function headings(text: string): (at: number) => boolean {
  let end = -1;
  let isHere = false;
  return (at) => {
    if (at < end) return isHere;
    const from = text.lastIndexOf('\n', at - 1) + 1;
    const to = text.indexOf('\n', at);
    end = to < 0 ? text.length : to;
    isHere = isHeading(text.slice(from, Math.min(end, from + 400)));
    return isHere;
  };
}

/** A line marked as one, or most of whose words have capitals and that ends without a full stop. */
function isHeading(line: string): boolean {
  if (/^\s*#/.test(line)) return true;
  const words = line.match(/\p{L}+/gu) ?? [];
  const capitals = words.filter((word) => /^\p{Lu}/u.test(word)).length;
  return words.length >= 3 && capitals > HEADING_SHARE * words.length && !/[.!?,;]\s*$/.test(line);
}

/** What the capitals of names come to: `EU` of "European Union". */
export function acronymsIn(text: string): ReadonlySet<string> {
  const runs =
    text.match(/\p{Lu}\p{L}+(?:[ -](?:(?:of|and|for|the|in|on|de|der|des)\s){0,2}\p{Lu}\p{L}+){1,7}/gu) ?? [];
  return new Set(
    runs.flatMap((run) => {
      const initials = run
        .split(/[ -]/)
        .filter((word) => /^\p{Lu}/u.test(word))
        .map((word) => word.charAt(0));
      // A name may begin or end within a run.
      return initials.flatMap((_, from) =>
        initials.slice(from + 1).map((__, length) => initials.slice(from, from + length + 2).join('')),
      );
    }),
  );
}

import { parseJson } from '../../core/json.ts';
import { isFunctionWord } from '../../core/language.ts';
import { REFUSAL_OPENINGS } from './refusal-openings.ts';

export type RefusalCue = 'opening words' | 'short' | 'no JSON' | 'off the subject';

/** What speaks for a text being a refusal, and where its opening words stand. */
export interface RefusalCues {
  /** `null`: it does not open as refusals do, and then nothing else counts. */
  readonly opening: { readonly start: number; readonly end: number } | null;
  readonly cues: readonly RefusalCue[];
}

const LOOKED_AT_CHARACTERS = 300;
const SHORT_CHARACTERS = 600;
/** An answer takes up less of the question's words than this only when it does not go into it. */
const LEAST_OVERLAP = 0.25;
const LEAST_WORDS = 3;
const TEXT_WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Looks for the marks of a refusal in a text. */
export function refusalCues(
  text: string,
  { asked, wantsJson }: { readonly asked: string; readonly wantsJson: boolean },
): RefusalCues {
  // Characters are only exchanged one for one, so that places stay.
  const head = text.slice(0, LOOKED_AT_CHARACTERS).replaceAll(/[’‘ʼ]/g, "'");
  const found = REFUSAL_OPENINGS.map((pattern) => pattern.exec(head)).find((match) => match !== null);
  if (found === undefined) return { opening: null, cues: [] };
  const cues: RefusalCue[] = ['opening words'];
  if (text.length < SHORT_CHARACTERS) cues.push('short');
  if (wantsJson && parseJson(text) === undefined) cues.push('no JSON');
  if (isOffSubject(text, asked)) cues.push('off the subject');
  const start = found[0].length - found[0].trimStart().length;
  return { opening: { start, end: found[0].length }, cues };
}

function isOffSubject(text: string, asked: string): boolean {
  const words = contentWords(asked);
  const said = contentWords(text);
  const shared = [...words].filter((word) => said.has(word)).length;
  return words.size >= LEAST_WORDS && shared < words.size * LEAST_OVERLAP;
}

/** The words that say what a text is about; pairs of characters where words are not parted. */
function contentWords(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];
  return new Set(
    words.flatMap((word) => {
      if (TEXT_WITHOUT_SPACES.test(word)) return Array.from(word.slice(0, -1), (_, at) => word.slice(at, at + 2));
      return word.length > 3 && !isFunctionWord(word) ? [word] : [];
    }),
  );
}

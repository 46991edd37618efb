import { FUNCTION_WORDS, LETTERS } from './language-words.ts';

/** What says that a language cannot be told. */
const UNDETERMINED = 'und';

/** Scripts that one language alone is read as, or whose languages their words and letters tell apart. */
const SCRIPTS: readonly (readonly [pattern: RegExp, language: string | null])[] = [
  [/\p{Script=Latin}/gu, null],
  [/\p{Script=Cyrillic}/gu, null],
  [/\p{Script=Arabic}/gu, null],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, 'ja'],
  [/\p{Script=Han}/gu, 'zh'],
  [/\p{Script=Hangul}/gu, 'ko'],
  [/\p{Script=Devanagari}/gu, 'hi'],
  [/\p{Script=Greek}/gu, 'el'],
  [/\p{Script=Hebrew}/gu, 'he'],
  [/\p{Script=Thai}/gu, 'th'],
];

/** More than this tells no more. */
const LOOKED_AT_CHARACTERS = 2000;
const LETTER_WEIGHT = 0.5;
/** A language is told when it has this much for it, and this many times what the next one has. */
const LEAST_SCORE = 0.5;
const LEAST_LEAD = 1.25;

/**
 * The ISO 639-1 code of the language of a text, by its script, its function words and its letters; `und` where these do
 * not tell, which is so for a word or two without any of them.
 */
export function languageOf(text: string): string {
  const sample = text.slice(0, LOOKED_AT_CHARACTERS);
  const counts = SCRIPTS.map(([pattern, language]) => ({ language, count: sample.match(pattern)?.length ?? 0 }));
  const kana = counts.find(({ language }) => language === 'ja')?.count ?? 0;
  const main = counts.reduce((most, each) => (each.count > most.count ? each : most));
  if (main.count === 0) return UNDETERMINED;
  // Japanese has as many Chinese characters as its own.
  if (main.language === 'zh' && kana > 0) return 'ja';
  return main.language ?? byWords(sample);
}

function byWords(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{M}]+(?:['’](?=\p{L}))?/gu) ?? [];
  const scores = new Map<string, number>();
  const add = (language: string, score: number): unknown => scores.set(language, (scores.get(language) ?? 0) + score);
  for (const word of words) {
    const speakers = FUNCTION_WORDS.get(word.replace('’', "'")) ?? [];
    // A word that several languages have says less of each.
    for (const language of speakers) add(language, 1 / speakers.length);
    for (const [language, letters] of LETTERS) if (letters.test(word)) add(language, LETTER_WEIGHT);
  }
  const [best, next] = [...scores].toSorted(([, a], [, b]) => b - a);
  if (best === undefined || best[1] < LEAST_SCORE) return UNDETERMINED;
  return best[1] >= LEAST_LEAD * (next?.[1] ?? 0) ? best[0] : UNDETERMINED;
}

import { FUNCTION_WORDS, LETTERS, WORD_LANGUAGES } from './language-words.ts';

/** What says that a language cannot be told. */
export const UNDETERMINED = 'und';

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
  const [best, next] = languageScores(text);
  if (best === undefined || best.score < LEAST_SCORE) return UNDETERMINED;
  return best.score >= LEAST_LEAD * (next?.score ?? 0) ? best.language : UNDETERMINED;
}

/** What speaks for a language: one for each word that only it has. `Infinity`: its script is its alone. */
export interface LanguageScore {
  readonly language: string;
  readonly score: number;
}

/** The languages that a text may be in, the likeliest first; looks at its first 2,000 characters. */
export function languageScores(text: string): readonly LanguageScore[] {
  const sample = text.slice(0, LOOKED_AT_CHARACTERS);
  const counts = SCRIPTS.map(([pattern, language]) => ({ language, count: sample.match(pattern)?.length ?? 0 }));
  const kana = counts.find(({ language }) => language === 'ja')?.count ?? 0;
  const main = counts.reduce((most, each) => (each.count > most.count ? each : most));
  if (main.count === 0) return [];
  // Japanese has as many Chinese characters as its own.
  const language = main.language === 'zh' && kana > 0 ? 'ja' : main.language;
  return language === null ? byWords(sample) : [{ language, score: Infinity }];
}

/** Whether it is the code of a language that can be told. */
export function isLanguage(code: string): boolean {
  return WORD_LANGUAGES.has(code) || SCRIPTS.some(([, language]) => language === code);
}

/** Whether the word has no meaning of its own in some language: an article, a preposition … In lower case. */
export function isFunctionWord(word: string): boolean {
  return FUNCTION_WORDS.has(word);
}

function byWords(text: string): readonly LanguageScore[] {
  const words = text.toLowerCase().match(/[\p{L}\p{M}]+(?:['’](?=\p{L}))?/gu) ?? [];
  const scores = new Map<string, number>();
  const add = (language: string, score: number): unknown => scores.set(language, (scores.get(language) ?? 0) + score);
  for (const word of words) {
    const speakers = FUNCTION_WORDS.get(word.replace('’', "'")) ?? [];
    // A word that several languages have says less of each.
    for (const language of speakers) add(language, 1 / speakers.length);
    for (const [language, letters] of LETTERS) if (letters.test(word)) add(language, LETTER_WEIGHT);
  }
  return [...scores].map(([language, score]) => ({ language, score })).toSorted((a, b) => b.score - a.score);
}

/** What texts come to together. */
export interface TextCount {
  readonly tokens: number;
  /** Whether every text was counted in one piece. */
  readonly isExact: boolean;
}

/** Counts texts in the o200k vocabulary. Texts that look like a vocabulary's special tokens are counted as text, which they are. */
export type CountTexts = (texts: readonly string[]) => TextCount;

/** The vocabulary takes time with the square of an unbroken run of letters, marks or white space, so longer ones are cut. */
const LONGEST_RUN = 200;
/** As much of a run as is looked for at once: a match of millions of characters is more than an engine of regular expressions holds. */
const MATCHED_RUN = 100_000;
const LONG_RUN = new RegExp(
  ['[\\p{L}\\p{M}]', '[^\\s\\p{L}\\p{N}]', '\\s'].map((kind) => `${kind}{${LONGEST_RUN + 1},${MATCHED_RUN}}`).join('|'),
  'gu',
);
const PLAIN = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
/** Words it remembers. */
const REMEMBERED = 10_000;

/** Loads the vocabulary: a fifth to half of a second, and some 55 MB until the thread ends. */
export async function loadVocabulary(): Promise<CountTexts> {
  const o200k = await import('gpt-tokenizer/encoding/o200k_base');
  o200k.setMergeCacheSize(REMEMBERED);
  const count = (text: string): number => o200k.countTokens(text, PLAIN);
  return (texts) => {
    let tokens = 0;
    let isExact = true;
    for (const text of texts) {
      let from = 0;
      for (const run of text.matchAll(LONG_RUN)) {
        isExact = false;
        tokens += count(text.slice(from, run.index));
        for (let at = 0; at < run[0].length; at += LONGEST_RUN) tokens += count(run[0].slice(at, at + LONGEST_RUN));
        from = run.index + run[0].length;
      }
      tokens += count(from === 0 ? text : text.slice(from));
    }
    return { tokens, isExact };
  };
}

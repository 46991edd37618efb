const SCRIPTS = {
  Latin: /\p{Script=Latin}/gu,
  Cyrillic: /\p{Script=Cyrillic}/gu,
  Greek: /\p{Script=Greek}/gu,
  Arabic: /\p{Script=Arabic}/gu,
  Hebrew: /\p{Script=Hebrew}/gu,
  Devanagari: /\p{Script=Devanagari}/gu,
  Thai: /\p{Script=Thai}/gu,
  Hangul: /\p{Script=Hangul}/gu,
  Kana: /[\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  Han: /\p{Script=Han}/gu,
} as const;

/** The scripts that are told apart; others count as letters only. */
export type Script = keyof typeof SCRIPTS;

const OWN: Readonly<Record<string, readonly Script[]>> = {
  ru: ['Cyrillic'],
  uk: ['Cyrillic'],
  bg: ['Cyrillic'],
  el: ['Greek'],
  ar: ['Arabic'],
  fa: ['Arabic'],
  he: ['Hebrew'],
  hi: ['Devanagari'],
  th: ['Thai'],
  ko: ['Hangul', 'Han'],
  ja: ['Kana', 'Han'],
  zh: ['Han'],
};

/** The scripts that texts in a language may hold. Latin is among all of them: names and terms of art stand in it everywhere. */
export function scriptsOf(language: string): readonly Script[] {
  return [...(OWN[language] ?? []), 'Latin'];
}

/** How many letters a text has, and how many in each script that occurs. */
export function scriptCounts(text: string): { readonly letters: number; readonly counts: ReadonlyMap<Script, number> } {
  const counts = new Map<Script, number>();
  for (const [script, pattern] of Object.entries(SCRIPTS) as [Script, RegExp][]) {
    const count = text.match(pattern)?.length ?? 0;
    if (count > 0) counts.set(script, count);
  }
  return { letters: text.match(/\p{L}/gu)?.length ?? 0, counts };
}

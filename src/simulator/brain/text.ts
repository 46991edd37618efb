const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it its me my no not of on or our ' +
    'she should so than that the their them then there these they this those to us was we were what when where which who why will with would you your please ' +
    'about any all also just more most some such only very over under between after before during text following given here'
  ).split(' '),
);

const ABBREVIATIONS = 'v|vs|No|Nos|Dr|Mr|Mrs|Ms|Prof|Art|Arts|Sec|Inc|Ltd|Co|Corp|St|Jr|cf|pp|e\\.g|i\\.e|approx|F|Cir';
const SENTENCE_END = new RegExp(
  `(?<=[.!?]["')\\]]?)(?<!\\b(?:${ABBREVIATIONS})\\.)(?<!\\b\\p{Lu}\\.)\\s+|\\n+|(?<=[。！？])`,
  'u',
);

/** The sentences of a text, in order; list items and lines count as sentences. */
export function sentencesOf(text: string): readonly string[] {
  return text
    .split(SENTENCE_END)
    .map((sentence) => sentence.replace(/^\s*(?:[-*•]|\d{1,2}[.)])\s+/, '').trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

/** All words in lower case, camelCase and snake_case taken apart. */
export function wordsOf(text: string): readonly string[] {
  const spaced = text.replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2').replace(/_/g, ' ');
  return spaced.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The words that carry meaning, brought to a crude stem. */
export function stemsOf(text: string): readonly string[] {
  return wordsOf(text)
    .filter((word) => !STOP_WORDS.has(word) && (word.length > 1 || /\d|[^\u0000-\u024f]/.test(word)))
    .map(stem);
}

function stem(word: string): string {
  if (word.length > 5 && word.endsWith('ing')) return word.slice(0, -3);
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && word.endsWith('ed')) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith('s') && !word.endsWith('ss')) return word.slice(0, -1);
  return word;
}

/** How many different stems of `text` are among `stems`. */
export function overlap(text: string, stems: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of new Set(stemsOf(text))) if (stems.has(word)) shared += 1;
  return shared;
}

/** The meaningful words of a text, the most frequent first, as they are written in it. */
export function keywordsOf(text: string): readonly string[] {
  const counts = new Map<string, { count: number; written: string }>();
  for (const word of text.match(/\p{L}[\p{L}\p{N}'-]{2,}/gu) ?? []) {
    const key = stemsOf(word)[0];
    if (key === undefined) continue;
    const entry = counts.get(key) ?? { count: 0, written: word.toLowerCase() };
    entry.count += 1;
    counts.set(key, entry);
  }
  return [...counts.values()].toSorted((left, right) => right.count - left.count).map((entry) => entry.written);
}

const INSTRUCTION =
  /^\s*(?:please\s+|can you\s+|could you\s+|kindly\s+)?(?:summari[sz]e|sum up|extract|list|translate|rewrite|classify|analy[sz]e|tell|give|explain|read|return|parse|convert|describe|answer|find|identify|shorten|condense|write|tl;?dr)\b/i;

/** Whether the sentence tells the reader to do something. */
export function isInstruction(sentence: string): boolean {
  return INSTRUCTION.test(sentence);
}

/** The matter of a prompt without the instruction in front of it; the prompt itself when there is nothing else. */
export function materialOf(prompt: string): string {
  if (!INSTRUCTION.test(prompt)) return prompt;
  const colon = /^[^\n:.?!]{0,200}:\s*/.exec(prompt);
  const first = sentencesOf(prompt)[0] ?? '';
  const rest = colon === null ? prompt.slice(prompt.indexOf(first) + first.length) : prompt.slice(colon[0].length);
  return stemsOf(rest).length >= 3 ? rest.trim() : prompt;
}

/** The first letter as a capital, and a full stop where the text has no end. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?:;。]["')\]]?$/.test(capital) ? capital : `${capital}.`;
}

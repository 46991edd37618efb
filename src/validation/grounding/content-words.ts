const STOP_WORDS = new Set(
  (
    'that this these those with from have been were will would could should shall which what when where there their they them then than also into over under such some only other more most very your about after before because between both each ' +
    'does done during either every further here however itself just like many must much same since still through though thus upon well while whom whose within without according states says said source sources document documents ' +
    'eine einen einem einer eines dass diese dieser dieses sich nicht auch aber oder wenn wird werden wurde wurden sind sein seine haben kann nach beim durch ohne über unter zwischen'
  ).split(' '),
);
/** So many letters of a word count, so that its endings do not. */
const STEM_LETTERS = 6;

/** The words of a text that carry meaning, by their beginnings, without case and accents; of scripts without spaces each pair of characters. */
export function contentWords(text: string): ReadonlySet<string> {
  const folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = new Set<string>();
  for (const [word] of folded.matchAll(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]+|[\p{L}\p{N}]+/gu,
  )) {
    if (/^[\u0e00-\u0e7f\u1100-\u11ff\u2e80-\uffff]/.test(word))
      for (let at = 0; at + 2 <= word.length; at++) words.add(word.slice(at, at + 2));
    else if (/\d/.test(word) ? word.length >= 2 : word.length >= 4 && !STOP_WORDS.has(word))
      words.add(word.slice(0, STEM_LETTERS));
  }
  return words;
}

/** How many members of one set the other has too. */
export function sharedCount(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let count = 0;
  for (const word of one) if (other.has(word)) count += 1;
  return count;
}

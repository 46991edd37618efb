/**
 * The pieces the simulator streams and counts as tokens: a word with the space before it (eight characters at most), a
 * punctuation mark, a run of white space. An estimate, about four characters of English each; no vendor's tokenizer.
 */
export function splitTokens(text: string): readonly string[] {
  return text.match(/\s?[\p{L}\p{M}\p{N}_]{1,8}|\s+|\P{M}\p{M}*/gsu) ?? [];
}

/** How many tokens the text counts as. */
export function countTokens(text: string): number {
  return splitTokens(text).length;
}

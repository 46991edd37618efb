/**
 * Where each character of a YAML text's value stands in its source (quotes, escapes, markers and indentation included),
 * as offsets into the source. What cannot be found has none: the list ends early.
 */
export function sourceOffsets(source: string, value: string): readonly number[] {
  const offsets: number[] = [];
  let position = contentStart(source);
  for (const character of value) {
    const found = findCharacter(source, position, character);
    if (found === -1) break;
    // Half of a surrogate pair never stands alone: one character takes as many code units in both.
    for (let unit = 0; unit < character.length; unit += 1) offsets.push(found + unit);
    position = found + character.length;
  }
  return offsets;
}

/** Past the opening quote, or past the line with the marker of a block. */
function contentStart(source: string): number {
  if (/^['"]/.test(source)) return 1;
  return /^[|>]/.test(source) ? source.indexOf('\n') + 1 : 0;
}

/** A line break may stand for the space it was folded to. */
function findCharacter(source: string, from: number, character: string): number {
  for (let at = from; at < source.length; at += 1) {
    if (source.startsWith(character, at) || (character === ' ' && source[at] === '\n')) return at;
  }
  return -1;
}

/** Characters that steer a terminal instead of standing in it. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Text that others wrote, on one line and unable to steer the terminal: line breaks become spaces, other control characters `\xNN`. */
export function plainText(text: string): string {
  return text
    .replaceAll(/[\r\n\t\u2028\u2029]+/g, ' ')
    .replaceAll(CONTROL, (character) => `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}

/** The same for a text of several lines: its line breaks and tabs stay. */
export function plainLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(/[^\n\t]+/g, plainText);
}

/** The text in at most so many characters, the last of them `…` when some are missing. */
export function shortened(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, Math.max(0, most - 1)).join('')}…`;
}

export type Alignment = 'left' | 'right';

/** Rows as lines of aligned columns, two spaces apart and without spaces at their ends. */
export function alignedRows(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = [],
): readonly string[] {
  const widths = alignments.map(() => 0);
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, index) => padded(cell, widths[index] ?? 0, alignments[index] ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

/** The text filled up with spaces to that many characters. */
export function padded(text: string, characters: number, alignment: Alignment = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, characters - width(text)));
  return alignment === 'left' ? text + spaces : spaces + text;
}

/** As many columns as the text takes on a terminal, escape sequences aside. */
function width(text: string): number {
  return Array.from(text.replaceAll(/\u001b(?:\[[\d;]*m|\]8;;[^\u0007]*\u0007)/g, '')).length;
}

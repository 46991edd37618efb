import type { Diagnostic, Span } from '../diagnostic.ts';

/**
 * A finding about a text as one about the source it was made from, whose lines are the same: the word meant is looked
 * for in that line of the source. Where it is not, the whole line is meant.
 */
export function relocated(
  diagnostic: Diagnostic,
  textLines: readonly string[],
  sourceLines: readonly string[],
): Diagnostic {
  const { line, column, endColumn } = diagnostic;
  const textLine = textLines[line - 1] ?? '';
  const word = textLine.slice(column - 1, endColumn - 1).replace(/^"(.*)"$/, '$1');
  const nth = occurrences(textLine.slice(0, column - 1), word).length;
  const found = word === '' ? undefined : occurrences(sourceLines[line - 1] ?? '', word)[nth];
  const span =
    found === undefined
      ? wholeLine(sourceLines, line)
      : { line, column: found + 1, endColumn: found + 1 + word.length };
  return { ...diagnostic, ...span, sourceLine: sourceLines[line - 1] ?? null };
}

/** The line from its first to its last visible character. */
export function wholeLine(lines: readonly string[], line: number): Span {
  const text = lines[line - 1] ?? '';
  const column = text.length - text.trimStart().length + 1;
  return { line, column, endColumn: Math.max(column + 1, text.trimEnd().length + 1) };
}

/** Where the word stands by itself, not as part of another. */
function occurrences(text: string, word: string): readonly number[] {
  const found: number[] = [];
  for (let at = text.indexOf(word); word !== '' && at !== -1; at = text.indexOf(word, at + word.length)) {
    const isPart = [text[at - 1], text[at + word.length]].some((neighbour) => /[\w-]/.test(neighbour ?? ' '));
    if (!isPart) found.push(at);
  }
  return found;
}

/** One fenced block of a Markdown page. */
export interface DocBlock {
  /** The word after the opening fence; empty when there is none. */
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/**
 * The fenced blocks of a Markdown text, in order.
 * @throws Error when a fence is never closed, since the rest of the page would pass unread.
 */
export function docBlocks(markdown: string): readonly DocBlock[] {
  const blocks: DocBlock[] = [];
  let open: { language: string; line: number; fence: string; lines: string[] } | null = null;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^(`{3,})(.*)$/.exec(line);
    if (open !== null) {
      if (line.trimEnd() === open.fence) {
        blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n') });
        open = null;
      } else open.lines.push(line);
    } else if (fence !== null) {
      open = { language: (fence[2] ?? '').trim(), line: index + 1, fence: fence[1] ?? '', lines: [] };
    }
  }
  if (open !== null) throw new Error(`the block opened in line ${open.line} is never closed`);
  return blocks;
}

/** The npm commands of a shell block (`npm test`, `npm run x`), or none when the block can be run as it is. */
export function npmCommands(shell: string): readonly string[] {
  return [...shell.matchAll(/\bnpm (?:run )?([a-z][a-z:-]*)/g)].map((match) => match[1] ?? '');
}

/**
 * The shape of a JSON value as sorted lines `path: type`, for comparing a printed example with a
 * real answer. Array items share one path, so that two answers may differ in how many they have.
 */
export function jsonShape(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) {
    return [...new Set([`${path}: array`, ...value.flatMap((item) => jsonShape(item, `${path}[]`))])].toSorted();
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .flatMap(([key, member]) => jsonShape(member, path === '' ? key : `${path}.${key}`))
      .toSorted();
  }
  return [`${path}: ${value === null ? 'null' : typeof value}`];
}

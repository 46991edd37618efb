import {
  isAlias,
  isCollection,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  visit,
  type Document,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** The comments of a YAML text, sorted. */
export function commentsOf(text: string): readonly string[] {
  const found: string[] = [];
  let previous = '';
  for (const token of new Lexer().lex(text)) {
    // The lexer announces a scalar, which may begin with # too, by a token of its own.
    if (token.startsWith('#') && previous !== '\u001F') found.push(token.trimEnd());
    previous = token;
  }
  return found.toSorted();
}

/** A comment behind `key:` stays there, where the library would put it on a line of its own. */
export function placeKeyComments(root: YAMLMap, text: string): void {
  visit(root, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !isNode(value) || isAlias(value) || !value.commentBefore) return;
      const lineEnd = text.slice(key.range?.[1] ?? 0).split('\n', 1)[0] ?? '';
      if (!/^\s*:\s*#/.test(lineEnd)) return;
      const [first = '', ...rest] = value.commentBefore.split('\n');
      key.comment = first;
      value.commentBefore = rest.join('\n').trim() === '' ? null : rest.join('\n').replace(/^\n+/, '');
    },
  });
}

/** The library gives a comment at the end of the file to the last section, however far it is to the left. */
export function giveTrailingComment(document: Document, text: string): void {
  const lines: string[] = [];
  for (const line of text.trimEnd().split('\n').toReversed()) {
    if (line.startsWith('#')) lines.unshift(line.trimEnd());
    else if (line.trim() !== '') break;
  }
  if (lines.length === 0) return;
  for (let node: unknown = document.contents; isCollection(node);) {
    const comment = (node.comment ?? '').split('\n').filter((line) => line !== '');
    const last = comment.slice(-lines.length);
    if (last.map((line) => `#${line}`.trimEnd()).join('\n') === lines.join('\n')) {
      node.comment = comment.slice(0, -lines.length).join('\n') || null;
      document.comment = [...last, ...(document.comment ? [document.comment] : [])].join('\n');
      return;
    }
    const item: unknown = node.items.at(-1);
    node = isPair(item) ? item.value : item;
  }
}

/** Whether a flow collection has a comment between its braces. */
export function hasInnerComment(collection: YAMLMap | YAMLSeq, text: string): boolean {
  const behind = text.slice(collection.range?.[1] ?? 0).split('\n', 1)[0] ?? '';
  if (collection.comment && (collection.comment.includes('\n') || !/^\s*,?\s*#/.test(behind))) return true;
  let found = false;
  visit(collection, {
    Node: (_, node) => {
      if (node !== collection && (node.comment || node.commentBefore)) found = true;
    },
  });
  return found;
}

/** The comment behind a closing brace goes behind the key, or before the list's entry, when there is no brace any more. */
export function moveEndComment(collection: YAMLMap | YAMLSeq, key: Scalar | null): void {
  if (!collection.comment || collection.comment.includes('\n') || collection.srcToken?.type !== 'flow-collection')
    return;
  if (key !== null && !key.comment) key.comment = collection.comment;
  else collection.commentBefore = [collection.commentBefore, collection.comment].filter(Boolean).join('\n');
  collection.comment = null;
}

/** One blank line before each section, none at the beginning of a map or list, and none inside braces or around comments. */
export function tidyLines(root: YAMLMap): void {
  for (const pair of root.items) if (isNode(pair.key)) pair.key.spaceBefore = true;
  visit(root, {
    Node(_, node) {
      node.commentBefore = tidyComment(node.commentBefore);
      if (isCollection(node)) node.comment = tidyComment(node.comment);
    },
    Pair(_, { value }) {
      if (isNode(value)) value.spaceBefore = false;
    },
  });
  visit(root, {
    Collection(_, collection) {
      for (const [index, item] of collection.items.entries()) {
        const node = isPair(item) ? item.key : item;
        if (isNode(node) && (index === 0 || collection.flow === true)) node.spaceBefore = false;
        if (isSeq(collection)) raiseComment(item);
      }
    },
  });
}

function tidyComment(comment: string | null | undefined): string | null {
  return comment?.replaceAll(/^\n+|\n+$/g, '').replaceAll(/\n{3,}/g, '\n\n') || null;
}

/** A comment at the top of a list's entry stands above its dash. */
function raiseComment(entry: unknown): void {
  const first: unknown = isCollection(entry) ? entry.items[0] : null;
  const node = isPair(first) ? first.key : first;
  if (!isCollection(entry) || !isNode(node) || !node.commentBefore) return;
  entry.commentBefore = entry.commentBefore ? `${entry.commentBefore}\n${node.commentBefore}` : node.commentBefore;
  node.commentBefore = null;
}

import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  parseDocument,
  visit,
  type CollectionTag,
  type Node,
  type ScalarTag,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

import { canonicalJson } from '../../core/json.ts';
import { parseDocumentText, toJson } from '../document.ts';
import {
  commentsOf,
  giveTrailingComment,
  hasInnerComment,
  moveEndComment,
  placeKeyComments,
  tidyLines,
} from './format-comments.ts';
import { sortWords } from './format-order.ts';

/** Longest line that is written when something shorter is possible. */
const WIDTH = 120;
const INDENT = 2;
/** So often at most a text is formatted until it stays as it is. */
const MAX_STEPS = 5;

export type FormatResult =
  | { readonly ok: true; readonly text: string }
  /** Why the text is left alone, in a few words. */
  | { readonly ok: false; readonly reason: string };

/**
 * A config text in its canonical form: words in the order of the grammar, two spaces a level, flow maps where they
 * fit on a line, a blank line between sections; comments stay with what they are about. The result says the same:
 * both texts are read again and compared, values and comments, and a text that would change is refused.
 * @param text a file that parses as YAML; its words need not be right.
 */
export function formatConfig(text: string): FormatResult {
  // Where a comment stands in an odd place, its form is found in more than one step.
  let result = formatOnce(text);
  for (let step = 1; step < MAX_STEPS && result.ok; step++) {
    const next = formatOnce(result.text);
    if (next.ok && next.text === result.text) return result;
    result = next;
  }
  return result.ok ? { ok: false, reason: 'its comments stand where no form keeps them' } : result;
}

function formatOnce(text: string): FormatResult {
  const document = parseDocument(text, { keepSourceTokens: true });
  if (document.errors.length > 0) return { ok: false, reason: 'it is not YAML' };
  if (!isMap(document.contents)) return { ok: true, text };
  giveTrailingComment(document, text);
  placeKeyComments(document.contents, text);
  if (!hasAliases(document)) sortWords(document);
  tidyLines(document.contents);
  document.schema.tags = document.schema.tags.map((tag) => styled(tag, text));
  document.contents.flow = false;
  fit(document.contents, 0, document, text);
  const formatted = document.toString(WRITING);
  const reason = difference(text, formatted);
  return reason === null ? { ok: true, text: formatted } : { ok: false, reason };
}

const WRITING = {
  indent: INDENT,
  lineWidth: 0,
  // A quoted text with line breaks in it stays on its line.
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
} as const;

/** What the formatted text says otherwise than the original; `null` when nothing. */
function difference(before: string, after: string): string | null {
  if (valuesOf(before) !== valuesOf(after)) return 'its values would not stay the same';
  return commentsOf(before).join('\n') === commentsOf(after).join('\n') ? null : 'a comment would be lost';
}

function valuesOf(text: string): string {
  const { root, problems } = parseDocumentText(text, '');
  return root === null ? JSON.stringify(problems.all().map((problem) => problem.message)) : canonicalJson(toJson(root));
}

function hasAliases(document: Document): boolean {
  let found = false;
  visit(document, { Alias: () => ((found = true), visit.BREAK) });
  return found;
}

/** How this formatter writes what a tag stands for: brackets without padding; scalars as they stood, unless they were wrapped. */
function styled(tag: ScalarTag | CollectionTag, text: string): ScalarTag | CollectionTag {
  if (tag.collection === 'seq' || tag.collection === 'map') {
    const flowCollectionPadding = tag.collection === 'map' ? ' ' : '';
    const stringify: NonNullable<ScalarTag['stringify']> = (item, context, ...signals) =>
      (item as unknown as Collection).toString({ ...context, flowCollectionPadding }, ...signals);
    return Object.assign({}, tag, { stringify });
  }
  const { stringify: wrapped } = tag as ScalarTag;
  const stringify: NonNullable<ScalarTag['stringify']> = (item, context, ...signals) => {
    if (item.range && !isWrapped(item, text)) return asWritten(text.slice(item.range[0], item.range[1]));
    const lineWidth = item.type === 'BLOCK_LITERAL' ? 0 : WIDTH;
    return wrapped?.(item, { ...context, options: { ...context.options, lineWidth } }, ...signals) ?? '';
  };
  return Object.assign({}, tag, { stringify });
}

/** Double quotes in place of single ones wherever that needs no escape. */
function asWritten(source: string): string {
  return /^'[^'"\\]*'$/.test(source) ? `"${source.slice(1, -1)}"` : source;
}

/** Whether a scalar takes several lines, or would if there were room. */
function isWrapped(node: Node, text: string): boolean {
  if (!isScalar(node) || !node.range) return false;
  return (
    ['BLOCK_FOLDED', 'BLOCK_LITERAL'].includes(node.type ?? '') ||
    text.slice(node.range[0], node.range[1]).includes('\n')
  );
}

/**
 * Opens every flow map or list that does not fit on its line, from the outside to the inside, and puts comments of
 * one line behind what they are about.
 * @param indent columns in front of the collection's entries
 */
function fit(collection: Collection, indent: number, document: Document, text: string): void {
  for (const item of collection.items) {
    const key = isPair(item) && isScalar(item.key) ? item.key : null;
    const value = isPair(item) ? item.value : item;
    if (!isNode(value) || isAlias(value)) continue;
    const taken = indent + (key?.range ? key.range[1] - key.range[0] : 0) + INDENT;
    if (isCollection(value) && open(value, taken, document, text)) {
      moveEndComment(value, key);
      fit(value, indent + INDENT, document, text);
    } else if (key?.comment && !value.comment && !value.commentBefore && !isWrapped(value, text)) {
      value.comment = key.comment;
      key.comment = null;
    }
  }
}

type Collection = YAMLMap | YAMLSeq;

/** Whether the collection is written on several lines: it was, it has comments inside, or it does not fit behind `taken` columns. */
function open(collection: Collection, taken: number, document: Document, text: string): boolean {
  if (collection.items.length === 0) return false;
  if (collection.flow !== true) return true;
  if (!hasInnerComment(collection, text) && taken + lengthOnOneLine(collection, document) <= WIDTH) return false;
  collection.flow = false;
  return true;
}

function lengthOnOneLine(collection: Collection, document: Document): number {
  const probe = new Document();
  probe.schema = document.schema;
  const { comment, commentBefore } = collection;
  Object.assign(collection, { comment: null, commentBefore: null });
  probe.contents = collection;
  const line = probe.toString({ ...WRITING, verifyAliasOrder: false });
  Object.assign(collection, { comment, commentBefore });
  return line.trimEnd().length;
}

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';

import type { JsonValue } from '../core/json.ts';
import { Problems, type Span } from './diagnostic.ts';
import { isSecretReference, redactedLines, SECRET_WORDS, type TextRange } from './redact.ts';
import { sourceOffsets } from './source-offsets.ts';

/** A value of the config file that knows where it stands. */
export type ConfigNode = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly type: 'map';
  readonly entries: readonly Entry[];
  readonly span: Span;
}

export interface ListNode {
  readonly type: 'list';
  readonly items: readonly ConfigNode[];
  readonly span: Span;
}

export interface ScalarNode {
  readonly type: 'scalar';
  readonly value: string | number | boolean | null;
  readonly span: Span;
  /** Where a stretch of a text's characters stands in the file; absent where the value is no text. */
  readonly within?: (start: number, end: number) => Span;
}

/** One `key: value` of a map. */
export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: ConfigNode;
}

export interface ConfigDocument {
  /** `null`: the file is empty or does not parse. */
  readonly root: ConfigNode | null;
  readonly problems: Problems;
}

const MAX_DEPTH = 64;
const MAX_NODES = 100_000;
const TOO_COMPLEX = `the file nests deeper than ${MAX_DEPTH} or has more than ${MAX_NODES} values`;

/**
 * Parses YAML 1.2 (core schema) into nodes with positions. What does not parse is in `problems`,
 * whose source lines have literal secrets masked.
 */
export function parseDocumentText(text: string, file: string): ConfigDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  const locate = locator(text, lineCounter);
  const secrets: TextRange[] = [];
  collectSecrets(document.contents, secrets, 0);
  const problems = new Problems(file, redactedLines(text, secrets));
  // The parser says it once for each level that it gives up.
  const exhausted = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  for (const error of exhausted === undefined ? document.errors : [exhausted]) {
    const [start, end] = error.pos;
    const word = /^[\w.-]+/.exec(text.slice(start))?.[0] ?? '';
    const span = locate(start, Math.max(end, start + word.length));
    if (error.code === 'DUPLICATE_KEY') problems.error('duplicate-key', span, `"${word}" is there twice in one map`);
    else if (error.code === 'MULTIPLE_DOCS')
      problems.error('syntax', span, 'a config is one document', 'leave out the ---');
    else if (error.code === 'RESOURCE_EXHAUSTION') problems.error('too-complex', span, TOO_COMPLEX);
    else problems.error('syntax', span, yamlMessage(error.message));
  }
  if (problems.hasErrors || isNothing(document.contents)) return { root: null, problems };
  const converter = new Converter(document, text, locate, problems);
  const root = converter.node(document.contents, 0);
  return { root: problems.hasErrors ? null : root, problems };
}

/** A config text as it may be shown: every literal secret overwritten by asterisks. */
export function maskedText(text: string): string {
  const secrets: TextRange[] = [];
  collectSecrets(parseDocument(text).contents, secrets, 0);
  return redactedLines(text, secrets).join('\n');
}

/** The node as plain JSON. */
export function toJson(node: ConfigNode): JsonValue {
  switch (node.type) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toJson);
    case 'map':
      return Object.fromEntries(node.entries.map((entry) => [entry.key, toJson(entry.value)]));
  }
}

/** The entry that stands under these names; `undefined` where the file has none. */
export function entryAt(root: ConfigNode, ...names: readonly string[]): Entry | undefined {
  let node: ConfigNode | undefined = root;
  let found: Entry | undefined;
  for (const name of names) {
    found = node?.type === 'map' ? node.entries.find((entry) => entry.key === name) : undefined;
    node = found?.value;
  }
  return found;
}

type Locate = (start: number, end: number) => Span;

/** Turns character offsets into a span on the line where they start. */
function locator(text: string, lineCounter: LineCounter): Locate {
  return (start, end) => {
    const { line, col: column } = lineCounter.linePos(start);
    const lineEnd = text.slice(start, end).search(/[\r\n]/);
    const length = lineEnd === -1 ? end - start : lineEnd;
    return {
      line: Math.max(1, line),
      column: Math.max(1, column),
      endColumn: Math.max(1, column) + Math.max(1, length),
    };
  };
}

/** Whether the file holds comments and markers only. */
function isNothing(contents: Node | null): contents is null {
  return contents === null || (isScalar(contents) && contents.value === null);
}

/** The parser's message in the form of ours: lower case start, no full stop. */
function yamlMessage(message: string): string {
  const sentence = message.replace(/\.$/, '');
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

/** Walks one parsed document; counts nodes so that aliases of aliases cannot blow it up. */
class Converter {
  readonly #document: Document;
  readonly #text: string;
  readonly #locate: Locate;
  readonly #problems: Problems;
  #nodes = 0;

  constructor(document: Document, text: string, locate: Locate, problems: Problems) {
    this.#document = document;
    this.#text = text;
    this.#locate = locate;
    this.#problems = problems;
  }

  node(source: Node | null, depth: number): ConfigNode {
    const span = this.#span(source);
    const nothing: ScalarNode = { type: 'scalar', value: null, span };
    this.#nodes += 1;
    if (depth > MAX_DEPTH || this.#nodes > MAX_NODES) {
      if (!this.#problems.hasErrors) this.#problems.error('too-complex', span, TOO_COMPLEX);
      return nothing;
    }
    if (isAlias(source)) return this.node(source.resolve(this.#document) ?? null, depth + 1);
    if (isMap(source)) return { type: 'map', entries: this.#entries(source.items, depth), span };
    if (isSeq(source)) {
      return { type: 'list', items: source.items.map((item) => this.node(item as Node | null, depth + 1)), span };
    }
    return isScalar(source) ? this.#scalar(source, span) : nothing;
  }

  #entries(pairs: readonly Pair[], depth: number): readonly Entry[] {
    const entries: Entry[] = [];
    for (const pair of pairs) {
      const key = pair.key as Node;
      const keySpan = this.#span(key);
      if (!isScalar(key) || !isPlain(key.value)) {
        this.#problems.error('wrong-type', keySpan, 'a key must be text');
        continue;
      }
      const name = String(key.value);
      this.#checkText(name, keySpan);
      const value =
        pair.value === null
          ? { type: 'scalar' as const, value: null, span: keySpan }
          : this.node(pair.value as Node, depth + 1);
      entries.push({ key: name, keySpan, value });
    }
    return entries;
  }

  #scalar({ value, source = '', range }: Scalar, span: Span): ScalarNode {
    if (typeof value === 'string') {
      this.#checkText(value, span);
      return { type: 'scalar', value, span, within: this.#within(value, span, range?.[0] ?? 0, range?.[1] ?? 0) };
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#problems.error('invalid-value', span, 'a number must be finite');
      return { type: 'scalar', value: null, span };
    }
    if (typeof value === 'number' && !isExact(value, source)) {
      this.#problems.error('invalid-value', span, `${source} has more digits than can be kept`);
    }
    if (typeof value === 'bigint') return { type: 'scalar', value: Number(value), span };
    return { type: 'scalar', value: value as ScalarNode['value'], span };
  }

  #within(value: string, span: Span, from: number, to: number): (start: number, end: number) => Span {
    return (start, end) => {
      const offsets = sourceOffsets(this.#text.slice(from, to), value);
      const first = offsets[start];
      if (first === undefined) return span;
      return this.#locate(from + first, from + (offsets[end - 1] ?? first) + 1);
    };
  }

  #checkText(text: string, span: Span): void {
    if (!text.isWellFormed()) this.#problems.error('invalid-text', span, 'the text has half of a surrogate pair in it');
  }

  #span(source: Node | null): Span {
    const [start, end] = source?.range ?? [0, 0];
    return this.#locate(start, end);
  }
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Whether a whole number written out is the number it was read as. */
function isExact(value: number, source: string): boolean {
  return !/^[-+]?\d{16,}$/.test(source) || BigInt(source.replace(/^\+/, '')) === BigInt(value);
}

/** Finds the literal values of secret words, in whatever of the document has parsed. */
function collectSecrets(source: unknown, found: TextRange[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (isSeq(source)) for (const item of source.items) collectSecrets(item, found, depth + 1);
  if (!isMap(source)) return;
  for (const pair of source.items) {
    const isSecret = isScalar(pair.key) && SECRET_WORDS.has(String(pair.key.value).toLowerCase());
    const value = pair.value as Node | null;
    for (const each of isSecret ? (isSeq(value) ? value.items : [value]) : []) {
      if (isScalar(each) && each.range && !isSecretReference(String(each.value))) {
        found.push({ start: each.range[0], end: each.range[1] });
      }
    }
    collectSecrets(value, found, depth + 1);
  }
}

import { isJsonObject, parseJson, type JsonValue } from '../../core/json.ts';
import { contentWords } from './content-words.ts';

/** One source with a number, as the context has it. */
export interface NumberedDocument {
  readonly number: number;
  readonly path: string;
  /** Offsets in the text at `path`. */
  readonly start: number;
  readonly end: number;
  /** The words of it that carry meaning. */
  readonly words: () => ReadonlySet<string>;
}

/** A text of the context as documents are looked for in it. */
export interface DocumentText {
  readonly path: string;
  readonly role: string;
  /** In one spelling. */
  readonly text: string;
  readonly originalSpan: (start: number, end: number) => { readonly start: number; readonly end: number };
}

const TAG = /<(document|doc|source|passage|chunk|result|search_result|context|file|item)(\s[^<>]{0,500})?>/gi;
const TAG_NUMBER = /\b(?:index|id|n|number|no|ref)\s*=\s*["']?[^\d"']{0,20}(\d{1,3})["']?/i;
const TAG_CHILD_NUMBER = /^\s*<(?:index|id|number)>\s*(\d{1,3})\s*</i;
/** A line that begins a numbered source: `[1] …`, `## Source 1`, `Document [2]:`. */
const HEADING =
  /^[ \t]*(?:#{1,6}[ \t]*)?(?:\[\^?(\d{1,3})\]|(?:sources?|documents?|doc|passage|references?|ref|chunk|excerpt|exhibit|snippet|result|quelle|dokument|anlage)[ \t]*[[(#]?[ \t]*(\d{1,3})\b)/gim;
/** Numbered parts: `1. …`, `2) …`; looked at where nothing else has a number. */
const NUMBERED_PART = /^[ \t]*(\d{1,3})[.)][ \t]+/gm;

interface Begin {
  readonly number: number;
  readonly start: number;
}

/**
 * The numbered sources of a context: tags such as `<document index="1">` (without a number in their order), lines that
 * begin with `[1]` or `Source 1`, entries of a tool's JSON list; where there are none, parts numbered `1.`; where there are
 * none of these either, the results of tools in their order.
 */
export function numberedDocuments(texts: readonly DocumentText[]): ReadonlyMap<number, readonly NumberedDocument[]> {
  const tags = new Map<string, number>();
  const explicit = texts.flatMap((text) => [
    ...parted(text, taggedBegins(text.text, tags)),
    ...parted(text, beginsOf(text.text, HEADING)),
    ...(text.role === 'tool' ? entriesOf(text) : []),
  ]);
  const parts =
    explicit.length > 0 ? explicit : texts.flatMap((text) => parted(text, beginsOf(text.text, NUMBERED_PART)));
  const results = texts.filter(({ role }) => role === 'tool');
  const documents =
    parts.length > 0 ? parts : results.map((text, index) => documentOf(text, index + 1, 0, text.text.length));
  const byNumber = new Map<number, NumberedDocument[]>();
  for (const document of documents) byNumber.set(document.number, [...(byNumber.get(document.number) ?? []), document]);
  return byNumber;
}

function taggedBegins(text: string, counts: Map<string, number>): readonly Begin[] {
  return [...text.matchAll(TAG)].map((match) => {
    const [whole, name = '', attributes = ''] = match;
    const tag = name.toLowerCase();
    const ordinal = (counts.get(tag) ?? 0) + 1;
    counts.set(tag, ordinal);
    const start = match.index + whole.length;
    const stated = TAG_NUMBER.exec(attributes)?.[1] ?? TAG_CHILD_NUMBER.exec(text.slice(start, start + 60))?.[1];
    return { number: stated === undefined ? ordinal : Number(stated), start };
  });
}

function beginsOf(text: string, pattern: RegExp): readonly Begin[] {
  return [...text.matchAll(pattern)].map((match) => ({ number: Number(match[1] ?? match[2]), start: match.index }));
}

/** Each reaches up to where the next one begins. */
function parted(text: DocumentText, begins: readonly Begin[]): readonly NumberedDocument[] {
  return begins.map(({ number, start }, index) =>
    documentOf(text, number, start, begins[index + 1]?.start ?? text.text.length),
  );
}

/** The objects of a list that a tool gave back as JSON, in their order. */
function entriesOf(text: DocumentText): readonly NumberedDocument[] {
  if (!/^\s*[[{]/.test(text.text)) return [];
  const list = firstList(parseJson(text.text));
  return list.map((entry, index) => ({
    ...documentOf(text, index + 1, 0, text.text.length),
    words: () => contentWords(JSON.stringify(entry)),
  }));
}

function firstList(value: JsonValue | undefined): readonly JsonValue[] {
  const lists = Array.isArray(value) ? [value] : isJsonObject(value) ? Object.values(value) : [];
  const list = lists.find((each): each is readonly JsonValue[] => Array.isArray(each) && each.some(isJsonObject));
  return list ?? [];
}

function documentOf(text: DocumentText, number: number, start: number, end: number): NumberedDocument {
  const original = end > start ? text.originalSpan(start, end) : { start, end };
  return { number, path: text.path, ...original, words: () => contentWords(text.text.slice(start, end)) };
}

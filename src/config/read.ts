import type { Problems, Span } from './diagnostic.ts';
import type { ConfigNode, Entry, ListNode, MapNode } from './document.ts';
import { DURATION_FORM, parseDuration } from './duration.ts';
import { didYouMean } from './suggest.ts';

/** The words one place of the grammar knows. */
export type Words = Choices<string>;

/** The words of which a place takes one. */
export interface Choices<Word extends string> {
  readonly built: readonly Word[];
  /** Words of the grammar that this version does not have: refused by name. */
  readonly notBuilt: readonly string[];
  /** What to write instead of words that belong elsewhere. */
  readonly hints?: Readonly<Record<string, string>>;
}

/** What every reader needs: where to report, and which file it reads. */
export interface ReadContext {
  readonly problems: Problems;
  /** The file's name as it stands in `at`. */
  readonly origin: string;
}

/** The config line of a span, `candor.yaml:33`. */
export function at(context: ReadContext, span: Span): string {
  return `${context.origin}:${span.line}`;
}

/** The node as a map, else a `wrong-type` error and `null`. */
export function readMap(context: ReadContext, node: ConfigNode, path: string): MapNode | null {
  if (node.type === 'map') return node;
  context.problems.error('wrong-type', node.span, `${path} must be a map, not ${describe(node)}`);
  return null;
}

/** The node as a list with at least one item, else an error and `null`. */
export function readList(context: ReadContext, node: ConfigNode, path: string): ListNode | null {
  if (node.type !== 'list') {
    const help = node.type === 'scalar' && node.value !== null ? 'write it in brackets: [ … ]' : null;
    context.problems.error('wrong-type', node.span, `${path} must be a list, not ${describe(node)}`, help);
    return null;
  }
  if (node.items.length > 0) return node;
  context.problems.error('missing-field', node.span, `${path} is empty`);
  return null;
}

/** The known members of a map by name. Every other one is an error: not built yet, or unknown. */
export function readFields(
  context: ReadContext,
  node: ConfigNode,
  path: string,
  words: Words,
): ReadonlyMap<string, Entry> | null {
  const map = readMap(context, node, path);
  if (map === null) return null;
  const fields = new Map<string, Entry>();
  for (const entry of map.entries) {
    if (words.built.includes(entry.key)) fields.set(entry.key, entry);
    else refuseWord(context, entry, path, words);
  }
  return fields;
}

function refuseWord(context: ReadContext, entry: Entry, path: string, words: Words): void {
  if (words.notBuilt.includes(entry.key)) {
    context.problems.error(
      'not-built-yet',
      entry.keySpan,
      `\`${entry.key}\` is not built yet (in ${path})`,
      'this version cannot honour it',
    );
    return;
  }
  const help = words.hints?.[entry.key] ?? didYouMean(entry.key, [...words.built, ...words.notBuilt]);
  context.problems.error('unknown-field', entry.keySpan, `unknown field "${entry.key}" in ${path}`, help);
}

/** Text that is not empty, else an error and `null`. */
export function readText(context: ReadContext, node: ConfigNode, path: string): string | null {
  if (node.type === 'scalar' && typeof node.value === 'string') {
    if (node.value.trim() !== '') return node.value;
    context.problems.error('missing-field', node.span, `${path} is empty`);
    return null;
  }
  const help = node.type === 'scalar' && node.value !== null ? 'put it in quotes' : null;
  context.problems.error('wrong-type', node.span, `${path} must be text, not ${describe(node)}`, help);
  return null;
}

export function readBoolean(context: ReadContext, node: ConfigNode, path: string): boolean | null {
  if (node.type === 'scalar' && typeof node.value === 'boolean') return node.value;
  context.problems.error('wrong-type', node.span, `${path} must be true or false, not ${describe(node)}`);
  return null;
}

/** A number that is at least `min`, else an error and `null`. */
export function readNumber(context: ReadContext, node: ConfigNode, path: string, min: number): number | null {
  if (node.type !== 'scalar' || typeof node.value !== 'number') {
    context.problems.error('wrong-type', node.span, `${path} must be a number, not ${describe(node)}`);
    return null;
  }
  if (node.value >= min) return node.value;
  context.problems.error('invalid-value', node.span, `${path} must be at least ${min}`);
  return null;
}

/** Milliseconds of a duration, at most `longestMs`, else an error and `null`. */
export function readDuration(context: ReadContext, node: ConfigNode, path: string, longestMs?: number): number | null {
  const text = node.type === 'scalar' ? String(node.value) : '';
  const durationMs = parseDuration(text, longestMs);
  if (durationMs === null) {
    context.problems.error('invalid-duration', node.span, `${path} is not a duration`, `write ${DURATION_FORM}`);
  }
  return durationMs;
}

/** One of the words, else an error and `null`. */
export function readChoice<Word extends string>(
  context: ReadContext,
  node: ConfigNode,
  path: string,
  choices: Choices<Word>,
): Word | null {
  const { built, notBuilt } = choices;
  const written = node.type === 'scalar' ? String(node.value) : null;
  if (written === null) {
    refuseChoiceShape(context, node, path, choices);
    return null;
  }
  const word = built.find((known) => known === written);
  if (word !== undefined) return word;
  if (notBuilt.includes(written)) {
    context.problems.error(
      'not-built-yet',
      node.span,
      `\`${written}\` is not built yet (in ${path})`,
      `use ${either(built)}`,
    );
  } else {
    const help = didYouMean(written, [...built, ...notBuilt]) ?? `use ${either(built)}`;
    context.problems.error('unknown-value', node.span, `${path} cannot be "${written}"`, help);
  }
  return null;
}

/** A map where a word belongs may still use a word of the grammar (`stream: {window: 400ms}`): name it. */
function refuseChoiceShape(context: ReadContext, node: ConfigNode, path: string, words: Words): void {
  const entry = node.type === 'map' ? node.entries.find((member) => words.notBuilt.includes(member.key)) : undefined;
  if (entry !== undefined) refuseWord(context, entry, path, words);
  else context.problems.error('wrong-type', node.span, `${path} must be ${either(words.built)}, not ${describe(node)}`);
}

/** `a`, `a or b`, `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** What a node is, for messages. Never its value: it could be a secret. */
function describe(node: ConfigNode): string {
  if (node.type !== 'scalar') return `a ${node.type}`;
  if (node.value === null) return 'nothing';
  return { string: 'text', number: 'a number', boolean: 'true or false' }[
    typeof node.value as 'string' | 'number' | 'boolean'
  ];
}

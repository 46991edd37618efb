import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { EffectiveValue } from './effective.ts';
import { maskKeys } from '../redact.ts';

/** The values as `{path: {value, origin, note?}}`. */
export function effectiveJson(values: readonly EffectiveValue[]): JsonObject {
  return Object.fromEntries(
    values.map(({ path, value, origin, note }) => [
      path.join('.'),
      { value, origin, ...(note === null ? {} : { note }) },
    ]),
  );
}

/**
 * The values as a config file, each with its origin behind it. What a file cannot say, or need not, is a comment:
 * loading the text gives the same configuration.
 */
export function effectiveText(values: readonly EffectiveValue[]): string {
  return maskKeys(
    blockLines(values, 0)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

function blockLines(values: readonly EffectiveValue[], depth: number): readonly string[] {
  const groups = new Map<string, EffectiveValue[]>();
  for (const value of values) {
    const word = value.path[depth] ?? '';
    groups.set(word, [...(groups.get(word) ?? []), value]);
  }
  const width = Math.max(
    0,
    ...values.filter(({ path }) => path.length === depth + 1).map((value) => leafText(value).length),
  );
  return [...groups].flatMap(([word, members], index) => {
    const blank = depth === 0 && index > 0 ? [''] : [];
    const leaves = members.filter(({ path }) => path.length === depth + 1);
    if (leaves.length > 0) return [...blank, ...leaves.map((leaf) => leafLine(leaf, depth, width))];
    const start = `${members.some(isWritable) ? '' : '# '}${flowText(word)}:`;
    return [...blank, indented(start, depth), ...blockLines(members, depth + 1)];
  });
}

function leafLine(value: EffectiveValue, depth: number, width: number): string {
  const { origin, note } = value;
  return indented(
    `${leafText(value).padEnd(Math.min(width, 60))}   # ${note === null ? origin : `${origin}; ${note}`}`,
    depth,
  );
}

function leafText(value: EffectiveValue): string {
  const text = `${flowText(value.path.at(-1) ?? '')}: ${value.value === null ? 'none' : flowText(value.value)}`;
  return isWritable(value) ? text : `# ${text}`;
}

/** Whether a file could hold the value and decide the same by it. */
function isWritable({ value, note }: EffectiveValue): boolean {
  return value !== null && note === null;
}

function indented(text: string, depth: number): string {
  return '  '.repeat(depth) + text;
}

/** Texts that YAML reads as they stand, wherever they stand. */
const PLAIN = /^(?!(?:true|false|null)$)[A-Za-z./_](?:[\w./@-]|:(?=\w|\/))*$/i;

/** A value as YAML on one line. */
function flowText(value: JsonValue): string {
  if (typeof value === 'string')
    return PLAIN.test(value) || /^\d{4}-\d\d-\d\d$|^\d+(?:ms|s|m|h|d)$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(flowText).join(', ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([word, member]) => `${flowText(word)}: ${flowText(member ?? null)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import type { Random } from '../../src/simulator/random.ts';

/** What a corruption does to a known object, and what must come of reading it: its own value, or nothing at all. */
export interface Corruption {
  readonly name: string;
  readonly expected: 'recovered' | 'refused';
  /** Of how many at least the own value must come, from 0 to 1. */
  readonly share: number;
  corrupt(source: JsonObject, random: Random): string;
}

const WORDS = ['total', 'name', 'items', 'note', 'größe', 'amount', 'id', 'tags', 'x-y', '日付', 'is ok', 'a.b'];
/** Strings that look like what stands around JSON. */
const TEXTS = [
  'plain',
  '',
  'it’s',
  "it's the dogs' day",
  'she said "hi"',
  'a, b, and c',
  '{not an object}',
  '[1, 2',
  '```json',
  'two\nlines\tand a tab',
  'back\\slash \\" end',
  'https://example.org/a?b=1#c',
  '// no comment',
  'emoji 🎉 and 秋',
  'key: value, other: {',
  '</think>',
  'null',
  'é\u0001\u001f',
];
const BEFORE = [
  'Here is the JSON you asked for:\n\n',
  'Sure! ',
  'I read the document (twice); the result is as follows.\n',
  'Result → ',
  'The placeholders {name} and [see below] are filled in:\n',
  '**Answer**\n',
  "It's done. Here's the object:\n",
];
const AFTER = [
  '\n\nLet me know if you need anything else!',
  ' Done.',
  '\n',
  "\nI've left {unknown} fields out.",
  ' (that is all)',
];

export const CORRUPTIONS: readonly Corruption[] = [
  {
    name: 'fence',
    expected: 'recovered',
    share: 0.99,
    corrupt: (source, random) => `\`\`\`${random.pick(['json', '', 'JSON'])}\n${written(source, random)}\n\`\`\``,
  },
  {
    name: 'prose around',
    expected: 'recovered',
    share: 0.99,
    corrupt: (source, random) => `${random.pick(BEFORE)}${written(source, random)}${random.pick(AFTER)}`,
  },
  {
    name: 'prose and fence',
    expected: 'recovered',
    share: 0.99,
    corrupt: (source, random) =>
      `${random.pick(BEFORE)}\`\`\`json\n${written(source, random)}\n\`\`\`${random.pick(AFTER)}`,
  },
  {
    name: 'reasoning tags',
    expected: 'recovered',
    share: 0.99,
    corrupt: (source, random) => `<think>\nFirst {"draft": 1}, then …\n</think>\n\n${written(source, random)}`,
  },
  {
    name: 'control characters',
    expected: 'recovered',
    share: 0.99,
    corrupt: (source, random) => random.pick(['', 'Sure! ']) + withRawControls(JSON.stringify(source)),
  },
  {
    name: 'trailing commas',
    expected: 'recovered',
    share: 0.95,
    corrupt: (source, random) => withTrailingCommas(source, random),
  },
  {
    name: 'single quotes',
    expected: 'recovered',
    share: 0.95,
    corrupt: (source, random) => random.pick([quotedLikePython, quotedWithEscapes])(source),
  },
  {
    name: 'single quotes, bare apostrophes',
    expected: 'recovered',
    share: 0.95,
    corrupt: (source) => singleQuoted(source, (text) => JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')),
  },
  {
    name: 'truncation',
    expected: 'refused',
    share: 0,
    corrupt: (source, random) => truncated(written(source, random), random),
  },
  {
    name: 'truncation after prose or in a fence',
    expected: 'refused',
    share: 0,
    corrupt: (source, random) => random.pick([...BEFORE, '```json\n']) + truncated(written(source, random), random),
  },
  {
    name: 'truncation, closed by a fence or prose',
    expected: 'refused',
    share: 0,
    corrupt: (source, random) => truncated(written(source, random), random) + random.pick(['\n```', ' … and so on.']),
  },
  {
    name: 'beginning missing',
    expected: 'refused',
    share: 0,
    corrupt: (source, random) => {
      const text = JSON.stringify(source);
      return text.slice(1 + below(text.length - 2, random));
    },
  },
  {
    name: 'two objects',
    expected: 'refused',
    share: 0,
    corrupt: (source, random) =>
      `${random.pick(['', ...BEFORE])}${written(source, random)}${random.pick(['\n', ' ', ', ', '\nor\n', ''])}${written(objectOf(random), random)}`,
  },
  {
    name: 'no JSON',
    expected: 'refused',
    share: 0,
    corrupt: (_source, random) => random.pick(['', '   \n', 'I cannot do that.', 'null and void', ...BEFORE, ...AFTER]),
  },
];

/** An object of names, numbers, awkward texts and more of them inside. */
export function objectOf(random: Random, depth = 0): JsonObject {
  const object: Record<string, JsonValue> = {};
  const members = 1 + below(4, random);
  for (let index = 0; index < members; index++) object[random.pick(WORDS)] = valueOf(random, depth + 1);
  return object;
}

function valueOf(random: Random, depth: number): JsonValue {
  switch (below(depth > 3 ? 4 : 6, random)) {
    case 0:
      return random.pick(TEXTS) + random.pick(['', ' ', random.pick(TEXTS)]);
    case 1:
      return random.pick([0, -1, 1.5, 1e21, 12_345_678, -0.001]);
    case 2:
      return random.pick([true, false, null]);
    case 3:
      return random.pick(TEXTS);
    case 4:
      return objectOf(random, depth);
    default:
      return Array.from({ length: below(4, random) }, () => valueOf(random, depth + 1));
  }
}

/** A whole number from 0 to `limit` - 1. */
function below(limit: number, random: Random): number {
  return Math.floor(random.next() * limit);
}

function written(source: JsonObject, random: Random): string {
  return JSON.stringify(source, null, random.pick([0, 0, 2]));
}

/** Cut inside the object, so that something is missing that a reader would miss. */
function truncated(text: string, random: Random): string {
  return text.slice(0, 1 + below(text.length - 1, random));
}

function withRawControls(text: string): string {
  return text.replace(/\\(?:u00([01][0-9a-f])|([nrt])|[^])/g, (escape, code?: string, letter?: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return letter === undefined ? escape : { n: '\n', r: '\r', t: '\t' }[letter as 'n' | 'r' | 't'];
  });
}

function withTrailingCommas(source: JsonValue, random: Random, isOutermost = true): string {
  const comma = (): string => (isOutermost || below(2, random) === 0 ? random.pick([',', ', ', ',\n']) : '');
  if (Array.isArray(source)) {
    const items = (source as readonly JsonValue[]).map((item) => withTrailingCommas(item, random, false));
    return `[${items.join(',')}${items.length === 0 ? '' : comma()}]`;
  }
  if (typeof source !== 'object' || source === null) return JSON.stringify(source);
  const members = Object.entries(source as JsonObject).map(
    ([name, value]) => `${JSON.stringify(name)}:${withTrailingCommas(value as JsonValue, random, false)}`,
  );
  return `{${members.join(',')}${members.length === 0 ? '' : comma()}}`;
}

/** As Python's `repr` writes it: double quotes around what holds an apostrophe and no quote. */
function quotedLikePython(source: JsonObject): string {
  return singleQuoted(source, (text) => escapedForSingleQuotes(text), { python: true });
}

function quotedWithEscapes(source: JsonObject): string {
  return singleQuoted(source, (text) => escapedForSingleQuotes(text));
}

function escapedForSingleQuotes(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
}

function singleQuoted(
  source: JsonValue,
  escape: (text: string) => string,
  { python }: { readonly python: boolean } = { python: false },
): string {
  const write = (value: JsonValue): string => {
    if (typeof value === 'string') {
      return python && value.includes("'") && !value.includes('"') ? JSON.stringify(value) : `'${escape(value)}'`;
    }
    if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(write).join(', ')}]`;
    if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value as JsonObject).map(
        ([name, member]) => `${write(name)}: ${write(member as JsonValue)}`,
      );
      return `{${members.join(', ')}}`;
    }
    const word = JSON.stringify(value);
    return python ? ({ true: 'True', false: 'False', null: 'None' }[word] ?? word) : word;
  };
  return write(source);
}

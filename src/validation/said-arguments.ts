import type { Tool } from '../core/chat.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { plainWords } from './plain-words.ts';
import type { SuppliedContext } from './supplied-context.ts';

/** Shorter ones are found anywhere, or mean something else. */
const LEAST_CHARACTERS = 4;
/** Words of a schema whose texts a model may take over as they are. */
const NAMING_WORDS: ReadonlySet<string> = new Set(['enum', 'const', 'default']);

/** A text among arguments that nobody had said, and its JSON pointer. */
interface UnsaidArgument {
  readonly pointer: string;
  readonly value: string;
}

/** What arguments may be taken from: the request's texts and the values that the tool's schema names, without regard to case, accents and punctuation. */
export function givenTexts(context: SuppliedContext, tool: Tool): string {
  return [context.words, ...namedValues(tool.parameters ?? {}).map(plainWords)].join('\n');
}

/** The first text of four characters or more among the arguments that is not in what was given. @param derived members that may be new */
export function unsaidArgument(
  value: JsonValue,
  given: string,
  derived: ReadonlySet<string>,
  pointer = '',
): UnsaidArgument | null {
  if (typeof value === 'string') {
    const said = plainWords(value);
    return said.length < LEAST_CHARACTERS || given.includes(said) ? null : { pointer, value };
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, item] of Object.entries(value as JsonObject)) {
    if (derived.has(name)) continue;
    const found = unsaidArgument(item as JsonValue, given, derived, `${pointer}/${escaped(name)}`);
    if (found !== null) return found;
  }
  return null;
}

function namedValues(schema: JsonValue, isNamed = false): readonly string[] {
  if (typeof schema === 'string') return isNamed ? [schema] : [];
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema as JsonObject).flatMap(([word, value]) =>
    namedValues(value as JsonValue, isNamed || (isJsonObject(schema) && NAMING_WORDS.has(word))),
  );
}

/** RFC 6901. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

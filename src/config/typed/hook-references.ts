import { isJsonObject } from '../../core/json.ts';

const SINGLE = ['task', 'confidence', 'onRecord'];
const NAMED = ['prompt', 'params', 'validate'];

/** A config as its module exports it, parted. */
export interface PartedConfig {
  /** The same with text in place of its functions, which says where each is: `candor.config.ts#hooks.task`. */
  readonly config: object;
  /** Its functions by their path, `hooks.task`. */
  readonly functions: ReadonlyMap<string, unknown>;
}

/** Takes the functions out of the `hooks` of a config; any other stays where it is, to be refused. */
export function partConfig(exported: object, origin: string): PartedConfig {
  const functions = new Map<string, unknown>();
  const { hooks } = exported as { readonly hooks?: unknown };
  if (!isJsonObject(hooks)) return { config: exported, functions };
  const refer = (value: unknown, path: string): unknown => {
    if (typeof value !== 'function') return value;
    functions.set(path, value);
    return `${origin}#${path}`;
  };
  const parted = Object.entries(hooks).map(([word, value]: [string, unknown]): readonly [string, unknown] => {
    if (SINGLE.includes(word)) return [word, refer(value, `hooks.${word}`)];
    if (!NAMED.includes(word) || !isJsonObject(value)) return [word, value];
    const members = Object.entries(value).map(([name, member]) => [name, refer(member, `hooks.${word}.${name}`)]);
    return [word, Object.fromEntries(members) as unknown];
  });
  return { config: { ...exported, hooks: Object.fromEntries(parted) }, functions };
}

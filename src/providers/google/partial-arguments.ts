import { stringMember, type JsonObject, type JsonValue } from '../../core/json.ts';

interface MutableObject {
  [key: string]: MutableJson;
}
type MutableJson = null | boolean | number | string | MutableJson[] | MutableObject;

const PATH_STEP = /\.([A-Za-z_$][\w$-]*)|\[(\d+)\]|\['([^'\\]*)'\]|\["([^"\\]*)"\]/y;

/**
 * The arguments of one call that come as values with their JSON paths (`$.items[0].price`). Texts
 * come in pieces that follow each other at one path.
 */
export class PartialArguments {
  readonly #root: MutableObject = {};

  /** The arguments so far. */
  get value(): JsonValue {
    return this.#root;
  }

  /** Adds one piece. Gives what is wrong with it; `null` when nothing is. */
  add(piece: JsonObject): string | null {
    const steps = decodePath(stringMember(piece, 'jsonPath') ?? '');
    const last = steps?.pop();
    if (steps === null || last === undefined) return 'a piece of the arguments has no readable path';
    const value = valueOf(piece);
    if (value === undefined) return 'a piece of the arguments has no value';
    let holder: MutableJson = this.#root;
    for (const [position, step] of steps.entries()) {
      if (!fits(holder, step)) return UNFIT;
      const next = steps[position + 1] ?? last;
      holder = read(holder, step) ?? write(holder, step, typeof next === 'number' ? [] : {});
    }
    if (!fits(holder, last)) return UNFIT;
    const before = read(holder, last);
    const isText = typeof before === 'string' && typeof value === 'string';
    write(holder, last, isText ? before + value : value);
    return null;
  }
}

const UNFIT = 'a piece of the arguments contradicts an earlier one';

type Holder = MutableJson[] | MutableObject;

/** Whether the step leads into the value: a key into an object, a place without a gap before it into an array. */
function fits(value: MutableJson, step: string | number): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? typeof step === 'number' && step <= value.length : typeof step === 'string';
}

function read(holder: Holder, step: string | number): MutableJson | undefined {
  if (Array.isArray(holder)) return holder[step as number];
  return Object.hasOwn(holder, step) ? holder[step] : undefined;
}

function write(holder: Holder, step: string | number, value: MutableJson): MutableJson {
  (holder as MutableObject)[step] = value;
  return value;
}

function decodePath(path: string): (string | number)[] | null {
  if (!path.startsWith('$')) return null;
  const steps: (string | number)[] = [];
  PATH_STEP.lastIndex = 1;
  while (PATH_STEP.lastIndex < path.length) {
    const match = PATH_STEP.exec(path);
    if (match === null) return null;
    const key = match[1] ?? match[3] ?? match[4];
    if (key === '__proto__') return null;
    steps.push(key ?? Number(match[2]));
  }
  return steps;
}

function valueOf(piece: JsonObject): MutableJson | undefined {
  const { stringValue, numberValue, boolValue } = piece;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof numberValue === 'number') return numberValue;
  if (typeof boolValue === 'boolean') return boolValue;
  return 'nullValue' in piece ? null : undefined;
}

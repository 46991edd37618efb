import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import { leavesOf, valueAt } from '../json-leaves.ts';
import { marksOf, readable } from './request-maker.ts';

/** One value of a body that holds no other, with every text it may be read as: itself, or what its base64 stands for. */
interface SentLeaf {
  readonly path: string;
  readonly value: JsonValue;
  readonly texts: readonly string[];
}

/** A body as a vendor received it, ready to be searched. */
export class SentBody {
  readonly json: JsonObject;
  readonly #leaves: readonly SentLeaf[];

  constructor(json: JsonObject) {
    this.json = json;
    this.#leaves = [...leavesOf(json)].map(([path, value]) => ({ path, value, texts: textsOf(value) }));
  }

  at(path: string): JsonValue | undefined {
    return valueAt(this.json, path);
  }

  /** Whether one of the words stands somewhere, as a whole text. */
  says(...words: readonly string[]): boolean {
    return this.#leaves.some(({ value }) => typeof value === 'string' && words.includes(value));
  }

  /** The paths at which the value stands: as it is, within a longer text, or as JSON in a text. */
  pathsOf(value: JsonValue): readonly string[] {
    return this.#leaves.filter((leaf) => isHeld(value, leaf)).map(({ path }) => path);
  }

  /** The paths of the leaves that hold the mark, in a text or in their own names. */
  pathsOfMark(mark: string): readonly string[] {
    return this.#leaves
      .filter(({ path, texts }) => path.includes(mark) || texts.some((text) => text.includes(mark)))
      .map(({ path }) => path);
  }

  /** The values at a JSON pointer in which `*` is any position or any name. */
  nodesAt(pointer: string): readonly JsonValue[] {
    return pointer
      .split('/')
      .slice(1)
      .reduce<readonly JsonValue[]>((nodes, step) => nodes.flatMap((node) => below(node, step)), [this.json]);
  }

  /** The role in which the text at the path is sent: of its message, or `system` beside the conversation. */
  roleAt(path: string): string {
    const message = /^(?:messages|contents)\[\d+\]/.exec(path)?.[0];
    if (message === undefined) return 'system';
    const role = this.at(`${message}.role`);
    return typeof role === 'string' ? role : 'user';
  }
}

function below(node: JsonValue, step: string): readonly JsonValue[] {
  if (typeof node !== 'object' || node === null) return [];
  if (step === '*') return Object.values(node as JsonObject) as readonly JsonValue[];
  const child = (node as JsonObject)[step];
  return child === undefined ? [] : [child];
}

const BASE64 = /^(?:data:[^,]*,)?([A-Za-z0-9+/]{4,}={0,2})$/;

function textsOf(value: JsonValue): readonly string[] {
  if (typeof value !== 'string') return [];
  const encoded = BASE64.exec(value)?.[1];
  return encoded === undefined ? [value] : [value, Buffer.from(encoded, 'base64').toString('utf8')];
}

function isHeld(value: JsonValue, leaf: SentLeaf): boolean {
  if (value === leaf.value) return true;
  if (typeof value === 'number') {
    const digits = new RegExp(`(?<![\\d.])${String(value).replaceAll('.', '\\.')}(?![\\d.])`);
    return leaf.texts.some((text) => digits.test(text));
  }
  if (typeof value !== 'string') return false;
  const inJson = JSON.stringify(value).slice(1, -1);
  return leaf.texts.some((text) => text.includes(value) || text.includes(inJson));
}

/** Whether the value holds the other: itself, within a text, or in JSON that was text on one side. */
export function holdsValue(holder: JsonValue, value: JsonValue): boolean {
  // What people wrote is told to the record by its hash.
  if (isJsonObject(holder) && typeof holder['sha256'] === 'string') return true;
  const body = new SentBody({ holder });
  if (body.pathsOf(value).length > 0) return true;
  if (typeof value !== 'string') return false;
  const parts = partsOf(value);
  return (
    parts !== null &&
    parts.every(
      (part) => body.pathsOf(part).length > 0 || (typeof part === 'string' && body.pathsOfMark(part).length > 0),
    )
  );
}

/** What a text is made of where a vendor takes it apart: the leaves and names of JSON, the base64 of a data URL. */
function partsOf(text: string): readonly JsonValue[] | null {
  const data = /^data:[^,]*;base64,(.+)$/.exec(text)?.[1];
  if (data !== undefined) return [data];
  const json = parseJson(readable(text));
  if (!isJsonObject(json)) return null;
  return [...leavesOf(json)].flatMap(([path, leaf]) => (path === '' ? [] : [leaf, ...marksOf(path)]));
}

import { jsonrepair } from 'jsonrepair';

import { parseJson, type JsonValue } from '../../core/json.ts';
import { TimeLimit, TimeLimitError } from '../time-limit.ts';
import { escapeControls } from './escape-controls.ts';
import { findValue, type NoValue } from './find-value.ts';
import type { OutputHabits } from './output-habits.ts';
import { respell } from './respell.ts';
import { sayingOf } from './saying.ts';

/**
 * How far a text was from JSON. 0: it is JSON. 1: one object or array stands in fences, prose or after reasoning.
 * 2: besides, raw control characters stood in its strings. 3: besides, it was repaired (quotes, commas, comments …).
 */
export type ParseLevel = 0 | 1 | 2 | 3;

/** A text read as JSON. */
export interface JsonReading {
  readonly value: JsonValue;
  /** The JSON of it; of level 0 the text itself. */
  readonly text: string;
  readonly level: ParseLevel;
}

/** Why a text cannot be read as JSON, as the end of a sentence. */
export interface UnreadableJson {
  readonly problem:
    | NoValue
    | 'it cannot be repaired for certain'
    | 'it would have to be repaired'
    | 'reading it takes too long';
}

/** Longer than any answer takes whose repair is worth it; it bounds what a hostile text can cost. */
const LIMIT_MS = 250;
/** Texts up to this length are read without a watch on it: the costliest ones take some tens of milliseconds. */
const UNWATCHED_CHARACTERS = 8192;

/** Reads answers that should be JSON: first as they are, then by ever bolder steps that never make another value of what is there. */
export class JsonReader {
  readonly #limit = new TimeLimit();

  /** The only JSON value in the text. What is right is parsed once and costs nothing else. */
  read(text: string, habits: OutputHabits): JsonReading | UnreadableJson {
    const value = parseJson(text);
    if (value !== undefined) return { value, text, level: 0 };
    if (text.length <= UNWATCHED_CHARACTERS) return recover(text, habits);
    try {
      return this.#limit.within(LIMIT_MS, () => recover(text, habits));
    } catch (error) {
      if (error instanceof TimeLimitError) return { problem: 'reading it takes too long' };
      throw error;
    }
  }
}

function recover(text: string, habits: OutputHabits): JsonReading | UnreadableJson {
  const answer = withoutReasoning(text, habits);
  if (answer === null) return { problem: 'it ends inside a value' };
  const found = findValue(answer);
  if (typeof found !== 'string') return found;
  const plain = parseJson(found);
  if (plain !== undefined) return { value: plain, text: found, level: 1 };
  const escaped = escapeControls(found);
  const lossless = parseJson(escaped);
  if (lossless !== undefined) return { value: lossless, text: escaped, level: 2 };
  return repair(respell(escaped)) ?? { problem: 'it cannot be repaired for certain' };
}

/** The text after its reasoning; `null` when the reasoning never ends, so that there is no answer. */
function withoutReasoning(text: string, { reasoningTags, opensInPrompt }: OutputHabits): string | null {
  let rest = text.trimStart();
  if (opensInPrompt) {
    const close = `</${reasoningTags[0] ?? ''}>`;
    const end = rest.indexOf(close);
    if (end >= 0) return rest.slice(end + close.length);
  }
  for (;;) {
    const tag = reasoningTags.find((name) => rest.startsWith(`<${name}>`));
    if (tag === undefined) return rest;
    const end = rest.indexOf(`</${tag}>`);
    if (end < 0) return null;
    rest = rest.slice(end + tag.length + 3).trimStart();
  }
}

/** The repaired value, if the repair says what the text says: `jsonrepair` also drops, adds and guesses. */
function repair(text: string): JsonReading | null {
  const plain = parseJson(text);
  if (plain !== undefined) return { value: plain, text, level: 3 };
  const said = sayingOf(text);
  if (said === null) return null;
  const repaired = repairedText(text);
  const value = repaired === null ? undefined : parseJson(repaired);
  const isSame = typeof value === 'object' && repaired !== null && sayingOf(repaired) === said;
  return isSame ? { value, text: repaired, level: 3 } : null;
}

/** `null` where it cannot be repaired, or is nested too deep for it. */
function repairedText(text: string): string | null {
  try {
    return jsonrepair(text);
  } catch {
    return null;
  }
}

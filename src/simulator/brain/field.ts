import { type JsonObject, stringMember } from '../../core/json.ts';
import type { Random } from '../random.ts';
import type { Facts } from './facts.ts';
import { stemsOf, wordsOf } from './text.ts';

/** One place in a schema that wants a value. */
export interface Field {
  /** Its name as the schema has it. */
  readonly name: string;
  /** The words of its name, in lower case, and those of its parent's where its own say little. */
  readonly words: readonly string[];
  /** Name and description, as stems: what it is about. */
  readonly stems: ReadonlySet<string>;
  readonly description: string;
  readonly schema: JsonObject;
}

/** What a field is filled from. */
export interface FillSource {
  readonly facts: Facts;
  readonly random: Random;
  /** Prose about the text, for fields that ask for an answer in words. */
  readonly prose: (sentences: number) => string;
}

/** A value, and whether it stands in the text (else it is only of the right type). */
export interface Filled<Value> {
  readonly value: Value;
  readonly found: boolean;
}

/** The field of a schema's property. */
export function fieldOf(name: string, schema: JsonObject): Field {
  const description = [stringMember(schema, 'title') ?? '', stringMember(schema, 'description') ?? ''].join(' ').trim();
  return {
    name,
    words: wordsOf(name),
    stems: new Set([...stemsOf(name), ...stemsOf(description)]),
    description,
    schema,
  };
}

/** Whether the field's name, or failing that its description, speaks of one of the words. */
export function speaksOf(field: Field, words: string): boolean {
  return (
    field.words.some((word) => isAmong(word, words)) || wordsOf(field.description).some((word) => isAmong(word, words))
  );
}

/** Whether the field's name has one of the words. */
export function isNamed(field: Field, words: string): boolean {
  return field.words.some((word) => isAmong(word, words));
}

function isAmong(word: string, words: string): boolean {
  const list = ` ${words} `;
  return list.includes(` ${word} `) || (word.endsWith('s') && list.includes(` ${word.slice(0, -1)} `));
}

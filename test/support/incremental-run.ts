import type { JsonObject } from '../../src/core/json.ts';
import type { Verdict } from '../../src/core/record.ts';
import { randomFrom, type Random } from '../../src/simulator/random.ts';
import { IncrementalCheck } from '../../src/validation/incremental/incremental-check.ts';
import type { Flaw } from '../../src/validation/incremental/json-follower.ts';
import type { SchemaOutline } from '../../src/validation/incremental/schema-outline.ts';
import { ReadAnswer } from '../../src/validation/read-answer.ts';
import { outputHabits } from '../../src/validation/recovery/output-habits.ts';
import { JsonReader } from '../../src/validation/recovery/read-json.ts';
import { SchemaChecker } from '../../src/validation/schema-checker.ts';
import { SuppliedContexts } from '../../src/validation/supplied-context.ts';
import { jsonSchema } from '../../src/validation/validators/json-schema.ts';
import { answer, PLAIN, TERMS } from './judging.ts';
import { cut, guessedValue, mutated, randomSchema, randomValue, written } from './schema-cases.ts';

/** What came of judging one text as it comes and as a whole. */
interface Judged {
  /** What was promised and is not so. */
  readonly broken: readonly string[];
  readonly mayRepair: boolean;
  /** The verdict on the whole text. */
  readonly final: Verdict['outcome'];
  /** How much of the text had come when it was known to be wrong, from 0 to 1; `null`: it was not before its end. */
  readonly foundAt: number | null;
}

/** How texts that begin wrongly are gone on with, in the hope of an answer that is accepted after all. */
const ENDINGS = [
  '',
  '}',
  ']',
  '"}',
  '":1}',
  ',1]',
  'e-9}',
  ' "a":1}',
  '","b":2}',
  ' x "y"}',
  '(b" x: 1}',
  '" + "b"}',
  'rue}',
  ' here {"a":1}',
  "'}",
  ' // c\n}',
  '}}',
  '{}',
  '\n```',
  ' see below] {"a":"a"}',
];

/** Judges random texts by random schemas. Of one number the case is always the same. */
export class IncrementalRun {
  readonly #schemas = new SchemaChecker();
  readonly #validator = jsonSchema(this.#schemas);
  readonly #reader = new JsonReader();
  readonly #contexts = new SuppliedContexts();
  readonly #outlineOf: (schema: JsonObject) => SchemaOutline | null;

  /** @param change what a saboteur does to the outlines */
  constructor(change: (outline: SchemaOutline) => SchemaOutline = (outline) => outline) {
    this.#outlineOf = (schema) => {
      const outline = this.#schemas.outlineOf(schema);
      return outline === null ? null : change(outline);
    };
  }

  /** Judges so many texts by the schema of a number. */
  judge(seed: number, texts: number): readonly Judged[] {
    const random = randomFrom('incremental', seed);
    const schema = randomSchema(random);
    return Array.from({ length: texts }, () => this.#judgeOne(schema, random, seed));
  }

  #judgeOne(schema: JsonObject, random: Random, seed: number): Judged {
    const value = random.next() < 0.7 ? guessedValue(schema, schema, random) : randomValue(random, 3);
    const base = written(value, random);
    const text = random.pick([base, mutated(base, random), mutated(mutated(base, random), random)]);
    const mayRepair = random.next() < 0.5;
    const broken: string[] = [];
    const tell = (what: string): void =>
      void broken.push(`${what}: ${JSON.stringify({ seed, mayRepair, text, schema })}`);

    const one = this.#follow(schema, text.split(''), mayRepair);
    for (const pieces of [[text], cut(text, random)]) {
      const other = this.#follow(schema, pieces, mayRepair);
      if (other?.reason !== one?.reason || other?.offset !== one?.offset) tell('the verdict depends on the pieces');
    }
    const final = this.#final(text, schema, mayRepair);
    if (one !== null && final === 'pass') tell('an answer that is accepted was failed');
    if (one !== null) {
      for (const whole of this.#continued(text.slice(0, one.read), base, random)) {
        if (this.#final(whole, schema, mayRepair) === 'pass') tell(`${JSON.stringify(whole)} is accepted`);
      }
    }
    return { broken, mayRepair, final, foundAt: one === null ? null : one.read / text.length };
  }

  #continued(prefix: string, base: string, random: Random): readonly string[] {
    const mixed = [1, 2, 3, 4].map(() => [1, 2, 3].map(() => random.pick(ENDINGS)).join(''));
    const endings = [...ENDINGS.filter(() => random.next() < 0.4), ...mixed, base.slice(prefix.length), base];
    return endings.map((ending) => prefix + ending);
  }

  #follow(
    schema: JsonObject,
    pieces: readonly string[],
    mayRepair: boolean,
  ): (Flaw & { readonly read: number }) | null {
    const outline = this.#outlineOf(schema);
    if (outline === null) return null;
    const check = new IncrementalCheck(outline);
    let read = 0;
    for (const piece of pieces) {
      const flaw = check.take(piece, mayRepair);
      read += piece.length;
      if (flaw !== null) return { ...flaw, read };
    }
    return null;
  }

  #final(text: string, schema: JsonObject, repairs: boolean): Verdict['outcome'] {
    const { hooks, judges } = TERMS;
    const terms = { reader: this.#reader, habits: outputHabits('gpt-4o'), repairs, outputShare: null, hooks, judges };
    const subject = new ReadAnswer(answer({ text }), PLAIN, this.#contexts.of(PLAIN), terms);
    try {
      return (this.#validator.check(subject, schema) as Verdict).outcome;
    } catch (error) {
      // A schema that refers to itself without end cannot be checked against, which is no acceptance.
      if (error instanceof RangeError) return 'abstain';
      throw error;
    }
  }
}

import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { parseJson, type JsonObject, type JsonValue } from '../core/json.ts';
import { linearPattern, PatternBeyondEngine } from '../core/linear-pattern.ts';
import type { Verdict } from '../core/record.ts';
import { readOutline } from './incremental/read-outline.ts';
import type { SchemaOutline } from './incremental/schema-outline.ts';
import { MULTIPLE_OF } from './multiple-of.ts';
import { holdsWord, isOf2020 } from './schema-draft.ts';
import { sizeOf } from './schema-size.ts';
import { TimeLimit, TimeLimitError } from './time-limit.ts';
import { abstain, fail, pass } from './validator.ts';

const ID = 'json_schema';
/** The largest schema that is compiled. The costliest ones of this size take about a tenth of a second. */
const MAX_SCHEMA_VALUES = 1500;
/** How many schemas are kept compiled, and of what size together. */
const MAX_KEPT = 256;
const MAX_KEPT_VALUES = 50_000;
const MAX_KEPT_CHARACTERS = 4_000_000;
/** What Ajv says of a `$schema` that is none of its own: a draft Candor cannot check, which is no fault of the schema; */
const UNKNOWN_DIALECT = /no schema with key or ref/;
/** nor is this. With Ajv 8.20 what stands beside such a reference, and what comes after it in a list, is not checked. */
const DYNAMIC_REFERENCE = '`$dynamicRef` is not checked: write `$ref`';
/** Work up to this size, in values of the schema × characters of the answer, is done without a watch on it. */
const UNWATCHED_WORK = 200_000;
const CHECK_LIMIT_MS = 100;
/** Compiling what is small enough ends in time, unless the machine is busy or the schema is of a kind nobody foresaw. */
const COMPILE_LIMIT_MS = 250;

// Ajv prints this name into code it generates for standalone use, which Candor does not do.
const linearEngine = Object.assign((pattern: string) => linearPattern(pattern) as unknown as RegExp, {
  code: 'linearPattern',
});

const OPTIONS: Options = {
  strict: false,
  logger: false,
  addUsedSchema: false,
  // Copying what a reference names to each place that names it, and polishing the code, take time that grows with the square.
  inlineRefs: false,
  // Every object inherits `constructor` and the like: such a member is there only where the answer has it.
  ownProperties: true,
  code: { regExp: linearEngine, optimize: false },
};

interface Usable {
  readonly validate: ValidateFunction;
  readonly values: number;
  readonly isPlain: boolean;
}

interface Unusable {
  readonly problem: string;
  /** Whether it is the schema that is wrong, and not what Candor can do with it. */
  readonly isFault: boolean;
  readonly values: number;
}

/** Checks texts against JSON Schemas (draft-07 and 2020-12). Keeps the last schemas it compiled. */
export class SchemaChecker {
  // These two only judge schemas. Ajv remembers every schema it compiles and the `$id`s in it, so
  // compiling clients' schemas with them would let memory grow and one request's schema reach another's.
  readonly #draft7 = new Ajv(OPTIONS);
  readonly #draft2020 = new Ajv2020(OPTIONS);
  readonly #limit = new TimeLimit();
  readonly #compiled = new Map<string, Usable | Unusable>();
  readonly #outlines = new WeakMap<Usable, SchemaOutline>();
  #keptValues = 0;
  #keptCharacters = 0;

  /** Why nothing can be checked against the schema; `null` when it can. */
  problemOf(schema: JsonObject): string | null {
    const compiled = this.#compile(schema);
    return 'problem' in compiled ? compiled.problem : null;
  }

  /** What is wrong with the schema itself; `null` also for a right one that is beyond what Candor can check. */
  faultOf(schema: JsonObject): string | null {
    const compiled = this.#compile(schema);
    return 'problem' in compiled && compiled.isFault ? compiled.problem : null;
  }

  /**
   * Whether the text is JSON that the schema accepts. Abstains where that cannot be told, or not in time.
   * @param value what the text is, where it has been parsed before
   */
  check(text: string, schema: JsonObject, value: JsonValue | undefined = parseJson(text)): Verdict {
    if (value === undefined) return fail(ID, 'the answer is not JSON');
    const compiled = this.#compile(schema);
    if ('problem' in compiled) return abstain(ID, compiled.problem);
    const { validate } = compiled;
    const run = (): boolean => {
      const outcome: unknown = validate(value);
      return outcome === true;
    };
    const isSmall = compiled.isPlain && compiled.values * text.length <= UNWATCHED_WORK;
    try {
      const isAccepted = isSmall ? run() : this.#limit.withinTwice(CHECK_LIMIT_MS, run);
      return isAccepted ? pass(ID) : rejection(validate.errors?.[0]);
    } catch (error) {
      if (error instanceof TimeLimitError) return abstain(ID, `the answer was not checked: ${error.message}`);
      throw error;
    }
  }

  /** What of the schema can be told while a text is still coming; `null`: nothing can be checked against it. */
  outlineOf(schema: JsonObject): SchemaOutline | null {
    const compiled = this.#compile(schema);
    if ('problem' in compiled) return null;
    const outline = this.#outlines.get(compiled) ?? readOutline(schema, isOf2020(schema));
    this.#outlines.set(compiled, outline);
    return outline;
  }

  #compile(schema: JsonObject): Usable | Unusable {
    const { values, isPlain } = sizeOf(schema, MAX_SCHEMA_VALUES);
    if (values > MAX_SCHEMA_VALUES) {
      const problem = `it holds more than ${MAX_SCHEMA_VALUES} values (each member and item counts, a regular expression for several)`;
      return { problem, isFault: false, values };
    }
    const key = JSON.stringify(schema);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    try {
      const validate = this.#compileNew(schema);
      return this.#keep(key, { validate, values, isPlain });
    } catch (error) {
      const problem = error instanceof Error ? error.message : 'the schema cannot be compiled';
      // Kept like any other: trying again would hold up everything else again.
      if (error instanceof TimeLimitError)
        return this.#keep(key, { problem: `compiling: ${problem}`, isFault: false, values });
      const isBeyond =
        error instanceof PatternBeyondEngine || UNKNOWN_DIALECT.test(problem) || problem === DYNAMIC_REFERENCE;
      return this.#keep(key, { problem, isFault: !isBeyond, values });
    }
  }

  /** @throws Error with what is wrong with the schema, or why it cannot be used */
  #compileNew(schema: JsonObject): ValidateFunction {
    if (schema['$async'] !== undefined) throw new TypeError('`$async` is no keyword of JSON Schema');
    const is2020 = isOf2020(schema);
    if (is2020 && holdsWord(schema, ['$dynamicRef'])) throw new TypeError(DYNAMIC_REFERENCE);
    const judge = is2020 ? this.#draft2020 : this.#draft7;
    // Ajv compiles the schema of schemas when it is first used; that is not the client's time.
    void judge.validateSchema({});
    // What a busy machine keeps from being compiled in time would stay unchecked from then on.
    return this.#limit.withinTwice(COMPILE_LIMIT_MS, () => {
      // It compiles this one only. Unless it knows the schema by name, it cannot follow `{"$ref": "#"}`.
      const compiler = new (is2020 ? Ajv2020 : Ajv)({ ...OPTIONS, validateSchema: false, addUsedSchema: true });
      addFormats.default(compiler);
      compiler.removeKeyword('multipleOf').addKeyword(MULTIPLE_OF);
      if (judge.validateSchema(schema) !== true) throw new Error(judge.errorsText(judge.errors, { dataVar: 'schema' }));
      return compiler.compile(schema);
    });
  }

  /** Keeps the outcome, and lets the oldest go while too much is kept. */
  #keep(key: string, compiled: Usable | Unusable): Usable | Unusable {
    if (key.length > MAX_KEPT_CHARACTERS) return compiled;
    this.#compiled.set(key, compiled);
    this.#keptValues += compiled.values;
    this.#keptCharacters += key.length;
    for (const [oldest, { values }] of this.#compiled) {
      const isWithin = this.#keptValues <= MAX_KEPT_VALUES && this.#keptCharacters <= MAX_KEPT_CHARACTERS;
      if (isWithin && this.#compiled.size <= MAX_KEPT) break;
      this.#compiled.delete(oldest);
      this.#keptValues -= values;
      this.#keptCharacters -= oldest.length;
    }
    return compiled;
  }
}

function rejection(error: ErrorObject | undefined): Verdict {
  if (error === undefined) return fail(ID, 'the schema does not accept the answer');
  const { instancePath, message = 'is not accepted' } = error;
  return instancePath === ''
    ? fail(ID, `the answer ${message}`)
    : fail(ID, `${instancePath} ${message}`, { place: instancePath });
}

import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';

import { parseJson, type JsonObject } from '../core/json.ts';
import type { Verdict } from '../core/record.ts';
import { abstain, fail, pass } from './validator.ts';

const ID = 'json_schema';
const MAX_COMPILED = 256;
const DRAFT_2020 = /2020-12/;

/** Regular expressions that cannot run away: RE2's language, linear time. */
function linearRegExp(pattern: string): { test(text: string): boolean } {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.matcher(text).find() };
}
// Ajv prints this name into code it generates for standalone use, which Candor does not do.
const linearEngine = Object.assign((pattern: string) => linearRegExp(pattern) as unknown as RegExp, {
  code: 'linearRegExp',
});

type Compiled = { readonly validate: ValidateFunction } | { readonly problem: string };

const OPTIONS: Options = { strict: false, logger: false, addUsedSchema: false, code: { regExp: linearEngine } };

/** Checks texts against JSON Schemas (draft-07 and 2020-12). Keeps the last schemas it compiled. */
export class SchemaChecker {
  // These two only judge schemas. They remember every schema they compile and the `$id`s in it, so
  // compiling clients' schemas with them would let memory grow and one request's schema reach another's.
  readonly #draft7 = new Ajv(OPTIONS);
  readonly #draft2020 = new Ajv2020(OPTIONS);
  readonly #compiled = new Map<string, Compiled>();

  /** What is wrong with the schema itself; `null` when it can be checked against. */
  problemOf(schema: JsonObject): string | null {
    const compiled = this.#compile(schema);
    return 'problem' in compiled ? compiled.problem : null;
  }

  /** Whether the text is JSON that the schema accepts. A schema that cannot be compiled abstains. */
  check(text: string, schema: JsonObject): Verdict {
    const compiled = this.#compile(schema);
    if ('problem' in compiled) return abstain(ID, compiled.problem);
    const value = parseJson(text);
    if (value === undefined) return fail(ID, 'the answer is not JSON');
    if (compiled.validate(value)) return pass(ID);
    return fail(ID, describe(compiled.validate.errors?.[0]));
  }

  #compile(schema: JsonObject): Compiled {
    const key = JSON.stringify(schema);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const compiled = this.#compileNew(schema);
    if (this.#compiled.size >= MAX_COMPILED) {
      const oldest = this.#compiled.keys().next().value;
      if (oldest !== undefined) this.#compiled.delete(oldest);
    }
    this.#compiled.set(key, compiled);
    return compiled;
  }

  #compileNew(schema: JsonObject): Compiled {
    const is2020 = typeof schema['$schema'] === 'string' && DRAFT_2020.test(schema['$schema']);
    const judge = is2020 ? this.#draft2020 : this.#draft7;
    const compiler = new (is2020 ? Ajv2020 : Ajv)({ ...OPTIONS, validateSchema: false });
    addFormats.default(compiler);
    try {
      if (judge.validateSchema(schema) !== true)
        return { problem: judge.errorsText(judge.errors, { dataVar: 'schema' }) };
      return { validate: compiler.compile(schema) };
    } catch (error) {
      return { problem: error instanceof Error ? error.message : 'the schema cannot be compiled' };
    }
  }
}

function describe(error: ErrorObject | undefined): string {
  if (error === undefined) return 'the schema does not accept the answer';
  return `${error.instancePath === '' ? 'the answer' : error.instancePath} ${error.message ?? 'is not accepted'}`;
}

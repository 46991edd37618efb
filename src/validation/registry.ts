import { GroundingThread } from './grounding/grounding-thread.ts';
import type { SchemaChecker } from './schema-checker.ts';
import type { Validator } from './validator.ts';
import { assert } from './validators/assert.ts';
import { citations } from './validators/citations.ts';
import { confidence } from './validators/confidence.ts';
import { degeneration } from './validators/degeneration.ts';
import { hook } from './validators/hook.ts';
import { jsonSchema } from './validators/json-schema.ts';
import { judge } from './validators/judge.ts';
import { language } from './validators/language.ts';
import { numbers } from './validators/numbers.ts';
import { pii } from './validators/pii.ts';
import { refusal } from './validators/refusal.ts';
import { regex } from './validators/regex.ts';
import { toolArguments } from './validators/tool-arguments.ts';
import { truncation } from './validators/truncation.ts';

/** Every validator a route can ask for, by id. */
export function createValidators(schemas: SchemaChecker): ReadonlyMap<string, Validator> {
  const thread = new GroundingThread();
  return new Map(
    [
      jsonSchema(schemas),
      toolArguments(schemas),
      truncation,
      refusal,
      language,
      degeneration,
      regex(),
      assert(),
      pii(),
      citations(thread),
      numbers(thread),
      hook,
      judge,
      confidence,
    ].map((validator) => [validator.id, validator]),
  );
}

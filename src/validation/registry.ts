import type { SchemaChecker } from './schema-checker.ts';
import type { Validator } from './validator.ts';
import { jsonSchema } from './validators/json-schema.ts';
import { refusal } from './validators/refusal.ts';
import { truncation } from './validators/truncation.ts';

/** Every validator a route can ask for, by id. */
export function createValidators(schemas: SchemaChecker): ReadonlyMap<string, Validator> {
  return new Map([jsonSchema(schemas), truncation, refusal].map((validator) => [validator.id, validator]));
}

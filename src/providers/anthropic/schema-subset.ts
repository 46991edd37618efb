import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { FittedSchema } from '../../core/model-limits.ts';
import { fitToSubset, type SchemaSubset } from '../schema-subset.ts';

/** Formats of strings the vendor enforces (transformer of its SDK 1.12, read 2026-11). */
const STRING_FORMATS: ReadonlySet<JsonValue> = new Set<JsonValue>([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);

/** The API refuses more than 24; its grammars fail to compile from 11 on (AI SDK, read 2026-11). */
const MAX_OPTIONAL_PROPERTIES = 10;

const SUBSET: SchemaSubset = {
  keeps: new Set([
    'type',
    'properties',
    'required',
    'additionalProperties',
    'items',
    'enum',
    'const',
    'anyOf',
    'allOf',
    '$ref',
    '$defs',
    'definitions',
    'format',
    'minItems',
    'title',
    'description',
    '$schema',
  ]),
  keepsValue: (keyword, value) => {
    if (keyword === 'format') return STRING_FORMATS.has(value);
    if (keyword === 'minItems') return value === 0 || value === 1;
    if (keyword === 'enum')
      return Array.isArray(value) && value.every((each) => typeof each !== 'object' || each === null);
    if (keyword === 'const') return typeof value !== 'object' || value === null;
    return keyword !== 'additionalProperties' || value === false || typeof value === 'object';
  },
  refuses: new Set(['patternProperties', 'if', 'then', 'else', 'dependentSchemas', 'prefixItems', '$dynamicRef']),
  renames: { oneOf: { to: 'anyOf', exact: false, asList: false } },
  closesObjects: true,
  recursion: false,
  maxOptionalProperties: MAX_OPTIONAL_PROPERTIES,
};

/** The schema as `output_config.format` takes it. */
export function fitAnthropicSchema(schema: JsonObject): FittedSchema {
  return fitToSubset(schema, SUBSET);
}

import type { JsonObject } from '../../core/json.ts';
import { withExamples } from './json-schema-parts.ts';

/** An entry of `validate` that gives a validator its options. */
export function validatorWithOptions(validators: readonly string[]): JsonObject {
  const properties = Object.fromEntries(validators.map((name) => [name, VALIDATOR_OPTIONS[name] ?? {}]));
  return { type: 'object', properties, additionalProperties: false, minProperties: 1, maxProperties: 1 };
}

/** One of them, or a list of them. */
function several(item: JsonObject): JsonObject {
  return { anyOf: [item, { type: 'array', items: item, minItems: 1 }] };
}

function members(properties: JsonObject): JsonObject {
  return { type: 'object', properties, additionalProperties: false };
}

const NONE: JsonObject = { enum: [true, null] };
const EXPRESSION: JsonObject = {
  type: 'string',
  description: 'CEL over `output`, `input`, `context` and `request`.',
  examples: ['output.total == sum(output.lines.map(l, l.amount))'],
};
const PATTERNS = several({ type: 'string', description: 'A pattern of RE2.' });
const SAMPLE: JsonObject = {
  anyOf: [
    { type: 'number', exclusiveMinimum: 0, maximum: 1 },
    { type: 'string', pattern: '^\\d{1,3}(?:\\.\\d+)? ?%$' },
  ],
};
const MODE: JsonObject = { enum: ['strict', 'flag', null], default: 'strict' };
const COUNT: JsonObject = { type: 'integer', minimum: 0 };

const VALIDATOR_OPTIONS: Readonly<Record<string, JsonObject>> = {
  json_schema: withExamples(
    { type: ['string', 'object', 'boolean'], description: 'The schema of the answer, here or in a file.' },
    ['./invoice.schema.json'],
  ),
  hook: withExamples({ type: 'string', description: 'A function: a file and one of its exports.' }, [
    './hooks/checks.ts#name_of_an_export',
  ]),
  tool_arguments: {
    description: 'What besides the tools’ own schemas is checked of calls.',
    anyOf: [
      NONE,
      members({
        echo: {
          description: 'Every text of four characters or more must stand in the request or in a tool’s result.',
          anyOf: [{ type: 'boolean' }, members({ derived: { type: 'array', items: { type: 'string' } } })],
        },
        calls: { ...members({ min: COUNT, max: COUNT }), description: 'How many calls there may be.' },
      }),
    ],
  },
  refusal: {
    enum: [true, null, 'native', 'soft'],
    description: '`native`: what the vendor marks as a refusal; `soft`: also what only reads like one.',
    default: 'native',
  },
  judge: {
    ...members({
      model: { type: 'string', description: 'The model that judges; of another family than those that answer.' },
      rubric: { type: 'string', description: 'What a good answer is, here or in a file.' },
      sample: { ...SAMPLE, description: 'Share of the answers that are judged. Default: all.' },
    }),
    description: 'What a model of another family says of the answer.',
    required: ['model', 'rubric'],
    examples: [{ model: 'claude-haiku', rubric: './rubric.md', sample: '5%' }],
  },
  confidence: {
    ...members({
      min: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'A probability.' },
      agreement: { type: 'string', description: 'A model of another family that is asked the same.' },
    }),
    description: 'How sure it must be that the answer is right.',
    required: ['min'],
    examples: [{ min: 0.8 }, { min: 0.8, agreement: 'gemini-flash' }],
  },
  truncation: NONE,
  degeneration: NONE,
  language: {
    description: 'The codes of the languages that will do, or `same`: as the user wrote.',
    anyOf: [NONE, several({ type: 'string', pattern: '^[a-z]{2}$|^same$' })],
    examples: ['de', ['de', 'fr'], 'same'],
  },
  regex: {
    description: 'A pattern of RE2 that must match, or those that must and must not.',
    anyOf: [{ type: 'string' }, members({ must: PATTERNS, must_not: PATTERNS })],
  },
  assert: {
    description: 'What must be true of every answer.',
    ...several({
      anyOf: [EXPRESSION, { ...members({ that: EXPRESSION, because: { type: 'string' } }), required: ['that'] }],
    }),
  },
  citations: {
    ...MODE,
    description: 'Every case, statute, DOI, address, reference and quotation must occur in what the model was given.',
  },
  numbers: {
    description: 'Every number, date and name must occur in what the model was given.',
    anyOf: [
      MODE,
      members({
        mode: { enum: ['strict', 'flag'], default: 'strict' },
        entities: { type: 'boolean', description: 'Whether names count.', default: true },
        allow_computed: {
          type: 'boolean',
          description: 'Whether a figure will do that follows from those.',
          default: false,
        },
      }),
    ],
  },
  pii: {
    description: 'Which personal data and secrets are looked for, and what of those that the request holds.',
    anyOf: [
      NONE,
      members({
        kinds: { type: 'array', items: { enum: ['email', 'phone', 'iban', 'card', 'ssn', 'secret'] }, minItems: 1 },
        echoed: { enum: ['pass', 'fail'], default: 'pass' },
      }),
    ],
  },
};

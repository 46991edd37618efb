import type { JsonObject } from '../../core/json.ts';
import { DEFAULT_INVALID_STEPS } from '../../core/route.ts';
import {
  CANDIDATE_WORDS,
  FALLBACK_CHOICES,
  INVALID_CHOICES,
  MID_SYSTEM_CHOICES,
  REFUSAL_CHOICES,
  ROUTE_WORDS,
  STREAM_CHOICES,
  TIMEOUT_WORDS,
} from '../grammar.ts';
import { choice, duration, list, shared, text, withExamples, wordMap } from './json-schema-parts.ts';

/** One route: the task a client asks for. */
export function routeSchema(validators: readonly string[]): JsonObject {
  return wordMap(
    ROUTE_WORDS,
    {
      try: list('The models to ask, in order; the first that answers well wins.', {
        anyOf: [
          shared('candidate', 'A model.'),
          wordMap(CANDIDATE_WORDS, { model: shared('candidate', 'A model.') }, ['model']),
        ],
      }),
      brief: text(
        'What a model is told that answers in the place of the first: `default`, `off`, a text, or a file (`./brief.md`). A Liquid template over `asked`, `model`, `route`, `reason`.',
        'default',
        'off',
      ),
      params: {
        description: 'Defaults, caps and overrides of parameters; `strict` makes every hint of a client bind.',
        anyOf: [{ const: 'strict' }, { $ref: '#/$defs/routeParams' }],
      },
      validate: list('What is checked of every answer.', {
        anyOf: [{ enum: [...validators] }, validatorWithOptions(validators)],
      }),
      invalid: {
        ...list(
          'What follows an answer that fails, in order: `repair` what can be read as JSON without a guess, ask the `next` candidate, `fail`.',
          choice('A step.', INVALID_CHOICES),
        ),
        uniqueItems: true,
        default: [...DEFAULT_INVALID_STEPS],
      },
      fallback: choice(
        'Whether another model may answer: `degraded` lets it and marks the answer. Default: `off` under `serve`, `degraded` under `dev`.',
        FALLBACK_CHOICES,
      ),
      stream: choice(
        '`hold` a streamed answer until it is checked, or let it `trail`. Default: `hold` with validators, else `trail`.',
        STREAM_CHOICES,
      ),
      mid_system: choice(
        'What becomes of instructions in the midst of a conversation where a model takes them at its start only: the model is left out, or they are moved there.',
        MID_SYSTEM_CHOICES,
        'refuse',
      ),
      on_refusal: choice("Whether a model's refusal is delivered, or another model asked.", REFUSAL_CHOICES, 'deliver'),
      timeout: {
        description: 'The longest a request may take, or its timers one by one.',
        anyOf: [{ $ref: '#/$defs/duration' }, timeouts],
      },
    },
    ['try'],
  );
}

const timeouts = wordMap(TIMEOUT_WORDS, {
  connect: duration('To an open connection.', '5s'),
  first_byte: duration('To the head of the answer. Default: 60s streamed, 10m not.'),
  first_token: duration('To the first content of a stream. Default: no limit of its own.'),
  idle: duration('Longest silence within a stream.', '30s'),
  total: duration('The whole request. Default: 10m, streams 1h.'),
});

function validatorWithOptions(validators: readonly string[]): JsonObject {
  const properties = Object.fromEntries(validators.map((name) => [name, VALIDATOR_OPTIONS[name] ?? {}]));
  return { type: 'object', properties, additionalProperties: false, minProperties: 1, maxProperties: 1 };
}

const VALIDATOR_OPTIONS: Readonly<Record<string, JsonObject>> = {
  json_schema: withExamples(
    { type: ['string', 'object', 'boolean'], description: 'The schema of the answer, here or in a file.' },
    ['./invoice.schema.json'],
  ),
};

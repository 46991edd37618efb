import type { JsonObject } from '../../core/json.ts';
import { DEFAULT_INVALID_STEPS } from '../../core/route.ts';
import {
  ABSTAIN_CHOICES,
  ACCEPT_WORDS,
  CANDIDATE_WORDS,
  FALLBACK_CHOICES,
  INVALID_CHOICES,
  MID_SYSTEM_CHOICES,
  OBJECTIVE_POLICY_CHOICES,
  OBJECTIVE_WORDS,
  PICK_CHOICES,
  REFUSAL_CHOICES,
  ROUTE_WORDS,
  SHADOW_WORDS,
  STREAM_CHOICES,
  STREAM_WORDS,
  TIMEOUT_WORDS,
} from '../grammar.ts';
import { MAX_WEIGHT } from '../route-candidates.ts';
import { MAX_WINDOW_CHARACTERS } from '../stream-mode.ts';
import { choice, duration, list, shared, text, wordMap } from './json-schema-parts.ts';
import { validatorWithOptions } from './json-schema-validators.ts';

/** One route: the task a client asks for. */
export function routeSchema(validators: readonly string[]): JsonObject {
  return wordMap(
    ROUTE_WORDS,
    {
      try: list('The models to ask, in order; the first that answers well wins.', {
        anyOf: [
          shared('candidate', 'A model.'),
          wordMap(CANDIDATE_WORDS, { model: shared('candidate', 'A model.'), weight: WEIGHT }, ['model']),
        ],
      }),
      pick: PICK,
      slo: { ...objectives, description: 'What this route demands. Who misses it is asked only when nobody is left.' },
      slo_policy: OBJECTIVE_POLICY,
      prompts: text(
        'The file with the prompt of this task, a Liquid template; `{model}` in its path stands for each model, its family, or `default`.',
        './prompts/legal.{model}.md',
      ),
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
      invalid: INVALID,
      fallback: choice(
        'Whether another model may answer: `certified` where evidence has shown that it may stand in, `degraded` always, and the answer is marked. Default: `certified` under `serve`, `degraded` under `dev`.',
        FALLBACK_CHOICES,
      ),
      retries: RETRIES,
      stream: STREAM,
      mid_system: choice(
        'What becomes of instructions in the midst of a conversation where a model takes them at its start only: the model is left out, or they are moved there.',
        MID_SYSTEM_CHOICES,
        'refuse',
      ),
      on_refusal: choice("Whether a model's refusal is delivered, or another model asked.", REFUSAL_CHOICES, 'deliver'),
      on_abstain: choice(
        'What a validator means that cannot tell: the answer fails, or is delivered and marked `unverified`.',
        ABSTAIN_CHOICES,
        'fail',
      ),
      accept: ACCEPT,
      shadow: SHADOW,
      timeout: {
        description: 'The longest a request may take, or its timers one by one.',
        anyOf: [{ $ref: '#/$defs/duration' }, timeouts],
      },
    },
    ['try'],
  );
}

const INVALID: JsonObject = {
  ...list(
    'What follows an answer that fails, in order: `repair` what can be read as JSON without a guess, `reask` the same model once with what is wrong, ask the `next` candidate; at the end `fail`, or `return_flagged`: deliver it, marked.',
    choice('A step.', INVALID_CHOICES),
  ),
  uniqueItems: true,
  default: [...DEFAULT_INVALID_STEPS],
};

const WEIGHT: JsonObject = {
  type: 'number',
  exclusiveMinimum: 0,
  maximum: MAX_WEIGHT,
  default: 1,
  description: 'Under `pick: weighted`: twice the weight is twice the requests.',
};

const share = (description: string): JsonObject => ({
  description,
  anyOf: [
    { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
    { type: 'string', pattern: '^\\d{1,2}(\\.\\d+)? ?%$' },
  ],
});

const objectives = wordMap(OBJECTIVE_WORDS, {
  ttft_p95: duration('Time to the first content, which 19 of 20 answers keep.'),
  tokens_per_second: { type: 'number', exclusiveMinimum: 0, description: 'Speed of an answer, at least.' },
  error_rate: share('Share of attempts that fail, at most: 2% or 0.02.'),
  valid_rate: share('Share of answers that pass `validate`, at least: 95% or 0.95.'),
  cost_per_request: {
    description: 'US dollars of one request, at most: 0.02 or "$0.02".',
    anyOf: [
      { type: 'number', exclusiveMinimum: 0 },
      { type: 'string', pattern: '^\\$ ?\\d+(\\.\\d+)?$' },
    ],
  },
});

const ACCEPT = {
  ...wordMap(
    ACCEPT_WORDS,
    {
      risk: share('Share of accepted answers that may be wrong, at most: 5% or 0.05.'),
      delta: share('How unsure that bound may be; 10% when left out.'),
    },
    ['risk'],
  ),
  description:
    'Only answers are handed over whose confidence is known to keep this bound; for the others the next is asked.',
};

const SHADOW = {
  ...wordMap(
    SHADOW_WORDS,
    {
      sample: {
        description: 'Share of the requests that are asked a second time: 2% or 0.02.',
        anyOf: [
          { type: 'number', exclusiveMinimum: 0, maximum: 1 },
          { type: 'string', pattern: '^(?:100|\\d{1,2}(?:\\.\\d+)?) ?%$' },
        ],
      },
      budget: {
        type: 'string',
        pattern: '^\\$ ?\\d+(?:\\.\\d+)?/day$',
        description: 'What it may cost in a day (UTC), at most.',
        examples: ['$5/day'],
      },
      models: list(
        'Which models of `try` are asked; all of them when left out. Whoever answered is not asked again.',
        shared('name', 'A model.'),
      ),
    },
    ['sample', 'budget'],
  ),
  description:
    'Asks other models some of the live requests too, after these were answered, and compares the answers: evidence for certificates.',
};

const window = wordMap(
  STREAM_WORDS,
  {
    window: {
      description: 'How much of the beginning is held back: a duration, or a number of characters.',
      anyOf: [{ $ref: '#/$defs/duration' }, { type: 'integer', minimum: 1, maximum: MAX_WINDOW_CHARACTERS }],
    },
  },
  ['window'],
);

const PICK = choice(
  'Who is asked first of those that meet the objectives: the first of `try`, the fastest, the cheapest, or by weight.',
  PICK_CHOICES,
  'ordered',
);

const OBJECTIVE_POLICY = choice(
  'When nobody meets the objectives: answer all the same and mark it, or fail with 503.',
  OBJECTIVE_POLICY_CHOICES,
  'best_effort',
);

const RETRIES = {
  enum: [0, 1, 2],
  default: 0,
  description: 'How often the same deployment is asked again before the next one is.',
};

const STREAM = {
  description:
    '`hold` a streamed answer until it is checked, let it `trail`, or hold back its beginning. Default: `hold` with validators, else `trail`.',
  anyOf: [{ enum: [...STREAM_CHOICES.built] }, window],
};

const timeouts = wordMap(TIMEOUT_WORDS, {
  connect: duration('To an open connection.', '5s'),
  first_byte: duration('To the head of the answer. Default: 60s streamed, 10m not.'),
  first_token: duration(
    'To the first content of a stream. Default: three times `slo.ttft_p95`; without it no limit of its own.',
  ),
  idle: duration('Longest silence within a stream.', '30s'),
  total: duration('The whole request. Default: 10m, streams 1h.'),
});

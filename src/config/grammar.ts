import type { DocumentForm } from '../core/deployment.ts';
import type { HookName } from '../core/hook-run.ts';
import type { ObjectiveName, ObjectivePolicy, PickWord } from '../core/objective.ts';
import type { InvalidStep } from '../core/route.ts';
import type { FallbackTerms } from '../core/substitution.ts';
import type { Choices, Words } from './read.ts';

/**
 * The words of the config file, place by place. The readers take no other; the JSON Schema, the types of
 * `defineConfig` and `candor fmt` are tied to these lists. Their order is the order `candor fmt` writes.
 */
export const TOP_WORDS = {
  built: ['providers', 'models', 'routes', 'rules', 'server'],
  notBuilt: ['data', 'keys'],
  hints: { hooks: 'functions stand in a candor.config.ts, or in a file that { hook: ./file.ts#export } names' },
} as const satisfies Words;

/** What a config module may hold beside: functions, which no other file can. */
export const HOOK_WORDS = {
  built: ['task', 'prompt', 'params', 'validate', 'confidence', 'onRecord'],
  notBuilt: [],
} as const satisfies Choices<HookName>;
export const MODULE_TOP_WORDS: Words = { ...TOP_WORDS, built: [...TOP_WORDS.built, 'hooks'] };

export const PROVIDER_WORDS = {
  built: ['kind', 'url', 'allow_private', 'key', 'region', 'sim'],
  notBuilt: ['retention', 'training', 'agreements', 'human_review', 'optional'],
} as const satisfies Words;

export const MODEL_WORDS = {
  built: ['at', 'id', 'prompt', 'params', 'price'],
  notBuilt: [],
} as const satisfies Words;

/** One entry of `models.x.at`. */
export const PLACE_WORDS = { built: ['provider', 'id'], notBuilt: [] } as const satisfies Words;

export const PROMPT_WORDS = { built: ['prepend', 'append', 'documents'], notBuilt: [] } as const satisfies Words;

/** The words of `models.x.prompt.documents`. */
export const DOCUMENT_CHOICES = { built: ['xml', 'markdown'], notBuilt: [] } as const satisfies Choices<DocumentForm>;

export const PRICE_WORDS = { built: ['in', 'out', 'cached', 'as_of'], notBuilt: [] } as const satisfies Words;

export const ROUTE_WORDS = {
  built: [
    'try',
    'pick',
    'slo',
    'slo_policy',
    'prompts',
    'brief',
    'params',
    'validate',
    'invalid',
    'fallback',
    'retries',
    'stream',
    'mid_system',
    'on_refusal',
    'on_abstain',
    'accept',
    'shadow',
    'timeout',
  ],
  notBuilt: ['data'],
} as const satisfies Words;

/** One entry of `routes.x.try` that is a map. */
export const CANDIDATE_WORDS = { built: ['model', 'weight'], notBuilt: [] } as const satisfies Words;

/** What `accept` asks of an answer's confidence. */
export const ACCEPT_WORDS = { built: ['risk', 'delta'], notBuilt: [] } as const satisfies Words;

/** How requests are asked a second time. */
export const SHADOW_WORDS = { built: ['sample', 'budget', 'models'], notBuilt: [] } as const satisfies Words;

/** What a route may demand, under `slo`. */
export const OBJECTIVE_WORDS = {
  built: ['ttft_p95', 'tokens_per_second', 'error_rate', 'valid_rate', 'cost_per_request'],
  notBuilt: [],
} as const satisfies Choices<ObjectiveName>;

/** `stream` as a map. */
export const STREAM_WORDS = { built: ['window'], notBuilt: [] } as const satisfies Words;

/** The words of `routes.x.pick`, `slo_policy`, `stream`, `fallback`, `mid_system`, `on_refusal`, `on_abstain` and `invalid`. */
export const PICK_CHOICES = {
  built: ['ordered', 'fastest', 'cheapest', 'weighted'],
  notBuilt: [],
} as const satisfies Choices<PickWord>;
export const OBJECTIVE_POLICY_CHOICES = {
  built: ['best_effort', 'fail'],
  notBuilt: [],
} as const satisfies Choices<ObjectivePolicy>;
export const STREAM_CHOICES = { built: ['hold', 'trail'], notBuilt: [] } as const satisfies Words;
export const FALLBACK_CHOICES = {
  built: ['certified', 'degraded', 'off'],
  notBuilt: [],
} as const satisfies Choices<FallbackTerms>;
export const MID_SYSTEM_CHOICES = { built: ['refuse', 'hoist'], notBuilt: [] } as const satisfies Words;
export const REFUSAL_CHOICES = { built: ['deliver', 'fallback'], notBuilt: [] } as const satisfies Words;
export const ABSTAIN_CHOICES = { built: ['fail', 'flag'], notBuilt: [] } as const satisfies Words;
export const INVALID_CHOICES = {
  built: ['repair', 'reask', 'next', 'fail', 'return_flagged'],
  notBuilt: [],
} as const satisfies Choices<InvalidStep>;

export const TIMEOUT_WORDS = {
  built: ['connect', 'first_byte', 'first_token', 'idle', 'total'],
  notBuilt: [],
} as const satisfies Words;

/** A rule of one parameter that is not a bare value. */
export const RULE_WORDS = { built: ['min', 'max', 'set'], notBuilt: [] } as const satisfies Words;

/** One entry of `rules`. */
export const ROUTE_RULE_WORDS = { built: ['when', 'route'], notBuilt: [] } as const satisfies Words;

export const SERVER_WORDS = {
  built: ['listen', 'hosts', 'public_url', 'admin', 'health', 'store', 'keep', 'workers', 'drain'],
  notBuilt: ['alarm_url'],
} as const satisfies Words;

export const ADMIN_WORDS = { built: ['token'], notBuilt: ['listen'] } as const satisfies Words;

export const HEALTH_WORDS = { built: ['listen'], notBuilt: [] } as const satisfies Words;

export const DRAIN_WORDS = { built: ['grace', 'cap'], notBuilt: [] } as const satisfies Words;

/** Every place of the grammar that takes words, by its path; `*` is a name of the operator's, or any entry of a list. */
export const PLACES: Readonly<Record<string, Words>> = {
  '': TOP_WORDS,
  'providers.*': PROVIDER_WORDS,
  'models.*': MODEL_WORDS,
  'models.*.at.*': PLACE_WORDS,
  'models.*.prompt': PROMPT_WORDS,
  'models.*.params.*': RULE_WORDS,
  'models.*.price': PRICE_WORDS,
  'routes.*': ROUTE_WORDS,
  'routes.*.try.*': CANDIDATE_WORDS,
  'routes.*.slo': OBJECTIVE_WORDS,
  'routes.*.accept': ACCEPT_WORDS,
  'routes.*.shadow': SHADOW_WORDS,
  'routes.*.stream': STREAM_WORDS,
  'routes.*.params.*': RULE_WORDS,
  'routes.*.timeout': TIMEOUT_WORDS,
  'rules.*': ROUTE_RULE_WORDS,
  server: SERVER_WORDS,
  'server.admin': ADMIN_WORDS,
  'server.health': HEALTH_WORDS,
  'server.drain': DRAIN_WORDS,
};

/** A word of the list that this version has. */
export type BuiltWord<List extends Words> = List['built'][number];

import type { JsonObject } from '../../core/json.ts';
import {
  ADMIN_WORDS,
  DOCUMENT_CHOICES,
  DRAIN_WORDS,
  HEALTH_WORDS,
  MODEL_WORDS,
  PLACE_WORDS,
  PRICE_WORDS,
  PROMPT_WORDS,
  PROVIDER_WORDS,
  ROUTE_RULE_WORDS,
  SERVER_WORDS,
  TOP_WORDS,
} from '../grammar.ts';
import { choice, duration, flag, list, nameMap, shared, text, withExamples, wordMap } from './json-schema-parts.ts';
import { routeSchema } from './json-schema-route.ts';
import { MAX_WORKERS } from '../process.ts';
import { PARAMETERS, type ParameterType } from '../params.ts';

/** The names a config defines, for editors to offer where one is asked for. */
export interface ConfigNames {
  readonly providers: readonly string[];
  readonly models: readonly string[];
  readonly routes: readonly string[];
  /** As `provider/model`. */
  readonly deployments: readonly string[];
}

/** What the schema needs to know of the parts a file may name. */
export interface SchemaParts {
  readonly kinds: readonly string[];
  readonly validators: readonly string[];
  /** `null`: any name will do. */
  readonly names: ConfigNames | null;
}

/**
 * The grammar of the config file as JSON Schema 2020-12, for editors. It knows words and shapes; whether names are
 * defined, files there and keys set, only loading the file tells.
 */
export function configSchema({ kinds, validators, names }: SchemaParts): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:candor:config',
    title: 'Candor config',
    ...wordMap(
      TOP_WORDS,
      {
        providers: providersSchema(kinds),
        models: nameMap('What each model needs, by the name you give it.', shared('model', 'One model.')),
        routes: nameMap('The tasks that clients ask for, by name.', shared('route', 'One task.')),
        rules: list(
          'Which route answers `model: auto`: the first that matches.',
          wordMap(
            ROUTE_RULE_WORDS,
            {
              when: text('A CEL expression over the request. Default: always.', '"contract" in tags'),
              route: shared('routeName', 'The route it chooses.'),
            },
            ['route'],
          ),
        ),
        server: shared('server', 'Where and how the gateway runs.'),
      },
      ['providers', 'models'],
    ),
    $defs: {
      provider: providerSchema(kinds),
      model: MODEL,
      route: routeSchema(validators),
      server: SERVER,
      params: { type: 'object', properties: PARAMS, additionalProperties: false },
      routeParams: {
        type: 'object',
        properties: { ...PARAMS, strict: { const: true, description: 'Every hint of a client binds.' } },
        additionalProperties: false,
      },
      ...PARAMETER_SCHEMAS,
      providerName: names === null ? text('A provider of this file.') : { enum: [...names.providers] },
      candidate:
        names === null ? text('A model, or provider/model.') : { enum: [...names.models, ...names.deployments] },
      routeName: names === null ? text('A route of this file.') : { enum: [...names.routes] },
      name: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$', not: { const: 'auto' } },
      duration: withExamples(
        { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$', description: 'A number with its unit.' },
        ['800ms', '2s', '10m'],
      ),
      secret: withExamples({ type: 'string', pattern: '^(env|file):.+' }, [
        'env:OPENAI_API_KEY',
        'file:/run/secrets/key',
      ]),
    },
  };
}

/** A provider that is named after its kind need not state it. */
function providersSchema(kinds: readonly string[]): JsonObject {
  const provider = shared('provider', 'One provider.');
  return {
    ...nameMap('Where models run, by the name you give the place.', {
      ...provider,
      required: ['kind'],
    }),
    properties: Object.fromEntries(kinds.map((kind) => [kind, provider])),
    minProperties: 1,
  };
}

function providerSchema(kinds: readonly string[]): JsonObject {
  const fields = wordMap(PROVIDER_WORDS, {
    kind: { enum: [...kinds], description: 'The protocol it speaks. Default: its name.' },
    url: { ...text("Base URL, where it is not the vendor's own.", 'https://eu.api.openai.com/v1'), format: 'uri' },
    allow_private: flag('Lets `url` be plain http or a private address.'),
    key: {
      description:
        'Where its key is: `env:NAME` or `file:/path`, never the key itself. Several in order of preference.',
      anyOf: [{ $ref: '#/$defs/secret' }, list('In order of preference.', { $ref: '#/$defs/secret' })],
    },
    region: text('Where it runs, for the record; `unknown` stays unknown.', 'eu', 'us'),
    sim: flag('Simulated: needs no key. `candor serve` refuses it without --allow-sim.'),
  });
  return { ...fields, anyOf: [{ required: ['key'] }, { required: ['sim'], properties: { sim: { const: true } } }] };
}

const PLACE = wordMap(
  PLACE_WORDS,
  {
    provider: shared('providerName', 'Where it runs.'),
    id: text("The vendor's own name of the model there."),
  },
  ['provider'],
);

const USD = { type: 'number', minimum: 0 } as const;

const MODEL = wordMap(
  MODEL_WORDS,
  {
    at: {
      description: 'The provider it runs at, or several in order of preference.',
      anyOf: [
        { $ref: '#/$defs/providerName' },
        list('In order of preference.', { anyOf: [{ $ref: '#/$defs/providerName' }, PLACE] }),
      ],
    },
    id: text("The vendor's own name of the model. Default: the name here.", 'gpt-4o-2024-08-06'),
    prompt: {
      ...wordMap(PROMPT_WORDS, {
        prepend: text('Put before the system section.'),
        append: text('Put after the system section.', 'Answer directly, without a preamble.'),
        documents: choice(
          'How the parts of a template and its documents are told apart. Default: `xml` for Claude, else `markdown`.',
          DOCUMENT_CHOICES,
        ),
      }),
      description: 'What this model needs to be told in addition.',
    },
    params: shared('params', 'Defaults, caps and overrides of parameters, after those of the route.'),
    price: {
      ...wordMap(
        PRICE_WORDS,
        {
          in: { ...USD, description: 'Prompt tokens.' },
          out: { ...USD, description: 'Tokens of the answer.' },
          cached: { ...USD, description: 'Prompt tokens read from a cache. Left out: unknown.' },
          as_of: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'The day the price was read.' },
        },
        ['in', 'out', 'as_of'],
      ),
      description: 'US dollars per million tokens. Default: the built-in table; in neither, costs are unknown.',
      examples: [{ in: 2.5, out: 10, cached: 1.25, as_of: '2026-11-01' }],
    },
  },
  ['at'],
);

const SERVER = wordMap(SERVER_WORDS, {
  listen: { ...text('Address and port.', '127.0.0.1:4141'), default: '127.0.0.1:4141' },
  hosts: list('Names accepted in `Host` beside the loopback ones.', text('A host name, without port or path.')),
  public_url: { ...text('What traces link to. Default: the address it listens on.'), format: 'uri' },
  admin: {
    ...wordMap(ADMIN_WORDS, { token: shared('secret', 'Default: made at start, only in run.json.') }),
    description: 'The administration of the gateway.',
  },
  health: {
    ...wordMap(HEALTH_WORDS, { listen: text('Address and port.', '127.0.0.1:4142') }, ['listen']),
    description: 'Where a thread of its own answers /healthz. Default: nowhere.',
  },
  store: { ...text('Folder of the state, from the folder of this file.'), default: './.candor' },
  keep: duration('How long records and content are kept. Default: for ever.'),
  workers: {
    type: 'integer',
    minimum: 1,
    maximum: MAX_WORKERS,
    default: 1,
    description: 'How many processes serve the port.',
  },
  drain: {
    ...wordMap(DRAIN_WORDS, {
      grace: pause('How long it still takes requests once told to stop. Default: 5s under `serve`, 0 under `dev`.'),
      cap: { ...pause('How long requests under way then have to end.'), default: '25s' },
    }),
    description: 'How the gateway goes when told to stop.',
  },
});

/** A duration that may be nothing. */
function pause(description: string): JsonObject {
  return { anyOf: [{ $ref: '#/$defs/duration' }, { enum: [0, '0', '0s', '0ms'] }], description };
}

const VALUES: Readonly<Record<ParameterType, JsonObject>> = {
  number: { type: 'number' },
  count: { type: 'integer' },
  text: { type: 'string' },
  flag: { type: 'boolean' },
  json: { not: { type: 'null' } },
};

const BOUND = { type: 'number' } as const;

/** What one parameter may be given: a value, caps, or an override. */
function parameterSchema(type: ParameterType): JsonObject {
  const value = VALUES[type];
  const set = { type: 'object', properties: { set: value }, required: ['set'], additionalProperties: false };
  const caps = { type: 'object', properties: { min: BOUND, max: BOUND }, additionalProperties: false };
  const isNumeric = type === 'number' || type === 'count';
  const description = isNumeric ? 'A default, or {min, max}, or {set}.' : 'A default, or {set}.';
  return { description, anyOf: isNumeric ? [value, { ...caps, minProperties: 1 }, set] : [value, set] };
}

const PARAMS: JsonObject = Object.fromEntries(
  Object.entries(PARAMETERS).map(([name, type]) => [name, { $ref: `#/$defs/${type}Parameter` }]),
);

const PARAMETER_SCHEMAS: JsonObject = Object.fromEntries(
  (['number', 'count', 'text', 'flag', 'json'] as const).map((type) => [`${type}Parameter`, parameterSchema(type)]),
);

import type {
  ADMIN_WORDS,
  BuiltWord,
  CANDIDATE_WORDS,
  DRAIN_WORDS,
  FALLBACK_CHOICES,
  HEALTH_WORDS,
  INVALID_CHOICES,
  MODEL_WORDS,
  PLACE_WORDS,
  PRICE_WORDS,
  PROMPT_WORDS,
  PROVIDER_WORDS,
  MID_SYSTEM_CHOICES,
  REFUSAL_CHOICES,
  ROUTE_WORDS,
  SERVER_WORDS,
  STREAM_CHOICES,
  TIMEOUT_WORDS,
  TOP_WORDS,
} from '../grammar.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Words } from '../read.ts';

/** A map with exactly the words of a list. It does not compile when a word has no type. */
type WordMap<List extends Words, Values extends Readonly<Record<BuiltWord<List>, unknown>>> = {
  readonly [Word in BuiltWord<List>]?: Values[Word] | undefined;
};

type Named<Value> = Readonly<Record<string, Value>>;

/** A number with its unit: `800ms`, `2s`, `10m`, `1h`, `30d`. */
type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** Where a secret is; never the secret itself. */
type SecretReference = `env:${string}` | `file:${string}`;

type ProviderShape = WordMap<
  typeof PROVIDER_WORDS,
  {
    readonly kind: string;
    readonly url: string;
    readonly allow_private: boolean;
    readonly key: SecretReference;
    readonly region: string;
    readonly sim: boolean;
  }
>;

type PlaceShape = WordMap<typeof PLACE_WORDS, { readonly provider: string; readonly id: string }>;

type ParamsShape = Named<JsonValue | undefined>;

type ModelShape = WordMap<
  typeof MODEL_WORDS,
  {
    readonly at: string | readonly (string | PlaceShape)[];
    readonly id: string;
    readonly prompt: WordMap<typeof PROMPT_WORDS, { readonly prepend: string; readonly append: string }>;
    readonly params: ParamsShape;
    readonly price: WordMap<
      typeof PRICE_WORDS,
      { readonly in: number; readonly out: number; readonly cached: number; readonly as_of: string }
    >;
  }
>;

type CandidateShape = WordMap<typeof CANDIDATE_WORDS, { readonly model: string }>;

type TimeoutShape = WordMap<
  typeof TIMEOUT_WORDS,
  {
    readonly connect: Duration;
    readonly first_byte: Duration;
    readonly first_token: Duration;
    readonly idle: Duration;
    readonly total: Duration;
  }
>;

type RouteShape = WordMap<
  typeof ROUTE_WORDS,
  {
    readonly try: readonly (string | CandidateShape)[];
    readonly brief: string;
    readonly params: 'strict' | ParamsShape;
    readonly validate: readonly (string | Named<JsonValue>)[];
    readonly invalid: readonly BuiltWord<typeof INVALID_CHOICES>[];
    readonly fallback: BuiltWord<typeof FALLBACK_CHOICES>;
    readonly stream: BuiltWord<typeof STREAM_CHOICES>;
    readonly mid_system: BuiltWord<typeof MID_SYSTEM_CHOICES>;
    readonly on_refusal: BuiltWord<typeof REFUSAL_CHOICES>;
    readonly timeout: Duration | TimeoutShape;
  }
>;

type ServerShape = WordMap<
  typeof SERVER_WORDS,
  {
    readonly listen: string;
    readonly hosts: readonly string[];
    readonly public_url: string;
    readonly admin: WordMap<typeof ADMIN_WORDS, { readonly token: SecretReference }>;
    readonly health: WordMap<typeof HEALTH_WORDS, { readonly listen: string }>;
    readonly store: string;
    readonly keep: Duration;
    readonly workers: number;
    readonly drain: WordMap<typeof DRAIN_WORDS, { readonly grace: Duration | 0; readonly cap: Duration | 0 }>;
  }
>;

/** The config file as an object. */
export type ConfigShape = WordMap<
  typeof TOP_WORDS,
  {
    readonly providers: Named<ProviderShape>;
    readonly models: Named<ModelShape>;
    readonly routes: Named<RouteShape>;
    readonly server: ServerShape;
  }
>;

/** A config whose names the compiler does not know. */
export interface AnyConfig {
  readonly providers: Named<ProviderShape>;
  readonly models: Named<ModelShape & { readonly at: At<string> }>;
  readonly routes: Named<RouteShape & { readonly try: readonly (string | { readonly model: string })[] }>;
  readonly server: ServerShape;
}

type Keys<Section> = Section extends object ? Extract<keyof Section, string> : never;

/** What `at` may say where the providers are `Provider`. */
type At<Provider extends string> =
  | Provider
  | readonly (Provider | { readonly provider: Provider; readonly id?: string })[];

/** The same config, with names in the places that ask for one of those it defines. */
export type CheckedConfig<Config extends ConfigShape> = CheckedModels<Config> &
  CheckedRoutes<Config> &
  KnownWords<Config>;

type CheckedModels<Config extends ConfigShape> = {
  readonly models: { readonly [Name in Keys<Config['models']>]: { readonly at: At<Keys<Config['providers']>> } };
};

type Candidate<Config extends ConfigShape> =
  | Keys<Config['models']>
  | `${Keys<Config['providers']>}/${Keys<Config['models']>}`;

type CheckedRoutes<Config extends ConfigShape> = {
  readonly routes?: {
    readonly [Name in Keys<Config['routes']>]: {
      readonly try: readonly (Candidate<Config> | { readonly model: Candidate<Config> })[];
    };
  };
};

/** A word the grammar does not have may not be there: inference alone would take it. */
type KnownWords<Config extends ConfigShape> = Known<Config, ConfigShape> & {
  readonly [Section in 'providers' | 'models' | 'routes']?: {
    readonly [Name in Keys<Config[Section]>]: Known<
      Config[Section] extends Named<infer Entry> ? Entry : never,
      Entry<Section>
    >;
  };
} & { readonly server?: Known<NonNullable<Config['server']>, ServerShape> };

type Entry<Section extends 'providers' | 'models' | 'routes'> = {
  providers: ProviderShape;
  models: ModelShape;
  routes: RouteShape;
}[Section];

type Known<Given, Shape> = { readonly [Word in Exclude<keyof Given, keyof Shape>]: never };

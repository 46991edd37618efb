import type {
  ABSTAIN_CHOICES,
  ACCEPT_WORDS,
  ADMIN_WORDS,
  BuiltWord,
  CANDIDATE_WORDS,
  DOCUMENT_CHOICES,
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
  OBJECTIVE_POLICY_CHOICES,
  OBJECTIVE_WORDS,
  PICK_CHOICES,
  REFUSAL_CHOICES,
  ROUTE_RULE_WORDS,
  ROUTE_WORDS,
  SERVER_WORDS,
  SHADOW_WORDS,
  STREAM_CHOICES,
  STREAM_WORDS,
  TIMEOUT_WORDS,
  TOP_WORDS,
} from '../grammar.ts';
import type { HookFunctions } from '../../core/hook-functions.ts';
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
    readonly key: SecretReference | readonly SecretReference[];
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
    readonly prompt: WordMap<
      typeof PROMPT_WORDS,
      { readonly prepend: string; readonly append: string; readonly documents: BuiltWord<typeof DOCUMENT_CHOICES> }
    >;
    readonly params: ParamsShape;
    readonly price: WordMap<
      typeof PRICE_WORDS,
      { readonly in: number; readonly out: number; readonly cached: number; readonly as_of: string }
    >;
  }
>;

type CandidateShape = WordMap<typeof CANDIDATE_WORDS, { readonly model: string; readonly weight: number }>;

/** `2%`, or the same as a number. */
type Share = number | `${number}%`;

type ObjectivesShape = WordMap<
  typeof OBJECTIVE_WORDS,
  {
    readonly ttft_p95: Duration;
    readonly tokens_per_second: number;
    readonly error_rate: Share;
    readonly valid_rate: Share;
    readonly cost_per_request: number | `$${number}`;
  }
>;

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
    readonly pick: BuiltWord<typeof PICK_CHOICES>;
    readonly slo: ObjectivesShape;
    readonly slo_policy: BuiltWord<typeof OBJECTIVE_POLICY_CHOICES>;
    readonly prompts: string;
    readonly brief: string;
    readonly params: 'strict' | ParamsShape;
    readonly validate: readonly (string | Named<JsonValue>)[];
    readonly invalid: readonly BuiltWord<typeof INVALID_CHOICES>[];
    readonly fallback: BuiltWord<typeof FALLBACK_CHOICES>;
    readonly retries: 0 | 1 | 2;
    readonly stream:
      | BuiltWord<typeof STREAM_CHOICES>
      | WordMap<typeof STREAM_WORDS, { readonly window: number | Duration }>;
    readonly mid_system: BuiltWord<typeof MID_SYSTEM_CHOICES>;
    readonly on_refusal: BuiltWord<typeof REFUSAL_CHOICES>;
    readonly on_abstain: BuiltWord<typeof ABSTAIN_CHOICES>;
    readonly accept: WordMap<typeof ACCEPT_WORDS, { readonly risk: Share; readonly delta: Share }>;
    readonly shadow: WordMap<
      typeof SHADOW_WORDS,
      { readonly sample: Share; readonly budget: `$${number}/day`; readonly models: readonly string[] }
    >;
    readonly timeout: Duration | TimeoutShape;
  }
>;

type RuleShape = WordMap<typeof ROUTE_RULE_WORDS, { readonly when: string; readonly route: string }>;

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
    readonly rules: readonly RuleShape[];
    readonly server: ServerShape;
  }
> & {
  /** Functions, which a YAML file cannot hold. */
  readonly hooks?: HookFunctions | undefined;
};

/** A config whose names the compiler does not know. */
export interface AnyConfig {
  readonly providers: Named<ProviderShape>;
  readonly models: Named<ModelShape & { readonly at: At<string> }>;
  readonly routes: Named<
    RouteShape & { readonly try: readonly (string | (CandidateShape & { readonly model: string }))[] }
  >;
  readonly rules: readonly RuleNaming<string>[];
  readonly server: ServerShape;
}

interface RuleNaming<Name extends string> {
  readonly when?: string | undefined;
  readonly route: Name;
}

type Keys<Section> = Section extends object ? Extract<keyof Section, string> : never;

/** What `at` may say where the providers are `Provider`. */
type At<Provider extends string> =
  | Provider
  | readonly (Provider | { readonly provider: Provider; readonly id?: string })[];

/** The same config, with names in the places that ask for one of those it defines. */
export type CheckedConfig<Config extends ConfigShape> = CheckedModels<Config> &
  CheckedRoutes<Config> &
  CheckedRules<Config> &
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
      readonly try: readonly (Candidate<Config> | { readonly model: Candidate<Config>; readonly weight?: number })[];
    };
  };
};

/** Rules that come from a YAML file name routes the compiler does not know. */
type CheckedRules<Config extends ConfigShape> =
  string extends RuledRoute<Config> ? unknown : { readonly rules?: readonly RuleNaming<Keys<Config['routes']>>[] };

/** A config by its sections. The compiler infers each by itself: of an object that holds a function it infers nothing. */
export interface Sections<Providers, Models, Routes, Rules, Server> {
  readonly providers: Providers;
  readonly models: Models;
  readonly routes: Routes;
  readonly rules: Rules;
  readonly server: Server;
}

/** The same as it is written. Hooks are for models of this config, and choose among its routes. */
export interface GivenConfig<Providers, Models, Routes, Rules, Server> {
  readonly providers: Providers;
  readonly models: Models;
  readonly routes?: Routes | undefined;
  readonly rules?: Rules | undefined;
  readonly server?: Server | undefined;
  readonly hooks?: HookFunctions<Keys<Models>, Keys<Routes>> | undefined;
}

type RuledRoute<Config extends ConfigShape> = Config extends {
  readonly rules: readonly { readonly route: infer Name }[];
}
  ? Name
  : never;

/** A word the grammar does not have may not be there: inference alone would take it. */
type KnownWords<Config extends ConfigShape> = {
  readonly routes?: {
    readonly [Name in Keys<Config['routes']>]: { readonly slo?: Known<SloOf<Config, Name>, ObjectivesShape> };
  };
} & {
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

type SloOf<Config extends ConfigShape, Name> = Name extends keyof Config['routes']
  ? Config['routes'][Name] extends { readonly slo: infer Slo }
    ? Slo
    : never
  : never;

type Known<Given, Shape> = { readonly [Word in Exclude<keyof Given, keyof Shape>]: never };

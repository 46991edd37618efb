import type { Deployment, ParameterRules, Timeouts } from './deployment.ts';
import type { Hooks } from './hooks.ts';
import type { JsonValue } from './json.ts';
import type { NanoUsd } from './money.ts';
import type { Objective, ObjectivePolicy, PickWord } from './objective.ts';
import type { Rule } from './rule.ts';
import type { Secret } from './secret.ts';
import type { FallbackTerms } from './substitution.ts';
import type { Neutralise } from './supplied-text.ts';
import type { TextTemplate } from './text-template.ts';

/** The paragraph a fallback gets at the end of its system section. */
export interface Brief {
  /** Liquid template over `asked`, `model`, `route`, `reason`; `null`: no brief. */
  readonly template: string | null;
  /** The config line, or `built-in`. */
  readonly at: string;
}

/** One validator a route asks for. */
export interface ValidatorChoice {
  readonly id: string;
  readonly options: JsonValue;
  readonly at: string;
}

/**
 * What follows when an answer is not valid, in order: its JSON is repaired; the same model is asked once more with what is
 * wrong; the next candidate is asked; and at the end the request fails, or the answer is delivered and marked.
 */
export type InvalidStep = 'repair' | 'reask' | 'next' | 'fail' | 'return_flagged';

/** How often a wrong answer may be accepted, and how sure that must be; both in (0, 1). */
export interface AcceptTerms {
  readonly risk: number;
  readonly delta: number;
  readonly at: string;
}

/** How live requests are asked a second time, of models that might stand in. */
export interface ShadowTerms {
  /** Share of the requests, in (0, 1]. */
  readonly sample: number;
  /** What it may cost in a day (UTC). */
  readonly budgetNanoUsd: NanoUsd;
  /** The config's names of the models that are asked; all of `try`. */
  readonly models: readonly string[];
  readonly at: string;
}

/** The parts a template may have, besides examples. */
export type SectionKind = 'instruction' | 'context' | 'format' | 'user';

/** One part of a template, under its heading. */
export type PromptSection =
  | { readonly kind: SectionKind; readonly text: TextTemplate; readonly at: string }
  /** What the task looks like when it is done well. It reads nothing of the client's. */
  | { readonly kind: 'example'; readonly input: TextTemplate; readonly output: TextTemplate; readonly at: string };

/** The prompt of a task for one model, or for any. */
export interface PromptTemplate {
  /** The config's name of the model; `null`: whichever is asked. */
  readonly model: string | null;
  /** The file's text, and the SHA-256 of it, hexadecimal. */
  readonly template: string;
  readonly sha256: string;
  /** In the order of the file; `at` of each: the file and the line of its heading (`prompts/legal.md:7`). */
  readonly sections: readonly PromptSection[];
  /** Keeps texts of others from passing for its parts. */
  readonly neutralise: Neutralise;
  /** The file, from the config's folder. */
  readonly file: string;
  /** The config line. */
  readonly at: string;
}

/** What follows where the config says nothing, and for a model that is named without a route. */
export const DEFAULT_INVALID_STEPS: readonly InvalidStep[] = ['repair', 'next', 'fail'];

/**
 * When a stream goes out: `hold`, when all of it has come and was accepted; `trail`, as it comes; or as it comes once so
 * many characters, or milliseconds since the first of them, were held back.
 */
export type StreamMode = 'hold' | 'trail' | { readonly characters: number } | { readonly milliseconds: number };

/** A task: the named thing clients put in `model`. */
export interface Route {
  readonly name: string;
  /** Deployments in the order of `try`. */
  readonly candidates: readonly Deployment[];
  readonly params: ParameterRules;
  /** `params: strict`: hints count as contract. */
  readonly strict: boolean;
  readonly brief: Brief;
  readonly validators: readonly ValidatorChoice[];
  readonly invalid: readonly InvalidStep[];
  /** Whether an abstaining validator of the route counts as a failed one. */
  readonly onAbstain: 'fail' | 'flag';
  readonly accept: AcceptTerms | null;
  readonly shadow: ShadowTerms | null;
  readonly fallback: FallbackTerms;
  /** At most one for a model. Empty: the client's own prompt is all there is. */
  readonly prompts: readonly PromptTemplate[];
  readonly stream: StreamMode;
  readonly objectives: readonly Objective[];
  readonly objectivePolicy: ObjectivePolicy;
  readonly pick: PickWord;
  /** For `pick: weighted`, by deployment; 1 where none is given. */
  readonly weights: ReadonlyMap<string, number>;
  /** Models that `try` names as a whole and that run at several deployments: these share their requests. */
  readonly sharedModels: ReadonlySet<string>;
  /** How often the same deployment is asked again before the next one is. */
  readonly retries: number;
  /** What becomes of instructions in the midst of a conversation where a model takes them at its start only. */
  readonly midSystem: 'refuse' | 'hoist';
  readonly onRefusal: 'deliver' | 'fallback';
  readonly timeouts: Timeouts;
  readonly at: string;
}

/** A model's name and where it runs, in order of preference. */
export interface ModelEntry {
  readonly name: string;
  readonly deployments: readonly Deployment[];
  readonly at: string;
}

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Names accepted in `Host` beside the loopback ones. */
  readonly hosts: readonly string[];
  /** What traces link to; `null`: the address it listens on. */
  readonly publicUrl: string | null;
  /** Folder of the state, as an absolute path. */
  readonly store: string;
  /** `null`: one is made at start and written to `run.json` only. */
  readonly adminToken: Secret | null;
  /** Where a thread of its own answers `/healthz`; `null`: nowhere. */
  readonly health: ListenAddress | null;
  /** How many processes serve the port. */
  readonly workers: number;
  readonly drain: DrainTimes;
  /** How long records and content are kept; `null`: for ever. */
  readonly keepMs: number | null;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** How a gateway that was told to stop goes. */
export interface DrainTimes {
  /** How long it still takes requests, so that a balancer can learn that it is going. May be 0. */
  readonly graceMs: number;
  /** How long requests under way then have to end by themselves. May be 0. */
  readonly capMs: number;
}

/** One immutable snapshot of everything the operator decided. A request keeps the one it began with. */
export interface Configuration {
  readonly mode: 'dev' | 'serve';
  /** First 12 hexadecimal digits of the SHA-256 of the effective configuration, secrets left out. */
  readonly hash: string;
  /** The file's name as shown in `at`; `built-in` when there is none. */
  readonly origin: string;
  readonly deployments: ReadonlyMap<string, Deployment>;
  readonly models: ReadonlyMap<string, ModelEntry>;
  readonly routes: ReadonlyMap<string, Route>;
  /** Which route answers `model: auto`: the first that matches. */
  readonly rules: readonly Rule[];
  readonly hooks: Hooks;
  /** The terms of a request that names a model, not a route. */
  readonly pinned: { readonly timeouts: Timeouts; readonly brief: Brief; readonly stream: StreamMode };
  readonly server: ServerSettings;
}

import type {
  ConfidenceHook,
  HookAnswer,
  HookFunctions,
  HookText,
  ParamsHook,
  PromptHook,
  RecordHook,
  TaskHook,
  ValidateHook,
} from './hook-functions.ts';
import type { Verdict } from './record.ts';

export type HookName = keyof HookFunctions;

/** One function of the config. */
export interface Hook<Run> {
  readonly run: Run;
  /** Its module and its place in it: `candor.config.ts#hooks.task`, `hooks/citations.ts#citations_exist`. */
  readonly at: string;
  /** SHA-256 over its module and whatever that imports by a relative path: with another source, it is another hook. */
  readonly sha256: string;
}

/** The functions of one configuration. */
export interface Hooks {
  readonly task: Hook<TaskHook> | null;
  /** By model. */
  readonly prompt: ReadonlyMap<string, Hook<PromptHook>>;
  /** By model. */
  readonly params: ReadonlyMap<string, Hook<ParamsHook>>;
  /** By what `hook` says under `validate`. */
  readonly validate: ReadonlyMap<string, Hook<ValidateHook>>;
  readonly confidence: Hook<ConfidenceHook> | null;
  readonly onRecord: Hook<RecordHook> | null;
  /** `Hook.sha256` by module, of every module that has a hook. */
  readonly sources: ReadonlyMap<string, string>;
}

/** A configuration without functions. */
export const NO_HOOKS: Hooks = {
  task: null,
  prompt: new Map(),
  params: new Map(),
  validate: new Map(),
  confidence: null,
  onRecord: null,
  sources: new Map(),
};

/** What one call of a hook came to, for the record. It holds no text that people, models or the hook wrote. */
export interface HookRun {
  readonly hook: HookName;
  readonly at: string;
  /** `failed`: it threw; `invalid`: it returned what it may not. */
  readonly outcome: 'ok' | 'unchanged' | 'failed' | 'timed_out' | 'invalid';
  readonly ms: number;
  /** What it was given; `null`: it does not change what it is given. */
  readonly before: { readonly sha256: string } | null;
  readonly after: { readonly sha256: string } | null;
  /** `null`: there is nothing to say. */
  readonly reason: string | null;
}

/** What hooks are run with. */
export interface HookTerms {
  /** Calls back once after so many milliseconds, unless it is stopped before. */
  readonly watch: (delayMs: number, onExpire: () => void) => { stop(): void };
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Hears of every run, also of one that ends the request. */
  readonly note: (run: HookRun) => void;
  /** Logs for the operator; `cause` is what a hook threw, never for the client. */
  readonly warn: (sentence: string, cause?: unknown) => void;
}

/** The checks of the config that are functions, as the validator `hook` calls them. */
export interface HookAccess {
  /** @param name what `hook` says under `validate`; never rejects: a hook that fails abstains */
  run(name: string, answer: HookAnswer, context: readonly HookText[]): Promise<Verdict>;
}

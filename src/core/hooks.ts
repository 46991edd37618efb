import type {
  ConfidenceHook,
  HookAnswer,
  HookText,
  ParamsHook,
  PromptHook,
  RecordHook,
  TaskHook,
  ValidateHook,
} from './hook-functions.ts';
import type { HookRun } from './hook-run.ts';
import type { Verdict } from './record.ts';

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

/** What hooks are run with. */
export interface HookTerms {
  /** Calls back once after so many milliseconds, unless it is stopped before. */
  readonly watch: (delayMs: number, onExpire: () => void) => { stop(): void };
  /** Calls back once when nobody waits for the answer any more. Gives what takes that back. Absent: that is not looked at. */
  readonly onEnd?: (callback: () => void) => () => void;
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

/** The words of `hooks` in a config module. */
export type HookName = 'task' | 'prompt' | 'params' | 'validate' | 'confidence' | 'onRecord';

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

import type { HookContext } from '../../src/core/hook-functions.ts';
import type { HookRun } from '../../src/core/hook-run.ts';
import type { Hook, HookTerms } from '../../src/core/hooks.ts';

/** What hooks are run with, and what came of it. */
export interface TestHookTerms extends HookTerms {
  readonly runs: HookRun[];
  readonly said: string[];
  /** Has every limit pass that is watched now. */
  expire(): void;
  /** How many limits are watched. */
  watched(): number;
}

/** @param now the monotonic clock; stands still when left out */
export function hookTerms(now: () => number = () => 0): TestHookTerms {
  const runs: HookRun[] = [];
  const said: string[] = [];
  const watches = new Set<() => void>();
  return {
    runs,
    said,
    now,
    note: (run) => void runs.push(run),
    warn: (sentence) => void said.push(sentence),
    watch: (_, onExpire) => {
      watches.add(onExpire);
      return { stop: () => void watches.delete(onExpire) };
    },
    expire: () => {
      for (const onExpire of watches) onExpire();
    },
    watched: () => watches.size,
  };
}

export function hookOf<Run>(run: Run, at = 'candor.config.ts#hooks.x'): Hook<Run> {
  return { run, at, sha256: 'a'.repeat(64) };
}

export const HOOK_CONTEXT: HookContext = {
  route: 'legal',
  model: 'gpt-4o',
  deployment: 'openai/gpt-4o',
  attempt: 1,
  asked: 'legal',
  stream: false,
  tags: { team: 'a' },
  lastInvalid: null,
  reason: null,
};

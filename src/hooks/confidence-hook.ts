import { frozenCopy } from '../core/frozen-copy.ts';
import type { ConfidenceContext, ConfidenceHook, HookAnswer } from '../core/hook-functions.ts';
import type { Hook, HookTerms } from '../core/hooks.ts';
import { callHook, HOOK_LIMIT_MS, invalidRun, noteFailure } from './call-hook.ts';

/** The raw score the hook gives an answer, from 0 to 1; `null`: it gives none, or failed, which is noted. */
export async function runConfidenceHook(
  answer: HookAnswer,
  hook: Hook<ConfidenceHook>,
  context: ConfidenceContext,
  terms: HookTerms,
): Promise<number | null> {
  const known = frozenCopy(context);
  const outcome = await callHook('confidence', hook, (run) => run(answer, known), HOOK_LIMIT_MS, terms);
  if (!outcome.ok) {
    noteFailure(outcome.run, outcome.cause, terms);
    return null;
  }
  const { ms } = outcome;
  const result: unknown = outcome.result;
  if (result !== null && !(typeof result === 'number' && result >= 0 && result <= 1)) {
    noteFailure(invalidRun('confidence', hook, ms, 'it did not return a number from 0 to 1'), null, terms);
    return null;
  }
  terms.note({ hook: 'confidence', at: hook.at, outcome: 'ok', ms, before: null, after: null, reason: null });
  return result;
}

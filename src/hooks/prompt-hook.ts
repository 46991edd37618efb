import { createHash } from 'node:crypto';

import type { AdaptedRequest } from '../core/adapted-request.ts';
import { frozenCopy } from '../core/frozen-copy.ts';
import type { HookContext, HookMessage, PromptHook } from '../core/hook-functions.ts';
import type { Hook, HookTerms } from '../core/hooks.ts';
import { callHook, hashOf, HOOK_LIMIT_MS, hookError, invalidRun } from './call-hook.ts';
import { draftPrompt, hookMessages } from './prompt-draft.ts';

const TEMPLATE_HASH_DIGITS = 16;

/**
 * The request with the prompt as the hook wants it. The hook's source is part of the template from then on, whatever it
 * changed: with another source it could have changed something else.
 * @throws GatewayError `hook_error` when the hook throws, hangs or gives no prompt
 */
export async function runPromptHook(
  adapted: AdaptedRequest,
  hook: Hook<PromptHook>,
  context: HookContext,
  terms: HookTerms,
): Promise<AdaptedRequest> {
  const prompt = draftPrompt(adapted.messages, hook.at);
  const { draft } = prompt;
  const known = frozenCopy(context);
  const outcome = await callHook('prompt', hook, (run) => run(draft, known), HOOK_LIMIT_MS, terms);
  if (!outcome.ok) throw hookError(outcome.run, outcome.cause, terms);
  const state = prompt.read(outcome.result);
  if (state === null) {
    const reason = 'it did not return the prompt it was given, or one made of it';
    throw hookError(invalidRun('prompt', hook, outcome.ms, reason), null, terms);
  }
  const before = hashOf(draft.messages.map(pairOf));
  const isChanged = state.adjustments.length > 0;
  const after = isChanged ? hashOf(hookMessages(state.messages).map(pairOf)) : before;
  const { at } = hook;
  terms.note({
    hook: 'prompt',
    at,
    outcome: isChanged ? 'ok' : 'unchanged',
    ms: outcome.ms,
    before,
    after,
    reason: null,
  });
  return {
    ...adapted,
    messages: state.messages,
    adjustments: isChanged ? [...adapted.adjustments, ...state.adjustments] : adapted.adjustments,
    template: templateOf(adapted.template, hook),
  };
}

function pairOf({ role, text }: HookMessage): readonly string[] {
  return [role, text];
}

function templateOf(template: string | null, { sha256 }: Hook<PromptHook>): string {
  return createHash('sha256')
    .update(`${template ?? ''}\u0000${sha256}`)
    .digest('hex')
    .slice(0, TEMPLATE_HASH_DIGITS);
}

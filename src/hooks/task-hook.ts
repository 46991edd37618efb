import type { ChatRequest } from '../core/chat.ts';
import { frozenCopy } from '../core/frozen-copy.ts';
import type { TaskHook } from '../core/hook-functions.ts';
import type { Hook, HookTerms } from '../core/hooks.ts';
import { callHook, HOOK_LIMIT_MS, hookError, invalidRun } from './call-hook.ts';
import { hookMessages } from './prompt-draft.ts';

/**
 * The route the hook chooses for a request; `null`: it chooses none, and the rules do.
 * @param tokens about how many the prompt has; `null`: not known
 * @param routes the names there are
 * @throws GatewayError `hook_error` when the hook throws, hangs or names no route
 */
export async function runTaskHook(
  request: ChatRequest,
  tokens: number | null,
  hook: Hook<TaskHook>,
  routes: ReadonlyMap<string, unknown>,
  terms: HookTerms,
): Promise<string | null> {
  const { messages, tools, directives, stream } = request;
  const facts = Object.freeze({
    messages: hookMessages(messages),
    tools: frozenCopy(tools.map(({ name }) => name)),
    tags: frozenCopy(directives.tags),
    stream,
    tokens,
  });
  const outcome = await callHook('task', hook, (run) => run(facts), HOOK_LIMIT_MS, terms);
  if (!outcome.ok) throw hookError(outcome.run, outcome.cause, terms);
  const { ms } = outcome;
  const result: unknown = outcome.result;
  const run = { hook: 'task', at: hook.at, ms, before: null, after: null } as const;
  if (result === undefined) {
    terms.note({ ...run, outcome: 'unchanged', reason: null });
    return null;
  }
  if (typeof result !== 'string' || !routes.has(result)) {
    const reason =
      typeof result === 'string' ? 'it named a route that does not exist' : 'it did not return the name of a route';
    throw hookError(invalidRun('task', hook, ms, reason), null, terms);
  }
  terms.note({ ...run, outcome: 'ok', reason: `it chose the route ${result}` });
  return result;
}

import type { Parameters } from './chat.ts';

/** How many tokens an answer may have by a request's parameters; `null`: they do not say. */
export function outputCapOf(parameters: Parameters): number | null {
  const cap = parameters['max_completion_tokens'] ?? parameters['max_tokens'];
  return typeof cap === 'number' ? cap : null;
}

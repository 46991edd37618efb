import type { ChatRequest } from '../core/chat.ts';
import type { Configuration } from '../core/route.ts';
import { adapt } from '../prompts/adapt.ts';
import { findEligible, requireEligible } from '../routing/eligible.ts';
import type { TokenCount } from '../tokens/token-count.ts';
import type { Steps } from './exchange.ts';
import { targetOf } from './target-of.ts';

/** How many tokens a request's prompt has for the deployment that would be asked first. */
export interface PromptCount {
  readonly tokens: TokenCount;
  /** Whose tokens they are: the deployment's name. */
  readonly deployment: string;
}

/**
 * Counts a prompt without sending it, with what the config adds to it.
 * @throws GatewayError where nobody could be asked
 */
export async function countPrompt(
  request: ChatRequest,
  configuration: Configuration,
  steps: Steps,
): Promise<PromptCount> {
  const target = targetOf({ request, configuration });
  const plan = findEligible(request, target);
  requireEligible(plan);
  const [first] = plan.candidates;
  if (first === undefined) throw new TypeError('a plan with candidates has none');
  const { messages, responseFormat } = adapt(request, first, target.route, null);
  const prompt = { messages, responseFormat, tools: request.tools, embedding: request.embedding };
  const tokens = await steps.tokens.count(prompt, first);
  // What members of one protocol only add to a prompt, its vendor alone knows.
  const isLowerBound = tokens.isLowerBound || request.protocolFields.length + request.unknownFields.length > 0;
  return { tokens: { ...tokens, isLowerBound }, deployment: first.name };
}

import type { ChatRequest } from '../core/chat.ts';
import type { Configuration } from '../core/route.ts';
import { adapt } from '../prompts/adapt.ts';
import { planAttempts, requireCandidate } from '../routing/plan.ts';
import { resolveTarget } from '../routing/resolve.ts';
import type { TokenCount } from '../tokens/token-count.ts';
import type { Steps } from './exchange.ts';

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
  const target = resolveTarget(request.asked, request.directives.route, configuration);
  const plan = planAttempts(request, target);
  requireCandidate(plan);
  const [first] = plan.candidates;
  if (first === undefined) throw new TypeError('a plan with candidates has none');
  const { messages, responseFormat } = adapt(request, first, target.route, null);
  const prompt = { messages, responseFormat, tools: request.tools, embedding: request.embedding };
  const tokens = await steps.tokens.count(prompt, first);
  // What members of one protocol only add to a prompt, its vendor alone knows.
  const isLowerBound = tokens.isLowerBound || request.protocolFields.length + request.unknownFields.length > 0;
  return { tokens: { ...tokens, isLowerBound }, deployment: first.name };
}

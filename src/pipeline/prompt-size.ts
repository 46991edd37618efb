import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { promptTokensAtMost } from '../tokens/prompt-bound.ts';
import type { CountedPrompt, TokenCount } from '../tokens/token-count.ts';
import type { TokenCounter } from '../tokens/token-counter.ts';

/**
 * How many tokens the prompt has at the very least, for each deployment whose window it might not fit; by the
 * deployment's name. Most prompts have fewer bytes than any window has tokens: for these nothing is counted, nor where a
 * dry run assumes a length.
 */
export async function leastPromptTokens(
  request: ChatRequest,
  candidates: readonly Deployment[],
  tokens: TokenCounter,
): Promise<ReadonlyMap<string, number>> {
  const assumed = request.directives.dryRun?.promptTokens ?? null;
  if (assumed !== null) return new Map(candidates.map(({ name }) => [name, assumed]));
  const least = new Map<string, number>();
  // The body is longer than what of it is read, so that most requests are done with here.
  const doubtful = candidates.filter((each) => windowOf(each) < request.original.bytes.length + FRAME_TOKENS);
  if (doubtful.length === 0 || request.embedding !== null) return least;
  const most = promptTokensAtMost(request) ?? Number.POSITIVE_INFINITY;
  for (const deployment of doubtful) {
    if (most <= windowOf(deployment)) continue;
    const { count, errorBand } = await tokens.count(request, deployment);
    least.set(deployment.name, Math.floor(count * (1 - errorBand)));
  }
  return least;
}

/** How many tokens a prompt has, adapted for the deployment; as many as a dry run assumes. */
export async function countOrAssume(
  request: ChatRequest,
  prompt: CountedPrompt,
  deployment: Deployment,
  tokens: TokenCounter,
): Promise<TokenCount> {
  const assumed = request.directives.dryRun?.promptTokens ?? null;
  if (assumed !== null) return { count: assumed, method: 'exact', errorBand: 0, isLowerBound: false };
  return tokens.count(prompt, deployment);
}

/** What a vendor puts around a request at most. */
const FRAME_TOKENS = 1024;

/** One that is not known is not checked. */
function windowOf({ capabilities }: Deployment): number {
  return capabilities.limits.contextTokens ?? Number.POSITIVE_INFINITY;
}

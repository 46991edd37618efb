import { costOf } from '../catalog/cost.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { usdFromNano, type NanoUsd } from '../core/money.ts';
import type { CandidateReason } from '../core/record.ts';
import { estimatedUsage } from '../core/usage.ts';
import { adapt } from '../prompts/adapt.ts';
import { MAX_COST, type Eligible, type ExcludedCandidate } from '../routing/eligible.ts';
import type { CountedPrompt, TokenCount } from '../tokens/token-count.ts';
import type { Steps } from './exchange.ts';
import { countOrAssume } from './prompt-size.ts';

/**
 * Leaves out the candidates that may cost more than the request allows: an answer as long as it may be, at the price in
 * force. One whose price or longest answer is not known may cost anything.
 */
export async function withinCeiling(eligible: Eligible, request: ChatRequest, steps: Steps): Promise<Eligible> {
  const ceiling = request.directives.maxCostNanoUsd;
  if (ceiling === null || eligible.candidates.length === 0) return eligible;
  const dearer: ExcludedCandidate[] = [];
  const candidates: Deployment[] = [];
  for (const deployment of eligible.candidates) {
    const highest = await highestCost(deployment, eligible, request, steps);
    if (highest !== null && highest <= ceiling) candidates.push(deployment);
    else dearer.push({ deployment, reasons: [tooDear(ceiling, highest)] });
  }
  return { ...eligible, candidates, excluded: eligible.excluded.concat(dearer) };
}

function tooDear(ceiling: NanoUsd, highest: NanoUsd | null): CandidateReason {
  const evidence = highest === null ? 'the price or the longest answer is not known' : null;
  return { rule: MAX_COST, need: usdFromNano(ceiling), have: usdFromNano(highest), evidence, at: null };
}

/** What one attempt costs at the most, in nano-USD; `null`: not known. */
async function highestCost(
  deployment: Deployment,
  { target }: Eligible,
  request: ChatRequest,
  steps: Steps,
): Promise<NanoUsd | null> {
  const { price, capabilities } = deployment;
  const adapted = adapt(request, deployment, target.route, null);
  const named = adapted.parameters['max_completion_tokens'] ?? adapted.parameters['max_tokens'];
  const cap = typeof named === 'number' ? named : capabilities.limits.outputTokens;
  const choices = typeof adapted.parameters['n'] === 'number' ? adapted.parameters['n'] : 1;
  if (price === null || (cap === null && request.embedding === null)) return null;
  const prompt: CountedPrompt = {
    messages: adapted.messages,
    tools: request.tools,
    responseFormat: adapted.responseFormat,
    embedding: request.embedding,
  };
  const counted = await countOrAssume(request, prompt, deployment, steps.tokens);
  const promptTokens = highestCount(counted);
  if (promptTokens === null) return null;
  const completionTokens = request.embedding === null ? (cap ?? 0) * choices : 0;
  const usage = estimatedUsage(promptTokens, completionTokens);
  return costOf(usage, price, { wallTimeMs: steps.clock.wallTime(), serviceTier: null }).nanoUsd;
}

function highestCount({ count, errorBand, isLowerBound }: TokenCount): number | null {
  return isLowerBound ? null : Math.ceil(count * (1 + errorBand));
}

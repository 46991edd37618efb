import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { usdFromNano, type NanoUsd } from '../core/money.ts';
import { outputCapOf } from '../core/output-cap.ts';
import type { CandidateReason } from '../core/record.ts';
import { estimatedUsage, type Usage } from '../core/usage.ts';
import { adapt } from '../prompts/adapt.ts';
import { MAX_COST, type Eligible } from '../routing/eligible.ts';
import type { CountedPrompt, TokenCount } from '../tokens/token-count.ts';
import type { Attempt } from './attempt.ts';
import { costOfAnswer, type Priced } from './attempt-cost.ts';
import type { Steps } from './exchange.ts';
import { countOrAssume } from './prompt-size.ts';

/** What a request may cost over all its attempts, and what one attempt of each candidate may come to. */
export class CostCeiling {
  /** `null`: the request names none. */
  readonly #ceiling: NanoUsd | null;
  /** By deployment; `null`: not known. */
  readonly #highest: ReadonlyMap<string, NanoUsd | null>;

  constructor(ceiling: NanoUsd | null, highest: ReadonlyMap<string, NanoUsd | null>) {
    this.#ceiling = ceiling;
    this.#highest = highest;
  }

  /** Those of whom one attempt stays below it. */
  within(eligible: Eligible): Eligible {
    if (this.#ceiling === null || eligible.candidates.length === 0) return eligible;
    const judged = eligible.candidates.map((deployment) => ({ deployment, reason: this.refusal(deployment, []) }));
    const dearer = judged.flatMap(({ deployment, reason }) =>
      reason === null ? [] : [{ deployment, reasons: [reason] }],
    );
    const candidates = judged.flatMap(({ deployment, reason }) => (reason === null ? [deployment] : []));
    return { ...eligible, candidates, excluded: eligible.excluded.concat(dearer) };
  }

  /**
   * Why another attempt may go beyond it, after those that were made; `null`: it stays below.
   * @param asides what was asked beside them, by its cost
   */
  refusal(
    next: Deployment,
    made: readonly Attempt[],
    asides: readonly { readonly cost: NanoUsd | null }[] = [],
  ): CandidateReason | null {
    if (this.#ceiling === null) return null;
    let sum = this.#highest.get(next.name) ?? null;
    // Of one whose cost nobody knows the vendor may charge all it can come to.
    for (const { cost, deployment } of made) {
      const most = cost ?? this.#highest.get(deployment.name) ?? null;
      sum = sum === null || most === null ? null : sum + most;
    }
    for (const { cost } of asides) sum = sum === null || cost === null ? null : sum + cost;
    if (sum !== null && sum <= this.#ceiling) return null;
    const evidence = sum === null ? 'the price or the longest answer is not known' : null;
    return { rule: MAX_COST, need: usdFromNano(this.#ceiling), have: usdFromNano(sum), evidence, at: null };
  }
}

/**
 * Reckons what an attempt of each candidate may cost: an answer as long as it may be, at the price in force. One whose
 * price or longest answer is not known may cost anything, and so may what is billed apart from tokens.
 */
export async function costCeiling(eligible: Eligible, request: ChatRequest, steps: Steps): Promise<CostCeiling> {
  const ceiling = request.directives.maxCostNanoUsd;
  const highest = new Map<string, NanoUsd | null>();
  if (ceiling === null) return new CostCeiling(null, highest);
  for (const deployment of eligible.candidates) {
    highest.set(deployment.name, await highestCost(deployment, eligible, request, steps));
  }
  return new CostCeiling(ceiling, highest);
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
  const cap = outputCapOf(adapted.parameters) ?? capabilities.limits.outputTokens;
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
  const usage = estimatedUsage(promptTokens, request.embedding === null ? (cap ?? 0) * choices : 0);
  return dearest(usage, { price, adapted, wallTimeMs: steps.clock.wallTime() });
}

/** The prompt may be written to the vendor's cache, which costs more where it has a price. */
function dearest(usage: Usage, priced: Omit<Priced, 'usage'>): NanoUsd | null {
  const { promptTokens } = usage;
  const plain = costOfAnswer({ ...priced, usage }).nanoUsd;
  if (plain === null || !asksForCache(priced.adapted)) return plain;
  const written = [0, promptTokens].flatMap((cacheWriteOneHourTokens) => {
    const writing = { ...usage, cacheWriteTokens: promptTokens, cacheWriteOneHourTokens };
    return costOfAnswer({ ...priced, usage: writing }).nanoUsd ?? [];
  });
  return Math.max(plain, ...written);
}

function asksForCache({ request }: Priced['adapted']): boolean {
  const isMarked = request.messages.some(({ content }) => content.some((part) => part.cacheBreakpoint === true));
  return isMarked || request.protocolFields.some((path) => path.includes('cache_control'));
}

function highestCount({ count, errorBand, isLowerBound }: TokenCount): number | null {
  return isLowerBound ? null : Math.ceil(count * (1 + errorBand));
}

import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { FAILURES } from '../core/failure.ts';
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
  readonly #highest: Map<string, NanoUsd | null>;
  readonly #reckon: (adapted: AdaptedRequest, deployment: Deployment) => Promise<NanoUsd | null>;

  constructor(
    ceiling: NanoUsd | null,
    highest: Map<string, NanoUsd | null>,
    reckon: (adapted: AdaptedRequest, deployment: Deployment) => Promise<NanoUsd | null>,
  ) {
    this.#ceiling = ceiling;
    this.#highest = highest;
    this.#reckon = reckon;
  }

  /**
   * Reckons anew what an attempt may come to, now that it is known what is sent: a hook may have made it longer.
   * @param made attempts before, whose cost may not be known
   */
  async written(adapted: AdaptedRequest, deployment: Deployment, made: readonly Attempt[]): Promise<void> {
    if (this.#ceiling === null) return;
    const wasAsked = made.some((each) => each.deployment === deployment);
    const before = wasAsked ? (this.#highest.get(deployment.name) ?? null) : 0;
    const cost = await this.#reckon(adapted, deployment);
    this.#highest.set(deployment.name, cost === null || before === null ? null : Math.max(cost, before));
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
  const reckon = (adapted: AdaptedRequest, deployment: Deployment): Promise<NanoUsd | null> =>
    highestCost(adapted, deployment, steps);
  if (ceiling === null) return new CostCeiling(null, highest, reckon);
  const usualModel = eligible.candidates[0]?.model ?? '';
  for (const deployment of eligible.candidates) {
    // Whom it stands in for is decided later; a brief has the same length whoever that is, or nearly so.
    const substitution = deployment.model === usualModel ? null : { usualModel, reason: FAILURES.overloaded.code };
    const adapted = adapt(request, deployment, eligible.target.route, substitution);
    highest.set(deployment.name, await reckon(adapted, deployment));
  }
  return new CostCeiling(ceiling, highest, reckon);
}

/** What one attempt costs at the most, in nano-USD; `null`: not known. */
async function highestCost(adapted: AdaptedRequest, deployment: Deployment, steps: Steps): Promise<NanoUsd | null> {
  const { request } = adapted;
  const { price, capabilities } = deployment;
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
  const billsWrites = capabilities.protocol === 'anthropic-messages';
  return dearest(usage, { price, adapted, wallTimeMs: steps.clock.wallTime() }, billsWrites);
}

/**
 * The prompt may be written to the vendor's cache, which costs more where it has a price.
 * @param billsWrites whether the vendor always bills that, so that without a price nothing is known
 */
function dearest(usage: Usage, priced: Omit<Priced, 'usage'>, billsWrites: boolean): NanoUsd | null {
  const { promptTokens } = usage;
  const plain = costOfAnswer({ ...priced, usage }).nanoUsd;
  if (plain === null || !asksForCache(priced.adapted)) return plain;
  const written = [0, promptTokens].map((cacheWriteOneHourTokens) => {
    const writing = { ...usage, cacheWriteTokens: promptTokens, cacheWriteOneHourTokens };
    return costOfAnswer({ ...priced, usage: writing }).nanoUsd;
  });
  if (billsWrites && written.includes(null)) return null;
  return Math.max(plain, ...written.map((cost) => cost ?? 0));
}

function asksForCache({ request }: Priced['adapted']): boolean {
  const isMarked = request.messages.some(({ content }) => content.some((part) => part.cacheBreakpoint === true));
  return isMarked || request.protocolFields.some((path) => path.includes('cache_control'));
}

function highestCount({ count, errorBand, isLowerBound }: TokenCount): number | null {
  return isLowerBound ? null : Math.ceil(count * (1 + errorBand));
}

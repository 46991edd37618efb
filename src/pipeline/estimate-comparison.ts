import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { outputCapOf } from '../core/output-cap.ts';
import { adapt } from '../prompts/adapt.ts';
import type { LengthSpread } from './answer-lengths.ts';
import { askingValidators } from './asking-validators.ts';
import { type Comparison, firstOf, type LoadedItem } from './comparison.ts';
import { type CostEstimate, estimateCost } from './estimate-cost.ts';
import type { Steps } from './exchange.ts';
import { expectedAnswer } from './expected-answer.ts';

/** Of more items so many, evenly spread, are counted, and stand for all. */
const MOST_COUNTED = 200;
/** How long an answer is taken to be of a model that was hardly ever asked on the route. */
const ASSUMED_TOKENS = 400;

const UNKNOWN: CostEstimate = { cost: null, band: null, answers: 0 };

/** What a comparison would cost at the prices of now, in USD; `null`: not known. Nothing is asked. */
export async function estimateComparison(comparison: Comparison, steps: Steps): Promise<JsonObject> {
  const { items, reference, models, route, design, concurrency } = comparison;
  const asides = askingValidators(route);
  const step = Math.max(1, Math.ceil(items.length / MOST_COUNTED));
  const sums = new Map([reference, ...models].map((model) => [model, new EstimateSum()]));
  let counted = 0;
  for (let at = 0; at < items.length; at += step) {
    const loaded = (await items[at]?.load()) ?? null;
    if (loaded === null) continue;
    counted++;
    for (const [model, sum] of sums) sum.add(await estimateItem(loaded, model, comparison, steps));
  }
  const scale = counted === 0 ? 0 : items.length / counted;
  const each = [...sums].map(([model, sum]) => {
    const name = firstOf(model, route)?.name ?? null;
    const spread = name === null ? null : steps.answerLengths.spread(route.name, name);
    const answer_tokens = { tokens: spread?.median ?? ASSUMED_TOKENS, measured: spread !== null };
    return { model, deployment: name, answer_tokens, ...sum.scaled(scale) };
  });
  return {
    route: route.name,
    reference,
    design: { ...design },
    items: items.length,
    runs: items.length * each.length,
    concurrency,
    cost: total(each.map(({ cost }) => cost)),
    // What judges and second opinions cost comes on top, and depends on the answers.
    cost_band: asides.length > 0 ? null : bandOf(each.map(({ cost_band }) => cost_band)),
    not_counted: asides,
    models: each,
  };
}

function bandOf(bands: readonly (readonly number[] | null)[]): readonly number[] | null {
  const [low = null, high = null] = [0, 1].map((end) => total(bands.map((band) => band?.[end] ?? null)));
  return low === null || high === null ? null : [low, high];
}

async function estimateItem(
  { request }: LoadedItem,
  model: string,
  comparison: Comparison,
  steps: Steps,
): Promise<CostEstimate> {
  const { route, reference } = comparison;
  const deployment = firstOf(model, route);
  if (deployment === undefined) return UNKNOWN;
  const standsIn = model === reference ? null : { usualModel: reference, reason: 'compare' };
  try {
    const { messages, responseFormat, parameters } = adapt(request, deployment, route, standsIn);
    const prompt = await steps.tokens.count(
      { messages, responseFormat, tools: request.tools, embedding: null },
      deployment,
    );
    const outputCap = outputCapOf(parameters) ?? deployment.capabilities.limits.outputTokens;
    const { choices } = expectedAnswer(request);
    const grounds = { price: deployment.price, prompt, outputCap, choices, wallTimeMs: steps.clock.wallTime() };
    const measured = steps.answerLengths.spread(route.name, deployment.name);
    const estimate = estimateCost({ ...grounds, answers: measured });
    if (measured !== null) return estimate;
    const tokens = ASSUMED_TOKENS * choices;
    const assumed: LengthSpread = { median: tokens, low: 0, high: tokens, answers: 0 };
    return { ...estimate, cost: estimateCost({ ...grounds, answers: assumed }).cost };
  } catch (error) {
    // It will not be asked either.
    if (error instanceof GatewayError) return { cost: 0, band: [0, 0], answers: 0 };
    throw error;
  }
}

/** Costs of items together; one that is not known leaves the sum unknown. */
class EstimateSum {
  readonly #costs: (number | null)[] = [];
  readonly #lows: (number | null)[] = [];
  readonly #highs: (number | null)[] = [];

  add({ cost, band }: CostEstimate): void {
    this.#costs.push(cost);
    this.#lows.push(band?.[0] ?? null);
    this.#highs.push(band?.[1] ?? null);
  }

  scaled(scale: number): { readonly cost: number | null; readonly cost_band: readonly number[] | null } {
    const [cost = null, low = null, high = null] = [this.#costs, this.#lows, this.#highs].map((costs) => {
      const sum = total(costs);
      return sum === null ? null : Number((sum * scale).toFixed(6));
    });
    return { cost, cost_band: low === null || high === null ? null : [low, high] };
  }
}

function total(parts: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const part of parts) {
    if (part === null) return null;
    sum += part;
  }
  return Number(sum.toFixed(6));
}

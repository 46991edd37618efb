import type { ChatRequest } from '../../core/chat.ts';
import type { Configuration } from '../../core/route.ts';
import { findEligible } from '../../routing/eligible.ts';
import { planAttempts, type Plan } from '../../routing/plan.ts';
import type { Target } from '../../routing/resolve.ts';
import type { TokenCount } from '../../tokens/token-count.ts';
import type { Aside } from '../aside.ts';
import { costCeiling } from '../cost-ceiling.ts';
import { decisionInputs } from '../decision-inputs.ts';
import type { Steps } from '../exchange.ts';
import { countOrAssume, leastPromptTokens } from '../prompt-size.ts';
import { adaptCandidate, type AdaptedCandidate } from './adapted-candidate.ts';
import { assume, type AssumedWorld } from './assume.ts';

/** A request that was planned and not sent. */
export interface DryPlan {
  readonly request: ChatRequest;
  readonly configuration: Configuration;
  readonly plan: Plan;
  readonly world: AssumedWorld;
  /** What each of those that can answer would be sent, by deployment. */
  readonly adapted: ReadonlyMap<string, AdaptedCandidate>;
  /** Tokens of their prompts. */
  readonly promptTokens: ReadonlyMap<string, TokenCount>;
}

/** The steps of `handleChat` before the first byte leaves, in the world as it is assumed. @throws GatewayError as they do, and as `assume` */
export async function planDry(
  request: ChatRequest,
  found: Target,
  configuration: Configuration,
  realSteps: Steps,
  aside?: Aside,
): Promise<DryPlan> {
  const world = assume(request, found, configuration, realSteps);
  const { target, steps } = world;
  const least = await leastPromptTokens(request, target.candidates, steps.tokens);
  const able = findEligible(request, target, least);
  const eligible = (await costCeiling(able, request, steps)).within(able);
  const plan = planAttempts(eligible, decisionInputs(request, eligible, configuration.hooks, steps, world));
  const adapted = new Map(
    eligible.candidates.map((each) => [each.name, adaptCandidate(each, request, plan, steps, aside)] as const),
  );
  const counts = eligible.candidates.map(async (each): Promise<readonly [string, TokenCount][]> => {
    const prompt = adapted.get(each.name)?.prompt;
    return prompt === undefined ? [] : [[each.name, await countOrAssume(request, prompt, each, steps.tokens)]];
  });
  const promptTokens = new Map((await Promise.all(counts)).flat());
  return { request, configuration, plan, world, adapted, promptTokens };
}

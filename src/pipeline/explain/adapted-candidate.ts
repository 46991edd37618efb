import { inClientsWords, withoutContent, type Adjustment } from '../../core/adjustment.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import { FAILURES } from '../../core/failure.ts';
import { adapt, type Substitution } from '../../prompts/adapt.ts';
import type { Plan } from '../../routing/plan.ts';
import type { CountedPrompt } from '../../tokens/token-count.ts';
import type { Aside } from '../aside.ts';
import type { Steps } from '../exchange.ts';
import { reasonToReplace } from '../stand-in.ts';

/** What an attempt after the first stands in for: nothing has failed yet. */
const ASSUMED_FAILURE = FAILURES.overloaded.code;

/** What one candidate would be sent. */
export interface AdaptedCandidate {
  readonly template: string | null;
  readonly adjustments: readonly Adjustment[];
  /** How long the answer may be, in tokens; `null`: as long as the vendor lets it. */
  readonly outputCap: number | null;
  readonly prompt: CountedPrompt;
}

/** Adapts and encodes the request as in earnest. */
export function adaptCandidate(
  deployment: Deployment,
  request: ChatRequest,
  plan: Plan,
  { providers }: Pick<Steps, 'providers'>,
  aside?: Aside,
): AdaptedCandidate {
  const usualModel = aside?.inPlaceOf ?? null;
  const substitution =
    aside === undefined || usualModel === null
      ? substitutionBy(deployment, plan)
      : { usualModel, reason: aside.purpose };
  const fitted = adapt(request, deployment, plan.target.route, substitution);
  const encoded = providers.get(deployment.kind)?.encode(fitted, deployment);
  const made = [...fitted.adjustments, ...(encoded?.adjustments ?? [])];
  const adjustments = made.map((each) => withoutContent(inClientsWords(each, request)));
  const cap =
    fitted.parameters['max_completion_tokens'] ??
    fitted.parameters['max_tokens'] ??
    made.find((each) => each.param === 'max_tokens')?.sent;
  const prompt = {
    messages: fitted.messages,
    tools: request.tools,
    responseFormat: fitted.responseFormat,
    embedding: request.embedding,
  };
  return { template: fitted.template, adjustments, outputCap: typeof cap === 'number' ? cap : null, prompt };
}

/** Whom it would stand in for, and why: what is known beforehand of the usual one, else that it has failed. */
function substitutionBy(deployment: Deployment, plan: Plan): Substitution | null {
  const { usual, candidates } = plan;
  if (usual === null || usual.model === deployment.model) return null;
  const reason = candidates[0] === deployment ? reasonToReplace(usual, plan, [], null) : ASSUMED_FAILURE;
  return { usualModel: usual.model, reason };
}

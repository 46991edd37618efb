import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import type { TriedRule } from '../core/record.ts';
import type { Configuration } from '../core/route.ts';
import type { RuleFacts } from '../core/rule.ts';
import { resolveTarget, type Target } from '../routing/resolve.ts';
import { ruleFacts } from '../routing/rule-facts.ts';
import { chooseRoute } from '../routing/rules.ts';
import type { Exchange } from './exchange.ts';

/**
 * What a request asks for. Its facts are gathered only where rules choose; of a question of Candor's own one model may be
 * the only candidate.
 * @param task the route that the operator's hook has chosen; `null`: none
 * @throws GatewayError as `resolveTarget`
 */
export function targetOf(
  { request, configuration, aside }: Pick<Exchange, 'request' | 'configuration' | 'aside'>,
  task: string | null = null,
): Target {
  const { asked, directives } = request;
  const target = resolveTarget(asked, directives.route ?? task, configuration, () => factsOf(request, configuration));
  const chosen: Target =
    task === null ? target : { ...target, chosenBy: { by: 'hook', at: configuration.hooks.task?.at ?? null } };
  if (aside === undefined || aside.model === null) return chosen;
  const isAsked = ({ name, model }: Deployment): boolean => model === aside.model || name === aside.model;
  // For a second opinion a model is asked that need not be one of the route's own.
  const known = aside.purpose === 'agreement' ? [...configuration.deployments.values()] : chosen.candidates;
  return { ...chosen, candidates: known.filter(isAsked) };
}

/** The rules as they are evaluated for a request, up to the first that matches. */
export function triedRules(request: ChatRequest, configuration: Configuration): readonly TriedRule[] {
  return chooseRoute(configuration.rules, factsOf(request, configuration)).tried;
}

/** Its language is told only where a rule reads it. */
function factsOf(request: ChatRequest, { rules }: Configuration): RuleFacts {
  return ruleFacts(request, { language: rules.some(({ readsLanguage }) => readsLanguage) });
}

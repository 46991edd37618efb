import type { ChatRequest } from '../core/chat.ts';
import type { TriedRule } from '../core/record.ts';
import type { Configuration } from '../core/route.ts';
import type { RuleFacts } from '../core/rule.ts';
import { resolveTarget, type Target } from '../routing/resolve.ts';
import { ruleFacts } from '../routing/rule-facts.ts';
import { chooseRoute } from '../routing/rules.ts';

/**
 * What a request asks for. Its facts are gathered only where rules choose.
 * @throws GatewayError as `resolveTarget`
 */
export function targetOf(request: ChatRequest, configuration: Configuration): Target {
  return resolveTarget(request.asked, request.directives.route, configuration, () => factsOf(request, configuration));
}

/** The rules as they are evaluated for a request, up to the first that matches. */
export function triedRules(request: ChatRequest, configuration: Configuration): readonly TriedRule[] {
  return chooseRoute(configuration.rules, factsOf(request, configuration)).tried;
}

/** Its language is told only where a rule reads it. */
function factsOf(request: ChatRequest, { rules }: Configuration): RuleFacts {
  return ruleFacts(request, { language: rules.some(({ readsLanguage }) => readsLanguage) });
}

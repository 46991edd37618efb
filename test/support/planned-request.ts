import { clientPath } from '../../src/core/chat.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import type { Route } from '../../src/core/route.ts';
import { adapt } from '../../src/prompts/adapt.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import { findEligible, requireEligible } from '../../src/routing/eligible.ts';
import { decodeClientBody, testDeployment, testRoute, taskTarget } from './deployment.ts';

/** What became of a Chat Completions request to one model: what was sent and said, or why it was refused. */
export type Planned =
  | {
      readonly sent: JsonObject;
      /** Kind, path and sent value of each adjustment: `clamped temperature 1`. */
      readonly said: readonly string[];
    }
  | {
      readonly refused: string;
      readonly param: string | null;
      /** Rule and need of each reason. */
      readonly reasons: readonly string[];
    };

/** Decodes, plans, adapts and encodes as the pipeline does; `target` is `<kind>/<model>`. */
export function planned(target: string, request: JsonObject | string, changes: Partial<Route> = {}): Planned {
  const [kind = '', model = ''] = target.split('/');
  const provider = PROVIDERS.get(kind) as Provider;
  const deployment = testDeployment(provider, model, { url: `https://${kind}.example` });
  const route = testRoute([deployment], changes);
  try {
    const decoded = decodeClientBody(request);
    requireEligible(findEligible(decoded, taskTarget(route, [deployment])));
    const adapted = adapt(decoded, deployment, route, null);
    const encoded = provider.encode(adapted, deployment);
    const adjustments = [...adapted.adjustments, ...encoded.adjustments];
    return {
      sent: JSON.parse(encoded.body.toString('utf8')) as JsonObject,
      said: adjustments.map(
        ({ kind: how, param, sent }) => `${how} ${clientPath(decoded, param)} ${JSON.stringify(sent)}`,
      ),
    };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const reasons = (error.details['refused'] ?? []) as readonly JsonObject[];
    const told = reasons.map(({ rule, need }) => `${needText(rule)} ${needText(need)}`);
    return { refused: `${error.status} ${error.code}`, param: error.param, reasons: told };
  }
}

function needText(need: JsonValue | undefined): string {
  return typeof need === 'string' ? need : JSON.stringify(need);
}

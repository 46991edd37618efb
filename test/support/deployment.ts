import { decodeChatRequest } from '../../src/dialects/openai-chat/decode.ts';
import type { ChatRequest } from '../../src/core/chat.ts';
import type { Deployment } from '../../src/core/deployment.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Route } from '../../src/core/route.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { Target } from '../../src/routing/resolve.ts';

/** A deployment of one model at a provider, with nothing configured about it. */
export function testDeployment(provider: Provider, modelId: string, changes: Partial<Deployment> = {}): Deployment {
  return {
    name: `${provider.kind}/${modelId}`,
    provider: provider.kind,
    model: modelId,
    kind: provider.kind,
    modelId,
    url: provider.defaultUrl ?? 'https://vendor.example/v1',
    allowsPrivate: false,
    credentials: [],
    region: null,
    simulated: false,
    capabilities: provider.capabilities(modelId),
    price: null,
    prompt: { prepend: null, append: null, documents: null },
    params: new Map(),
    at: 'candor.yaml:1',
    ...changes,
  };
}

/** A route with these candidates and no rules but those given. */
export function testRoute(candidates: readonly Deployment[], changes: Partial<Route> = {}): Route {
  return {
    name: 'task',
    candidates,
    params: new Map(),
    strict: false,
    brief: { template: null, at: 'built-in' },
    validators: [],
    invalid: ['repair', 'next', 'fail'],
    fallback: 'degraded',
    stream: 'trail',
    objectives: [],
    objectivePolicy: 'best_effort',
    pick: 'ordered',
    weights: new Map(),
    sharedModels: new Set(),
    retries: 0,
    midSystem: 'refuse',
    onRefusal: 'deliver',
    onAbstain: 'fail',
    accept: null,
    shadow: null,
    prompts: [],
    timeouts: {
      connectMs: 5000,
      firstByteMs: 60_000,
      firstByteUnstreamedMs: 600_000,
      firstTokenMs: null,
      idleMs: 30_000,
      totalMs: 600_000,
      totalStreamMs: 3_600_000,
    },
    at: 'candor.yaml:9',
    ...changes,
  };
}

/** What a request that names this route is planned over. */
export function taskTarget(route: Route, candidates: readonly Deployment[] = route.candidates): Target {
  return { asked: route.name, route, candidates, chosenBy: { by: 'model', at: route.at }, rules: [] };
}

/** What a request that names this deployment is planned over. */
export function pinnedTarget(deployment: Deployment): Target {
  const chosenBy = { by: 'model', at: deployment.at } as const;
  return { asked: deployment.name, route: null, candidates: [deployment], chosenBy, rules: [] };
}

/** A client's request as the gateway reads it. @throws GatewayError as the dialect does */
export function decodeClientBody(
  body: JsonObject | string,
  headers: Readonly<Record<string, string>> = {},
): ChatRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return decodeChatRequest(Buffer.from(text), new Map(Object.entries(headers)));
}

import type { Deployment, ParameterRules, Timeouts } from '../../core/deployment.ts';
import { canonicalJson, type JsonValue } from '../../core/json.ts';
import { usdFromNano } from '../../core/money.ts';
import type { Objective, ObjectiveName } from '../../core/objective.ts';
import type {
  Brief,
  Configuration,
  ModelEntry,
  PromptTemplate,
  Route,
  ServerSettings,
  StreamMode,
} from '../../core/route.ts';
import type { Secret } from '../../core/secret.ts';
import { DEFAULT_BRIEF } from '../brief.ts';
import { formatDuration } from '../duration.ts';
import { hookPlaces } from '../hook-places.ts';
import { priceJson } from '../price-json.ts';

/** A value of the tree. Secrets stand in it as such, so that two can be compared and neither told. */
export type TreeValue = JsonValue | Secret | readonly TreeValue[] | TreeMap;

export interface TreeMap {
  readonly [word: string]: TreeValue | undefined;
}

/** What a configuration decides, defaults included, in the words of the config file. */
export function configurationTree(configuration: Configuration): TreeMap {
  const { deployments, models, routes, rules, hooks, server } = configuration;
  return {
    providers: Object.fromEntries([...deployments.values()].map((each) => [each.provider, providerTree(each)])),
    models: Object.fromEntries([...models].map(([name, model]) => [name, modelTree(model)])),
    routes: Object.fromEntries([...routes].map(([name, route]) => [name, routeTree(route, models)])),
    rules: rules.length === 0 ? undefined : rules.map(({ when, route }) => ({ when: when ?? undefined, route })),
    hooks: unlessEmpty({ ...hookPlaces(hooks), ...Object.fromEntries(hooks.sources) }),
    server: serverTree(server),
  };
}

function providerTree({ kind, url, allowsPrivate, credentials, region, simulated }: Deployment): TreeMap {
  // Where the simulator listens is nobody's decision.
  return {
    kind,
    url: simulated ? undefined : url,
    allow_private: allowsPrivate && !simulated ? true : undefined,
    key: credentials.length > 1 ? credentials : credentials[0],
    region: region ?? undefined,
    sim: simulated,
  };
}

function modelTree({ deployments }: ModelEntry): TreeMap {
  const [first] = deployments;
  if (first === undefined) return {};
  const oneId = deployments.every((each) => each.modelId === first.modelId);
  const names = deployments.map((each) => each.provider);
  const prices = deployments.map((each) => (each.price === null ? null : priceJson(each.price)));
  const onePrice = prices.every((price) => canonicalJson(price) === canonicalJson(prices[0] ?? null));
  return {
    at: oneId
      ? names.length === 1
        ? first.provider
        : names
      : deployments.map(({ provider, modelId }) => ({ provider, id: modelId })),
    id: oneId ? first.modelId : undefined,
    prompt: unlessEmpty({
      prepend: first.prompt.prepend?.text,
      append: first.prompt.append?.text,
      documents: first.prompt.documents ?? undefined,
    }),
    params: unlessEmpty(paramsTree(first.params)),
    price: onePrice
      ? (prices[0] ?? null)
      : Object.fromEntries(names.map((name, index) => [name, prices[index] ?? null])),
  };
}

function routeTree(route: Route, models: ReadonlyMap<string, ModelEntry>): TreeMap {
  const { params, strict, brief, validators, invalid, fallback, stream, midSystem, onRefusal, timeouts } = route;
  const { pick, objectives, objectivePolicy, retries, onAbstain, accept, shadow, prompts } = route;
  return {
    try: tryTree(route, models),
    pick,
    slo: unlessEmpty(objectivesTree(objectives)),
    slo_policy: objectivePolicy,
    params: unlessEmpty({ ...paramsTree(params), strict: strict ? true : undefined }),
    prompts: unlessEmpty(promptsTree(prompts)),
    brief: briefTree(brief),
    validate: validators.map(({ id, options }) => (options === null ? id : { [id]: options })),
    invalid: [...invalid],
    fallback,
    retries,
    stream: streamTree(stream),
    mid_system: midSystem,
    on_refusal: onRefusal,
    on_abstain: onAbstain,
    accept: accept === null ? undefined : { risk: accept.risk, delta: accept.delta },
    shadow:
      shadow === null
        ? undefined
        : { sample: shadow.sample, budget: `$${usdFromNano(shadow.budgetNanoUsd)}/day`, models: [...shadow.models] },
    timeout: timeoutTree(timeouts),
  };
}

/** What the words of `try` say: a model whose deployments share its requests, or each deployment by itself. */
function tryTree({ candidates, weights, sharedModels }: Route, models: ReadonlyMap<string, ModelEntry>): TreeValue {
  const written = new Map<string, TreeValue>();
  for (const { name, model } of candidates) {
    const isWhole = sharedModels.has(model) || models.get(model)?.deployments.length === 1;
    const word = isWhole ? model : name;
    const weight = weights.get(name) ?? 1;
    written.set(word, weight === 1 ? word : { model: word, weight });
  }
  return [...written.values()];
}

/** In the units of the config file. */
function objectivesTree(objectives: readonly Objective[]): TreeMap {
  return Object.fromEntries(objectives.map(({ name, limit }) => [name, limitText(name, limit)]));
}

function limitText(name: ObjectiveName, limit: number): TreeValue {
  if (name === 'ttft_p95') return formatDuration(limit);
  return name === 'cost_per_request' ? usdFromNano(limit) : limit;
}

function streamTree(stream: StreamMode): TreeValue {
  if (typeof stream === 'string') return stream;
  return { window: 'characters' in stream ? stream.characters : formatDuration(stream.milliseconds) };
}

/** Each model's template, as its text: where it lies decides nothing. */
function promptsTree(prompts: readonly PromptTemplate[]): TreeMap {
  return Object.fromEntries(prompts.map(({ model, template }) => [model ?? 'every model', template]));
}

function briefTree({ template }: Brief): string {
  return template === null ? 'off' : template === DEFAULT_BRIEF.template ? 'default' : template;
}

function paramsTree(params: ParameterRules): TreeMap {
  return Object.fromEntries(
    [...params].map(([name, { defaultValue, min, max, set }]) => [
      name,
      defaultValue === undefined ? { min: min ?? undefined, max: max ?? undefined, set } : defaultValue,
    ]),
  );
}

function timeoutTree(timeouts: Timeouts): TreeMap {
  const { connectMs, firstByteMs, firstByteUnstreamedMs, firstTokenMs, idleMs, totalMs, totalStreamMs } = timeouts;
  return {
    connect: formatDuration(connectMs),
    first_byte: formatDuration(firstByteMs),
    first_byte_unstreamed: formatDuration(firstByteUnstreamedMs),
    first_token: firstTokenMs === null ? undefined : formatDuration(firstTokenMs),
    idle: formatDuration(idleMs),
    total: formatDuration(totalMs),
    total_stream: formatDuration(totalStreamMs),
  };
}

function serverTree(server: ServerSettings): TreeMap {
  const { health, drain } = server;
  return {
    listen: `${server.host}:${server.port}`,
    hosts: [...server.hosts],
    public_url: server.publicUrl ?? undefined,
    store: server.store,
    admin: unlessEmpty({ token: server.adminToken ?? undefined }),
    health: health === null ? undefined : { listen: `${health.host}:${health.port}` },
    workers: server.workers,
    drain: { grace: formatDuration(drain.graceMs), cap: formatDuration(drain.capMs) },
    keep: server.keepMs === null ? undefined : formatDuration(server.keepMs),
  };
}

function unlessEmpty(map: TreeMap): TreeMap | undefined {
  return Object.values(map).some((value) => value !== undefined) ? map : undefined;
}

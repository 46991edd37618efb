import { createHash } from 'node:crypto';

import type { Deployment, ParameterRules } from '../core/deployment.ts';
import { canonicalJson, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Configuration, Route, StreamMode } from '../core/route.ts';
import { hookPlaces } from './hook-places.ts';
import { priceJson } from './price-json.ts';

const HASH_DIGITS = 12;

/**
 * Names what the configuration decides: 12 hexadecimal digits of the SHA-256 of its canonical JSON.
 * Secrets, line numbers, and where this process listens and keeps its state are left out, so the
 * same decisions have the same hash wherever they run and however the file is laid out.
 */
export function fingerprint(configuration: Omit<Configuration, 'hash'>): string {
  const { deployments, models, routes, rules, hooks, pinned, server } = configuration;
  const effective: JsonObject = {
    deployments: [...deployments.values()].sort(byName).map(deploymentJson),
    models: Object.fromEntries([...models].map(([name, model]) => [name, model.deployments.map((each) => each.name)])),
    routes: [...routes.values()].sort(byName).map(routeJson),
    rules: rules.map(({ when, route }) => ({ when, route })),
    // Where a function stands says what it is for; what it does, only its source says.
    ...(hooks.sources.size === 0
      ? {}
      : { hooks: { places: hookPlaces(hooks), sources: Object.fromEntries(hooks.sources) } }),
    pinned: { timeouts: { ...pinned.timeouts }, brief: pinned.brief.template, stream: streamJson(pinned.stream) },
    server: { hosts: [...server.hosts].sort(), public_url: server.publicUrl, drain: { ...server.drain } },
  };
  return createHash('sha256').update(canonicalJson(effective)).digest('hex').slice(0, HASH_DIGITS);
}

function deploymentJson(deployment: Deployment): JsonObject {
  const { name, kind, modelId, url, allowsPrivate, region, simulated, price, prompt, params } = deployment;
  return {
    name,
    kind,
    modelId,
    url,
    allowsPrivate,
    region,
    simulated,
    price: price === null ? null : priceJson(price),
    prepend: prompt.prepend?.text ?? null,
    append: prompt.append?.text ?? null,
    ...(prompt.documents === null ? {} : { documents: prompt.documents }),
    params: paramsJson(params),
  };
}

function routeJson(route: Route): JsonObject {
  const { name, candidates, params, strict, brief, validators, invalid, fallback, stream, timeouts } = route;
  const {
    midSystem,
    onRefusal,
    pick,
    objectives,
    objectivePolicy,
    weights,
    sharedModels,
    retries,
    prompts,
    onAbstain,
    accept,
  } = route;
  return {
    name,
    candidates: candidates.map((candidate) => ({
      name: candidate.name,
      weight: weights.get(candidate.name) ?? 1,
      shares: sharedModels.has(candidate.model),
    })),
    pick,
    objectives: Object.fromEntries(objectives.map((objective) => [objective.name, objective.limit])),
    objectivePolicy,
    retries,
    params: paramsJson(params),
    strict,
    ...(prompts.length === 0 ? {} : { prompts: prompts.map(({ model, template }) => ({ model, template })) }),
    brief: brief.template,
    validators: validators.map(({ id, options }) => ({ id, options })),
    invalid,
    fallback,
    stream: streamJson(stream),
    midSystem,
    onRefusal,
    ...(onAbstain === 'fail' ? {} : { onAbstain }),
    ...(accept === null ? {} : { accept: { risk: accept.risk, delta: accept.delta } }),
    timeouts: { ...timeouts },
  };
}

function streamJson(stream: StreamMode): JsonValue {
  return typeof stream === 'string' ? stream : { ...stream };
}

function paramsJson(params: ParameterRules): JsonValue {
  return Object.fromEntries(
    [...params].map(([name, { defaultValue, min, max, set }]) => [name, { defaultValue, min, max, set }]),
  );
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

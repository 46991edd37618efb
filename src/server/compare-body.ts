import { GatewayError } from '../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { Configuration, Route } from '../core/route.ts';
import { parseJsonBody } from '../dialects/json-body.ts';
import {
  optionalBoolean,
  optionalString,
  requireArray,
  requireNumber,
  requireString,
} from '../dialects/member-checks.ts';
import { refuseOtherMembers } from './known-members.ts';
import { readTime } from './query-words.ts';

/** What somebody wants compared. */
export interface ComparisonRequest {
  readonly route: Route;
  readonly reference: string;
  /** Those that might stand in for it; at least one. */
  readonly models: readonly string[];
  readonly items: RecordedItems | GoldenItems;
  readonly concurrency: number;
  /** `false`: only what it would cost is wanted. */
  readonly confirm: boolean;
  readonly maxCostUsd: number | null;
}

/** The latest so many recorded requests of the route that began before that time. */
export interface RecordedItems {
  readonly last: number;
  /** Milliseconds since the Unix epoch; `null`: up to now. */
  readonly untilMs: number | null;
}

export interface GoldenItems {
  readonly set: readonly JsonObject[];
}

const MEMBERS = ['route', 'models', 'last', 'until', 'set', 'concurrency', 'confirm', 'max_cost_usd'];
/** Evidence of more is given up. */
const MOST_ITEMS = 5000;
const MOST_AT_ONCE = 8;
const USUAL_AT_ONCE = 2;
const USUAL_LAST = 50;

/** Reads the body of a comparison. @throws GatewayError for what it must not have, or lacks */
export function decodeComparison(body: Buffer, { routes }: Pick<Configuration, 'routes'>): ComparisonRequest {
  const { json } = parseJsonBody(body);
  refuseOtherMembers(json, MEMBERS, 'a comparison');
  const route = routeOf(requireString(json['route'], 'route'), routes);
  const [reference = '', ...models] = modelsOf(json['models'], route);
  const maxCost = json['max_cost_usd'] ?? null;
  return {
    route,
    reference,
    models,
    items: itemsOf(json),
    concurrency: count(json['concurrency'], 'concurrency', MOST_AT_ONCE) ?? USUAL_AT_ONCE,
    confirm: optionalBoolean(json['confirm'], 'confirm') ?? false,
    maxCostUsd: maxCost === null ? null : requireNumber(maxCost, 'max_cost_usd', { min: 0, max: 1e6, integer: false }),
  };
}

function routeOf(name: string, routes: Configuration['routes']): Route {
  const route = routes.get(name);
  if (route !== undefined) return route;
  const near = nearestName(name, [...routes.keys()]);
  const hint = near === null ? '`candor routes` lists what there is' : `did you mean \`${near}\`?`;
  throw new GatewayError('model_not_found', `there is no route \`${name.slice(0, 80)}\`: ${hint}`, { param: 'route' });
}

function modelsOf(value: JsonValue | undefined, { name, candidates }: Route): readonly string[] {
  const known = [...new Set(candidates.map(({ model }) => model))];
  const named =
    value === undefined || value === null
      ? known
      : requireArray(value, 'models').map((model, index) => requireString(model, `models[${index}]`));
  const stranger = named.find((model) => !known.includes(model));
  if (stranger !== undefined) {
    const near = nearestName(stranger, known);
    const hint = near === null ? `it has ${known.join(', ')}` : `did you mean \`${near}\`?`;
    const message = `the route \`${name}\` has no model \`${stranger.slice(0, 80)}\`: ${hint}`;
    throw new GatewayError('model_not_found', message, { param: 'models' });
  }
  const models = [...new Set(named)];
  if (models.length > 1) return models;
  throw new GatewayError('invalid_request', `one model of the route \`${name}\` cannot be compared with itself`, {
    param: 'models',
  });
}

function itemsOf(json: JsonObject): RecordedItems | GoldenItems {
  const { set, until } = json;
  const last = count(json['last'], 'last', MOST_ITEMS);
  const time = optionalString(until, 'until');
  if (set === undefined || set === null) {
    return { last: last ?? USUAL_LAST, untilMs: time === null ? null : readTime('until', time) };
  }
  const beside = last === null ? (time === null ? null : 'until') : 'last';
  if (beside !== null) {
    throw new GatewayError(
      'invalid_request',
      `\`${beside}\` is of recorded requests, and cannot stand beside \`set\``,
      {
        param: beside,
      },
    );
  }
  const items = requireArray(set, 'set');
  if (items.length === 0 || items.length > MOST_ITEMS) {
    throw new GatewayError('param_out_of_range', `\`set\` must have 1 to ${MOST_ITEMS} items`, { param: 'set' });
  }
  return {
    set: items.map((item, index) => {
      if (isJsonObject(item)) return item;
      throw new GatewayError('invalid_type', `\`set[${index}]\` must be an object`, { param: `set[${index}]` });
    }),
  };
}

function count(value: JsonValue | undefined, path: string, max: number): number | null {
  return value === undefined || value === null ? null : requireNumber(value, path, { min: 1, max, integer: true });
}

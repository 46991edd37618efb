import type { Deployment, ParameterRule } from '../../core/deployment.ts';
import { OLD_PRICE_DAYS } from '../../core/price.ts';
import type { ModelEntry, Route } from '../../core/route.ts';
import { modelsAskedByChecks } from '../asked-models.ts';
import type { Problems } from '../diagnostic.ts';
import { entryAt, toJson, type ConfigNode, type Entry } from '../document.ts';
import { reviewObjectives } from './review-objectives.ts';
import { reviewRoute } from './review-route.ts';

/** A configuration without errors, and the file it was read from. */
export interface Reviewed {
  readonly problems: Problems;
  readonly root: ConfigNode;
  readonly deployments: ReadonlyMap<string, Deployment>;
  readonly models: ReadonlyMap<string, ModelEntry>;
  readonly routes: ReadonlyMap<string, Route>;
  /** Milliseconds since the Unix epoch. */
  readonly wallTime: number;
}

const DAY_MS = 86_400_000;

/** Warns about what is allowed and hardly meant: parts nobody uses, words without effect, words that contradict each other. */
export function reviewConfiguration(reviewed: Reviewed): void {
  warnAboutProviders(reviewed);
  warnAboutKeys(reviewed);
  warnAboutModels(reviewed);
  warnAboutPrices(reviewed);
  for (const route of reviewed.routes.values()) {
    const node = entryAt(reviewed.root, 'routes', route.name)?.value ?? reviewed.root;
    reviewRoute(reviewed.problems, route, node);
    reviewObjectives(reviewed.problems, route, node);
  }
  warnAboutParameters(reviewed);
}

function entriesOf(root: ConfigNode, section: string): readonly Entry[] {
  const node = entryAt(root, section)?.value;
  return node?.type === 'map' ? node.entries : [];
}

function warnAboutProviders({ problems, root, deployments }: Reviewed): void {
  const used = new Set([...deployments.values()].map(({ provider }) => provider));
  for (const { key, keySpan } of entriesOf(root, 'providers')) {
    if (!used.has(key)) problems.warn('unused-provider', keySpan, `no model runs at providers.${key}`);
  }
}

/** The same key at another kind of provider is a slip, and would show it to a company that it is not for. */
function warnAboutKeys({ problems, root, deployments }: Reviewed): void {
  const seen = new Map<string, { readonly name: string; readonly kind: string }>();
  for (const { key: name, value } of entriesOf(root, 'providers')) {
    const key = entryAt(value, 'key')?.value;
    const deployment = [...deployments.values()].find(({ provider }) => provider === name);
    if (key === undefined || deployment === undefined || deployment.simulated) continue;
    for (const node of key.type === 'list' ? key.items : [key]) {
      const reference = JSON.stringify(toJson(node));
      const other = seen.get(reference);
      if (other !== undefined && other.kind !== deployment.kind) {
        const message = `providers.${name} uses the key of providers.${other.name}, which is of kind ${other.kind}`;
        problems.warn('shared-key', node.span, message, `it is shown to ${deployment.kind}`);
      }
      seen.set(reference, other ?? { name, kind: deployment.kind });
    }
  }
}

function warnAboutModels({ problems, root, models, deployments, routes }: Reviewed): void {
  if (routes.size === 0) return;
  const routed = new Set([...routes.values()].flatMap(({ candidates }) => candidates.map(({ model }) => model)));
  for (const name of modelsAskedByChecks(routes.values())) routed.add(deployments.get(name)?.model ?? name);
  for (const { key, keySpan } of entriesOf(root, 'models')) {
    if (!models.has(key) || routed.has(key)) continue;
    const message = `no route names models.${key}: only a request for "${key}" itself reaches it`;
    problems.warn('unreachable-model', keySpan, message);
  }
}

function warnAboutPrices({ problems, root, wallTime }: Reviewed): void {
  for (const { key, value } of entriesOf(root, 'models')) {
    const asOf = entryAt(value, 'price', 'as_of')?.value;
    if (asOf?.type !== 'scalar') continue;
    const days = Math.floor((wallTime - Date.parse(`${asOf.value}T00:00:00Z`)) / DAY_MS);
    if (days <= OLD_PRICE_DAYS) continue;
    const message = `models.${key}.price is ${days} days old: what its answers cost may be wrong by now`;
    problems.warn('old-price', asOf.span, message, 'look it up again and set as_of');
  }
}

/** Of route and model the model speaks last: what it says may undo what the route says. */
function warnAboutParameters({ problems, root, routes }: Reviewed): void {
  for (const route of routes.values()) {
    const models = new Map(route.candidates.map((candidate) => [candidate.model, candidate.params]));
    for (const [name, rule] of route.params) {
      for (const [model, params] of models) {
        const conflict = conflictOf(rule, params.get(name), `models.${model}`);
        const entry = entryAt(root, 'routes', route.name, 'params', name);
        if (conflict === null || entry === undefined) continue;
        problems.warn('contradiction', entry.keySpan, `routes.${route.name}.params.${name} ${conflict}`);
      }
    }
  }
}

/** What of two rules for one parameter cannot both hold, as the end of a sentence about the route's. */
function conflictOf(route: ParameterRule, model: ParameterRule | undefined, where: string): string | null {
  if (model === undefined) return null;
  const sent = numberOf(route);
  const asked = numberOf(model);
  if (sent !== null && !isWithin(sent, model)) return `is ${sent}, which ${where} caps ${capsOf(model)}`;
  if (asked !== null && !isWithin(asked, route)) return `caps ${capsOf(route)}, but ${where} makes it ${asked}`;
  const isApart =
    (route.min ?? -Infinity) > (model.max ?? Infinity) || (route.max ?? Infinity) < (model.min ?? -Infinity);
  return isApart ? `caps ${capsOf(route)}, and ${where} ${capsOf(model)}: both cannot hold` : null;
}

/** What a rule sends; `null` when it sends nothing by itself, or no number. */
function numberOf({ defaultValue, set }: ParameterRule): number | null {
  const value = set ?? defaultValue;
  return typeof value === 'number' ? value : null;
}

function isWithin(value: number, { min, max }: ParameterRule): boolean {
  return value >= (min ?? -Infinity) && value <= (max ?? Infinity);
}

function capsOf({ min, max }: ParameterRule): string {
  return [...(min === null ? [] : [`at least ${min}`]), ...(max === null ? [] : [`at most ${max}`])].join(' and ');
}

import type { Deployment } from '../core/deployment.ts';
import { DEFAULT_INVALID_STEPS, type InvalidStep, type ModelEntry, type Route } from '../core/route.ts';
import { readBrief } from './brief.ts';
import type { ConfigNode, Entry } from './document.ts';
import {
  CANDIDATE_WORDS,
  FALLBACK_CHOICES,
  INVALID_CHOICES,
  MID_SYSTEM_CHOICES,
  REFUSAL_CHOICES,
  ROUTE_WORDS,
  STREAM_CHOICES,
} from './grammar.ts';
import { checkName } from './names.ts';
import { NO_PARAMS, readParams } from './params.ts';
import { at, type Choices, readChoice, readFields, readList, readText } from './read.ts';
import { didYouMean } from './suggest.ts';
import { DEFAULT_TIMEOUTS, readTimeouts } from './timeouts.ts';
import { readValidators, type ValidatorsContext } from './validators.ts';

export interface RoutesContext extends ValidatorsContext {
  readonly mode: 'dev' | 'serve';
  readonly models: ReadonlyMap<string, ModelEntry | null>;
  /** By `provider/model`. */
  readonly deployments: ReadonlyMap<string, Deployment>;
}

/** The routes by name; those with errors are left out. */
export function readRoutes(context: RoutesContext, node: ConfigNode): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  if (node.type !== 'map') {
    context.problems.error('wrong-type', node.span, 'routes must be a map of names');
    return routes;
  }
  for (const entry of node.entries) {
    if (!checkName(context, entry, 'route')) continue;
    if (context.models.has(entry.key)) {
      const message = `"${entry.key}" is the name of a route and of a model; a request could not tell them apart`;
      context.problems.error('name-conflict', entry.keySpan, message, 'rename one of them');
    }
    const route = readRoute(context, entry);
    if (route !== null) routes.set(entry.key, route);
  }
  return routes;
}

function readRoute(context: RoutesContext, entry: Entry): Route | null {
  const path = `routes.${entry.key}`;
  const fields = readFields(context, entry.value, path, ROUTE_WORDS);
  if (fields === null) return null;
  const candidates = readCandidates(context, entry, fields.get('try'));
  const params = fields.get('params');
  const { rules, strict } =
    params === undefined ? NO_PARAMS : readParams(context, params.value, `${path}.params`, { strictAllowed: true });
  const brief = readBrief(context, fields.get('brief'), `${path}.brief`);
  const validators = readValidators(context, fields.get('validate'), `${path}.validate`);
  const invalid = readInvalid(context, fields.get('invalid'), `${path}.invalid`);
  const fallback = readWord(context, fields, path, 'fallback', FALLBACK_CHOICES);
  const stream = readWord(context, fields, path, 'stream', STREAM_CHOICES);
  const midSystem = readWord(context, fields, path, 'mid_system', MID_SYSTEM_CHOICES);
  const onRefusal = readWord(context, fields, path, 'on_refusal', REFUSAL_CHOICES);
  const timeout = fields.get('timeout');
  const timeouts = timeout === undefined ? DEFAULT_TIMEOUTS : readTimeouts(context, timeout.value, `${path}.timeout`);
  const route: Route = {
    name: entry.key,
    candidates,
    params: rules,
    strict,
    brief,
    validators,
    invalid,
    fallback: fallback ?? (context.mode === 'dev' ? 'degraded' : 'off'),
    stream: stream ?? (validators.length > 0 ? 'hold' : 'trail'),
    midSystem: midSystem ?? 'refuse',
    onRefusal: onRefusal ?? 'deliver',
    timeouts,
    at: at(context, entry.keySpan),
  };
  if (context.mode === 'serve') warnAboutFallback(context, route, entry, fields.get('fallback'));
  return candidates.length > 0 ? route : null;
}

function readWord<Word extends string>(
  context: RoutesContext,
  fields: ReadonlyMap<string, Entry>,
  path: string,
  name: string,
  choices: Choices<Word>,
): Word | null {
  const entry = fields.get(name);
  return entry === undefined ? null : readChoice(context, entry.value, `${path}.${name}`, choices);
}

/** Nobody has measured yet whether one model may stand in for another, so either choice is said aloud. */
function warnAboutFallback(context: RoutesContext, route: Route, entry: Entry, field: Entry | undefined): void {
  const models = new Set(route.candidates.map((candidate) => candidate.model));
  const [first] = models;
  if (models.size < 2 || first === undefined) return;
  if (route.fallback === 'off') {
    if (field !== undefined) return;
    const message = `routes.${route.name} names ${models.size} models, but fallback is off: only ${first} answers`;
    context.problems.warn('fallback-off', entry.keySpan, message, 'write fallback: degraded, or off to keep it so');
    return;
  }
  const message = `routes.${route.name} falls back without evidence that another model is as good as ${first}`;
  context.problems.warn(
    'uncertified-fallback',
    field?.keySpan ?? entry.keySpan,
    message,
    'such answers are marked degraded',
  );
}

function readCandidates(context: RoutesContext, entry: Entry, field: Entry | undefined): readonly Deployment[] {
  const path = `routes.${entry.key}.try`;
  if (field === undefined) {
    context.problems.error(
      'missing-field',
      entry.keySpan,
      `routes.${entry.key} names no model`,
      'write try: [<model>, …]',
    );
    return [];
  }
  const list = readList(context, field.value, path);
  const candidates = new Map<string, Deployment>();
  for (const item of list?.items ?? []) {
    const found = readCandidate(context, item, path, entry.key);
    if (found.length > 0 && found.every((deployment) => candidates.has(deployment.name))) {
      context.problems.warn(
        'duplicate',
        item.span,
        `${path} has named this model before; it is asked once`,
        'leave it out',
      );
    }
    for (const deployment of found) candidates.set(deployment.name, candidates.get(deployment.name) ?? deployment);
  }
  return [...candidates.values()];
}

/** The deployments one entry of `try` stands for: all of a model's, or the one named. */
function readCandidate(context: RoutesContext, item: ConfigNode, path: string, route: string): readonly Deployment[] {
  const node = item.type === 'map' ? readFields(context, item, path, CANDIDATE_WORDS)?.get('model')?.value : item;
  if (node === undefined) {
    context.problems.error('missing-field', item.span, `${path} has an entry without a model`);
    return [];
  }
  const name = readText(context, node, path);
  if (name === null) return [];
  const deployment = context.deployments.get(name);
  if (deployment !== undefined) return [deployment];
  const model = context.models.get(name);
  if (model === undefined && !isOfBrokenModel(context, name)) {
    const help = didYouMean(name, [...context.models.keys(), ...context.deployments.keys()]);
    context.problems.error(
      'unknown-model',
      node.span,
      `routes.${route} names model "${name}", which is not defined`,
      help,
    );
  }
  return model?.deployments ?? [];
}

/** `provider/model` of a model that has errors of its own is not reported a second time. */
function isOfBrokenModel(context: RoutesContext, name: string): boolean {
  return context.models.get(name.slice(name.indexOf('/') + 1)) === null;
}

function readInvalid(context: RoutesContext, field: Entry | undefined, path: string): readonly InvalidStep[] {
  const list = field === undefined ? null : readList(context, field.value, path);
  if (list === null) return DEFAULT_INVALID_STEPS;
  const steps: InvalidStep[] = [];
  for (const item of list.items) {
    const step = readChoice(context, item, path, INVALID_CHOICES);
    if (step === null) continue;
    if (steps.includes(step)) context.problems.error('duplicate', item.span, `${path} names "${step}" twice`);
    if (steps.includes('fail'))
      context.problems.error('invalid-value', item.span, `${path}: nothing can follow "fail"`);
    if (step === 'repair' && steps.includes('next'))
      context.problems.error('invalid-value', item.span, `${path}: "repair" comes first, as it asks nobody`);
    steps.push(step);
  }
  return steps;
}

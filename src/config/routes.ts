import type { Objective } from '../core/objective.ts';
import { DEFAULT_INVALID_STEPS, type InvalidStep, type Route } from '../core/route.ts';
import { readAcceptTerms } from './accept-terms.ts';
import { readBrief } from './brief.ts';
import type { ConfigNode, Entry } from './document.ts';
import { LONGEST_TIMER_MS } from './duration.ts';
import {
  ABSTAIN_CHOICES,
  FALLBACK_CHOICES,
  INVALID_CHOICES,
  MID_SYSTEM_CHOICES,
  OBJECTIVE_POLICY_CHOICES,
  PICK_CHOICES,
  REFUSAL_CHOICES,
  ROUTE_WORDS,
} from './grammar.ts';
import { checkName } from './names.ts';
import { readObjectives } from './objectives.ts';
import { NO_PARAMS, readParams } from './params.ts';
import { readPrompts } from './prompts.ts';
import { at, type Choices, readChoice, readFields, readList } from './read.ts';
import { type CandidatesContext, readCandidates } from './route-candidates.ts';
import { readShadowTerms } from './shadow-terms.ts';
import { readStreamMode } from './stream-mode.ts';
import { DEFAULT_TIMEOUTS, readTimeouts } from './timeouts.ts';
import { readValidators, type ValidatorsContext } from './validators.ts';

export interface RoutesContext extends ValidatorsContext, CandidatesContext {
  readonly mode: 'dev' | 'serve';
}

/** A first token that takes so many times what `slo.ttft_p95` allows fails over, where no limit is written. */
export const FIRST_TOKEN_FACTOR = 3;
const MAX_RETRIES = 2;

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
  const word = <Word extends string>(name: string, choices: Choices<Word>): Word | null =>
    readWord(context, fields.get(name), `${path}.${name}`, choices);
  const pick = word('pick', PICK_CHOICES) ?? 'ordered';
  const reached = readCandidates(context, entry, fields.get('try'), pick);
  const objectives = readObjectives(context, fields.get('slo'), `${path}.slo`);
  const params = fields.get('params');
  const { rules, strict } =
    params === undefined ? NO_PARAMS : readParams(context, params.value, `${path}.params`, { strictAllowed: true });
  const validators = readValidators(context, fields.get('validate'), `${path}.validate`, reached.candidates);
  const stream = fields.get('stream');
  const timeout = fields.get('timeout');
  const timeouts = timeout === undefined ? DEFAULT_TIMEOUTS : readTimeouts(context, timeout.value, `${path}.timeout`);
  const route: Route = {
    name: entry.key,
    ...reached,
    pick,
    objectives,
    objectivePolicy: word('slo_policy', OBJECTIVE_POLICY_CHOICES) ?? 'best_effort',
    params: rules,
    strict,
    prompts: readPrompts(context, fields.get('prompts'), `${path}.prompts`, reached.candidates),
    brief: readBrief(context, fields.get('brief'), `${path}.brief`),
    validators,
    invalid: readInvalid(context, fields.get('invalid'), `${path}.invalid`),
    fallback: word('fallback', FALLBACK_CHOICES) ?? (context.mode === 'dev' ? 'degraded' : 'certified'),
    retries: readRetries(context, fields.get('retries'), `${path}.retries`),
    stream:
      (stream === undefined ? null : readStreamMode(context, stream.value, `${path}.stream`)) ??
      (validators.length > 0 || fields.has('accept') ? 'hold' : 'trail'),
    midSystem: word('mid_system', MID_SYSTEM_CHOICES) ?? 'refuse',
    onAbstain: word('on_abstain', ABSTAIN_CHOICES) ?? 'fail',
    accept: readAcceptTerms(context, fields.get('accept'), `${path}.accept`),
    shadow: readShadowTerms(context, fields.get('shadow'), `${path}.shadow`, reached.candidates),
    onRefusal: word('on_refusal', REFUSAL_CHOICES) ?? 'deliver',
    timeouts: { ...timeouts, firstTokenMs: timeouts.firstTokenMs ?? defaultFirstTokenMs(objectives) },
    at: at(context, entry.keySpan),
  };
  warnAboutConfidence(context, route, fields.get('validate'));
  if (context.mode === 'serve') warnAboutFallback(context, route, entry, fields.get('fallback'));
  return route.candidates.length > 0 ? route : null;
}

function readWord<Word extends string>(
  context: RoutesContext,
  entry: Entry | undefined,
  path: string,
  choices: Choices<Word>,
): Word | null {
  return entry === undefined ? null : readChoice(context, entry.value, path, choices);
}

function readRetries(context: RoutesContext, field: Entry | undefined, path: string): number {
  if (field === undefined) return 0;
  const value = field.value.type === 'scalar' ? field.value.value : null;
  if (typeof value === 'number' && [0, 1, MAX_RETRIES].includes(value)) return value;
  context.problems.error('invalid-value', field.value.span, `${path} must be 0, 1 or ${MAX_RETRIES}`);
  return 0;
}

function defaultFirstTokenMs(objectives: readonly Objective[]): number | null {
  const objective = objectives.find(({ name }) => name === 'ttft_p95');
  return objective === undefined ? null : Math.min(LONGEST_TIMER_MS, FIRST_TOKEN_FACTOR * objective.limit);
}

/** A fallback that nobody has measured is the operator's choice, said aloud. */
function warnAboutFallback(context: RoutesContext, route: Route, entry: Entry, field: Entry | undefined): void {
  const models = new Set(route.candidates.map((candidate) => candidate.model));
  const [first] = models;
  if (models.size < 2 || first === undefined || route.fallback !== 'degraded') return;
  const message = `routes.${route.name} falls back without evidence that another model is as good as ${first}`;
  context.problems.warn(
    'uncertified-fallback',
    field?.keySpan ?? entry.keySpan,
    message,
    `such answers are marked degraded; \`candor compare ${route.name}\` earns certificates`,
  );
}

/** Before there are labels nobody knows how sure an answer is. */
function warnAboutConfidence(context: RoutesContext, route: Route, field: Entry | undefined): void {
  if (field === undefined || !route.validators.some(({ id }) => id === 'confidence')) return;
  const outcome = route.onAbstain === 'flag' ? 'is marked unverified' : 'fails';
  const message = `routes.${route.name}.validate.confidence: until enough answers have labels, none has a confidence, and each ${outcome}`;
  const help =
    'labels come by POST /v1/generations/{id}/outcome; with on_abstain: flag answers go out meanwhile, marked';
  context.problems.warn('unknown-confidence', field.keySpan, message, help);
}

function readInvalid(context: RoutesContext, field: Entry | undefined, path: string): readonly InvalidStep[] {
  const list = field === undefined ? null : readList(context, field.value, path);
  if (list === null) return DEFAULT_INVALID_STEPS;
  const steps: InvalidStep[] = [];
  for (const item of list.items) {
    const step = readChoice(context, item, path, INVALID_CHOICES);
    if (step === null) continue;
    if (steps.includes(step)) context.problems.error('duplicate', item.span, `${path} names "${step}" twice`);
    const end = steps.find((each) => each === 'fail' || each === 'return_flagged');
    if (end !== undefined) context.problems.error('invalid-value', item.span, `${path}: nothing can follow "${end}"`);
    if (step === 'repair' && steps.length > 0)
      context.problems.error('invalid-value', item.span, `${path}: "repair" comes first, as it asks nobody`);
    if (step === 'reask' && steps.includes('next'))
      context.problems.error(
        'invalid-value',
        item.span,
        `${path}: "reask" comes before "next", which asks somebody else`,
      );
    steps.push(step);
  }
  return steps;
}

import type { Route } from '../../core/route.ts';
import type { Problems } from '../diagnostic.ts';
import { entryAt, type ConfigNode } from '../document.ts';

/** Warns about objectives that nobody can act upon or measure, and about a choice between candidates that is none. */
export function reviewObjectives(problems: Problems, route: Route, node: ConfigNode): void {
  warnAboutChoice(problems, route, node);
  warnAboutReach(problems, route, node);
  warnAboutMeasures(problems, route, node);
}

function warnAboutChoice(
  problems: Problems,
  { name, pick, candidates, objectives, objectivePolicy }: Route,
  node: ConfigNode,
): void {
  const words = {
    pick: pick !== 'ordered' && candidates.length < 2,
    slo_policy: objectivePolicy === 'fail' && objectives.length === 0,
  };
  for (const [word, isIdle] of Object.entries(words)) {
    const entry = entryAt(node, word);
    if (entry === undefined || !isIdle) continue;
    const why = word === 'pick' ? 'has one candidate: there is nothing to pick' : 'has no slo';
    problems.warn('unused-word', entry.keySpan, `routes.${name} ${why}, so its \`${word}\` does nothing`);
  }
}

/** An objective moves requests to somebody else, if there is somebody. */
function warnAboutReach(problems: Problems, route: Route, node: ConfigNode): void {
  const entry = entryAt(node, 'slo');
  const [first, ...others] = route.candidates;
  if (entry === undefined || first === undefined) return;
  const then = route.objectivePolicy === 'fail' ? 'requests are refused' : 'answers are only marked';
  if (others.length === 0) {
    const message = `routes.${route.name} has one candidate: when it misses the slo there is nobody to go to, and ${then}`;
    problems.warn('idle-objective', entry.keySpan, message);
  } else if (
    route.fallback === 'off' &&
    route.pick === 'ordered' &&
    others.every((candidate) => candidate.model !== first.model)
  ) {
    const message = `routes.${route.name} has fallback off: when ${first.model} misses the slo no other model is asked, and ${then}`;
    problems.warn('idle-objective', entry.keySpan, message, 'write fallback: degraded');
  }
}

/** What is not known cannot be held against anybody. */
function warnAboutMeasures(problems: Problems, route: Route, node: ConfigNode): void {
  const path = `routes.${route.name}`;
  const valid = entryAt(node, 'slo', 'valid_rate');
  if (valid !== undefined && route.validators.length === 0) {
    const message = `${path} validates nothing: valid_rate is judged only by formats that clients ask for`;
    problems.warn('idle-objective', valid.keySpan, message, 'write validate: [...]');
  }
  const unpriced = route.candidates.filter(({ price }) => price === null).map(({ name }) => name);
  if (unpriced.length === 0) return;
  const pick = route.pick === 'cheapest' ? entryAt(node, 'pick') : undefined;
  for (const entry of [pick, entryAt(node, 'slo', 'cost_per_request')]) {
    if (entry === undefined) continue;
    const message = `${path}: no price is known for ${unpriced.join(', ')}, so \`${entry.key}\` cannot judge them`;
    problems.warn('unknown-price', entry.keySpan, message, 'add models.x.price: {in, out, as_of}');
  }
}

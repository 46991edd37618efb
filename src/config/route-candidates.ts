import type { Deployment } from '../core/deployment.ts';
import type { PickWord } from '../core/objective.ts';
import type { ModelEntry } from '../core/route.ts';
import type { ConfigNode, Entry } from './document.ts';
import { CANDIDATE_WORDS } from './grammar.ts';
import { readFields, readList, readText, type ReadContext } from './read.ts';
import { didYouMean } from './suggest.ts';

/** Of more than a few beyond it no share could be drawn: they add up to no number. */
export const MAX_WEIGHT = 1_000_000;

export interface CandidatesContext extends ReadContext {
  readonly models: ReadonlyMap<string, ModelEntry | null>;
  /** By `provider/model`. */
  readonly deployments: ReadonlyMap<string, Deployment>;
}

/** What `try` says. */
export interface RouteCandidates {
  /** In the order of the file, each once. */
  readonly candidates: readonly Deployment[];
  /** By deployment; only where the file gives one. */
  readonly weights: ReadonlyMap<string, number>;
  /** Models that are named as a whole and run at several deployments. */
  readonly sharedModels: ReadonlySet<string>;
}

/** Reads `try`; without it, or with nothing in it that exists, there are no candidates and an error. */
export function readCandidates(
  context: CandidatesContext,
  entry: Entry,
  field: Entry | undefined,
  pick: PickWord,
): RouteCandidates {
  const path = `routes.${entry.key}.try`;
  const candidates = new Map<string, Deployment>();
  const weights = new Map<string, number>();
  const sharedModels = new Set<string>();
  if (field === undefined) {
    const message = `routes.${entry.key} names no model`;
    context.problems.error('missing-field', entry.keySpan, message, 'write try: [<model>, …]');
  }
  const list = field === undefined ? null : readList(context, field.value, path);
  for (const item of list?.items ?? []) {
    const { deployments, weight } = readCandidate(context, item, path, { route: entry.key, pick });
    const known = deployments.filter(({ name }) => candidates.has(name));
    if (known.length > 0 && known.length === deployments.length) {
      const message = `${path} has named this model before; it is asked once`;
      context.problems.warn('duplicate', item.span, message, 'leave it out');
    }
    // One of them that was named before has a place of its own.
    if (deployments.length > 1 && known.length === 0) sharedModels.add(deployments[0]?.model ?? '');
    for (const deployment of deployments) {
      if (candidates.has(deployment.name)) continue;
      candidates.set(deployment.name, deployment);
      if (weight !== null) weights.set(deployment.name, weight);
    }
  }
  return { candidates: [...candidates.values()], weights, sharedModels };
}

/** What one entry of `try` stands for: all deployments of a model, or the one named. */
interface Candidate {
  readonly deployments: readonly Deployment[];
  readonly weight: number | null;
}

function readCandidate(
  context: CandidatesContext,
  item: ConfigNode,
  path: string,
  { route, pick }: { readonly route: string; readonly pick: PickWord },
): Candidate {
  const fields = item.type === 'map' ? readFields(context, item, path, CANDIDATE_WORDS) : null;
  const weight = readWeight(context, fields?.get('weight'), path, pick);
  const node = item.type === 'map' ? fields?.get('model')?.value : item;
  if (node === undefined) {
    context.problems.error('missing-field', item.span, `${path} has an entry without a model`);
    return { deployments: [], weight };
  }
  const name = readText(context, node, path);
  if (name === null) return { deployments: [], weight };
  const deployment = context.deployments.get(name);
  if (deployment !== undefined) return { deployments: [deployment], weight };
  const model = context.models.get(name);
  if (model === undefined && !isOfBrokenModel(context, name)) {
    const help = didYouMean(name, [...context.models.keys(), ...context.deployments.keys()]);
    const message = `routes.${route} names model "${name}", which is not defined`;
    context.problems.error('unknown-model', node.span, message, help);
  }
  return { deployments: model?.deployments ?? [], weight };
}

function readWeight(context: ReadContext, field: Entry | undefined, path: string, pick: PickWord): number | null {
  if (field === undefined) return null;
  if (pick !== 'weighted') {
    const message = `${path}: a weight means nothing under pick: ${pick}`;
    context.problems.error('contradiction', field.keySpan, message, 'write pick: weighted, or leave the weight out');
    return null;
  }
  const value = field.value.type === 'scalar' ? field.value.value : null;
  if (typeof value === 'number' && value > 0 && value <= MAX_WEIGHT) return value;
  const help = 'twice the weight is twice the requests';
  const message = `${path}: a weight must be a number above 0, at most ${MAX_WEIGHT}`;
  context.problems.error('invalid-value', field.value.span, message, help);
  return null;
}

/** `provider/model` of a model that has errors of its own is not reported a second time. */
function isOfBrokenModel(context: CandidatesContext, name: string): boolean {
  return context.models.get(name.slice(name.indexOf('/') + 1)) === null;
}

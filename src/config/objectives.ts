import { nanoFromUsd } from '../core/money.ts';
import type { Objective, ObjectiveName } from '../core/objective.ts';
import { writtenShare } from '../core/written-share.ts';
import type { ConfigNode, Entry } from './document.ts';
import { OBJECTIVE_WORDS } from './grammar.ts';
import { at, readDuration, readFields, type ReadContext } from './read.ts';

/** Reads `slo`, in the order of the file. */
export function readObjectives(context: ReadContext, field: Entry | undefined, path: string): readonly Objective[] {
  if (field === undefined) return [];
  const fields = readFields(context, field.value, path, OBJECTIVE_WORDS);
  if (field.value.type === 'map' && field.value.entries.length === 0) {
    context.problems.error('missing-field', field.value.span, `${path} is empty`, 'write slo: { ttft_p95: 2s }');
  }
  const objectives: Objective[] = [];
  for (const entry of fields?.values() ?? []) {
    const name = entry.key as ObjectiveName;
    const limit = LIMITS[name](context, entry.value, `${path}.${name}`);
    if (limit !== null) objectives.push({ name, limit, at: at(context, entry.keySpan) });
  }
  return objectives;
}

type ReadLimit = (context: ReadContext, node: ConfigNode, path: string) => number | null;

/** How each limit is written; they give the units of `Objective`. */
const LIMITS: Readonly<Record<ObjectiveName, ReadLimit>> = {
  ttft_p95: (context, node, path) => readDuration(context, node, path),
  tokens_per_second: readSpeed,
  error_rate: readShare,
  valid_rate: readShare,
  cost_per_request: readCost,
};

function readSpeed(context: ReadContext, node: ConfigNode, path: string): number | null {
  const value = node.type === 'scalar' ? node.value : null;
  if (typeof value === 'number' && value > 0) return value;
  context.problems.error('invalid-value', node.span, `${path} must be a number above 0`, 'tokens a second, such as 40');
  return null;
}

/** A share strictly between none and all: of none and all, no number of answers could ever be sure. `null` after an error. */
export function readShare(context: ReadContext, node: ConfigNode, path: string): number | null {
  const share = writtenShare(node.type === 'scalar' ? node.value : null);
  if (share !== null && share > 0 && share < 1) return share;
  const message = `${path} must be a share between 0% and 100%`;
  context.problems.error('invalid-value', node.span, message, 'write 2% or 0.02');
  return null;
}

/** Nano-USD of dollars, `0.02` or `$0.02`. */
function readCost(context: ReadContext, node: ConfigNode, path: string): number | null {
  const value = node.type === 'scalar' ? node.value : null;
  const dollars = typeof value === 'string' && /^\$ ?\d+(?:\.\d+)?$/.test(value) ? Number(value.slice(1)) : value;
  const costNanoUsd = nanoFromUsd(typeof dollars === 'number' ? dollars : null);
  if (costNanoUsd !== null && costNanoUsd > 0 && Number.isSafeInteger(costNanoUsd)) return costNanoUsd;
  const message = `${path} must be an amount of US dollars above 0`;
  context.problems.error('invalid-value', node.span, message, 'write 0.02 or $0.02');
  return null;
}

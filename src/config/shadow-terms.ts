import type { Deployment } from '../core/deployment.ts';
import { nanoFromUsd, type NanoUsd } from '../core/money.ts';
import type { ShadowTerms } from '../core/route.ts';
import { writtenShare } from '../core/written-share.ts';
import type { ConfigNode, Entry } from './document.ts';
import { SHADOW_WORDS } from './grammar.ts';
import { at, readFields, readList, type ReadContext, readText } from './read.ts';
import { didYouMean } from './suggest.ts';

/** Reads `shadow: { sample: 2%, budget: $5/day, models: [b] }`; `null`: nothing is asked twice. */
export function readShadowTerms(
  context: ReadContext,
  field: Entry | undefined,
  path: string,
  candidates: readonly Deployment[],
): ShadowTerms | null {
  const fields = field === undefined ? null : readFields(context, field.value, path, SHADOW_WORDS);
  if (field === undefined || fields === null) return null;
  const known = [...new Set(candidates.map(({ model }) => model))];
  if (known.length === 1) {
    const message = `${path} has nobody to ask: the route has one model`;
    context.problems.warn('unused-word', field.keySpan, message, 'add another one to `try`, or leave it out');
  }
  const [sample, budget, named] = [fields.get('sample'), fields.get('budget'), fields.get('models')];
  if (sample === undefined || budget === undefined) {
    const message = `${path} names no ${sample === undefined ? 'sample' : 'budget'}`;
    const help = 'write shadow: { sample: 2%, budget: $5/day }';
    context.problems.error('missing-field', field.value.span, message, help);
    return null;
  }
  const share = readSample(context, sample.value, `${path}.sample`);
  const budgetNanoUsd = readBudget(context, budget.value, `${path}.budget`);
  const models = named === undefined ? known : readModels(context, named.value, `${path}.models`, known);
  if (share === null || budgetNanoUsd === null) return null;
  return { sample: share, budgetNanoUsd, models, at: at(context, field.keySpan) };
}

/** Unlike the bound of an objective it may be all of them. */
function readSample(context: ReadContext, node: ConfigNode, path: string): number | null {
  const share = writtenShare(node.type === 'scalar' ? node.value : null);
  if (share !== null && share > 0 && share <= 1) return share;
  context.problems.error('invalid-value', node.span, `${path} must be a share of the requests`, 'write 2% or 0.02');
  return null;
}

function readBudget(context: ReadContext, node: ConfigNode, path: string): NanoUsd | null {
  const text = node.type === 'scalar' ? String(node.value) : '';
  const usd = /^\$ ?(\d+(?:\.\d+)?)\/day$/.exec(text)?.[1];
  const budgetNanoUsd = nanoFromUsd(usd === undefined ? null : Number(usd));
  if (budgetNanoUsd !== null && budgetNanoUsd > 0 && Number.isSafeInteger(budgetNanoUsd)) return budgetNanoUsd;
  context.problems.error('invalid-value', node.span, `${path} must be US dollars a day`, 'write $5/day');
  return null;
}

function readModels(context: ReadContext, node: ConfigNode, path: string, known: readonly string[]): readonly string[] {
  const models: string[] = [];
  for (const item of readList(context, node, path)?.items ?? []) {
    const model = readText(context, item, path);
    if (model === null) continue;
    if (!known.includes(model)) {
      const message = `${path} names "${model}", which is no model of this route's \`try\``;
      context.problems.error('unknown-model', item.span, message, didYouMean(model, known));
    } else if (models.includes(model)) {
      context.problems.error('duplicate', item.span, `${path} names "${model}" twice`);
    } else models.push(model);
  }
  return models;
}

import { ANTHROPIC_MODELS } from './anthropic-models.ts';
import { DEEPSEEK_MODELS } from './deepseek-models.ts';
import { GOOGLE_MODELS } from './google-models.ts';
import type { ModelTraits, VendorModels } from './model-facts.ts';
import { OPENAI_MODELS } from './openai-models.ts';

/** By the kind of provider. Vertex serves Google's models under terms of its own. */
export const MODELS: Readonly<Record<'openai' | 'anthropic' | 'google' | 'vertex' | 'deepseek', VendorModels>> = {
  openai: OPENAI_MODELS,
  anthropic: ANTHROPIC_MODELS,
  google: GOOGLE_MODELS,
  vertex: GOOGLE_MODELS,
  deepseek: DEEPSEEK_MODELS,
};

/** What names of snapshots and previews end with: `-2024-08-06`, `-20251001`, `@20251001`, `-001`, `-0613`, `-preview-09-2025`, `-latest`. */
const SNAPSHOT = /(?:[-@](?:\d{4}-\d{2}-\d{2}|\d{8})|-\d{3,4}|-preview(?:-\d{2}-\d{4})?|-latest)$/;
/** The same without previews, which are models of their own: `o1-preview` is not `o1`. */
const OWN_SNAPSHOT = /(?:[-@](?:\d{4}-\d{2}-\d{2}|\d{8})|-\d{3,4}|-\d{2}-\d{4}|-latest)$/;
const TUNED = /^(?:sim-)?ft:/;
/** What a simulated vendor puts before the name of the model it plays. */
const SIMULATED = /^sim-/;
/** What stands before a model's own name: a path, or the mark of a model tuned from it, whose owner and id follow. */
const WRAPPED = /^(?:models\/|publishers\/[^/]+\/models\/|ft:)([^:]+)/;

/** The name without what wraps it. */
function ownName(modelId: string): string {
  const name = modelId.replace(SIMULATED, '');
  return WRAPPED.exec(name)?.[1] ?? name;
}

/** Whether the vendor's name for who served is the asked one, or that of a snapshot of it. */
export function isSameModel(asked: string, reported: string): boolean {
  if (asked === reported) return true;
  // A model that was tuned is not the one it was tuned from, nor another of its kind.
  if (TUNED.test(asked) || TUNED.test(reported))
    return asked.replace(SIMULATED, '') === reported.replace(SIMULATED, '');
  const [want, got] = [ownName(asked), ownName(reported)];
  return got === want || got.replace(OWN_SNAPSHOT, '') === want.replace(/-latest$/, '');
}

/**
 * What is known of a vendor's model where that kind of provider serves it: the row of its name, else of
 * its name without what a snapshot's ends with, else the rule of its family, which `source` then says.
 */
export function findModel(kind: keyof typeof MODELS, modelId: string): ModelTraits {
  const { rows, families } = MODELS[kind];
  const name = ownName(modelId);
  const row = rows.find(({ id }) => id === name) ?? rows.find(({ id }) => id === name.replace(SNAPSHOT, ''));
  if (row !== undefined) return { ...row, ...row.elsewhere?.[kind], source: `${row.source}, ${row.asOf}` };
  const family = families.find(({ pattern }) => pattern.test(name));
  if (family === undefined) throw new TypeError(`no rule for models of ${kind}`);
  return { ...family, ...family.elsewhere?.[kind], source: `family rule (${family.rule}), ${family.asOf}` };
}

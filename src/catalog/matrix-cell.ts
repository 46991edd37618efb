import type { Capabilities, Feature } from '../core/capabilities.ts';
import type { HintRule } from '../core/hint-rule.ts';
import type { ReasoningFacts } from '../core/reasoning.ts';
import type { MatrixField, MatrixVendor } from './field-matrix.ts';

/** What becomes of one field: `map` it is sent, `approx` sent as the nearest thing and said, `drop` left out and said, `400` nobody is asked who lacks it. */
export type FieldFate = 'map' | 'approx' | 'drop' | '400';

/** One cell: what becomes of a field at one model of a vendor. */
export interface MatrixCell {
  readonly fate: FieldFate;
  /** JSON pointers in the vendor's body; empty where it is not sent. */
  readonly pointers: readonly string[];
  readonly note: string | null;
}

/** Hints of messages: a vendor that lacks them drops them, and it is said. */
const MESSAGE_HINTS: ReadonlySet<Feature> = new Set<Feature>(['message_names', 'image_detail', 'reasoning_history']);

/** What becomes of a field of a Chat Completions request at a model with these capabilities. */
export function cellOf(row: MatrixField, vendor: MatrixVendor, capabilities: Capabilities): MatrixCell {
  const note = row.note?.[vendor] ?? null;
  const thinking = row.hint === undefined ? null : thinkingCell(row.hint, capabilities);
  if (thinking !== null) return thinking;
  if (row.hint !== undefined && (row.feature === undefined || !capabilities.features.has(row.feature))) {
    return hintCell(row, row.hint, capabilities);
  }
  const pointers = row.pointers[vendor] ?? [];
  if (row.feature === undefined || hasFeature(row.feature, capabilities)) return { fate: 'map', pointers, note: null };
  const isEmulated = (capabilities.emulates as ReadonlySet<Feature>).has(row.feature);
  if (isEmulated && row.feature === 'allowed_tools') return { fate: 'approx', pointers, note };
  if (isEmulated) return { fate: 'approx', pointers: [], note: 'asked for in the prompt, checked on the answer' };
  return { fate: MESSAGE_HINTS.has(row.feature) ? 'drop' : '400', pointers: [], note };
}

/** Whether a client of Chat Completions has the feature of it. */
function hasFeature(feature: Feature, { features, protocol, ownOnly }: Capabilities): boolean {
  const isForeign = protocol !== 'openai-chat';
  const isOwnOnly = ['unknown_fields', 'protocol_fields'].includes(feature) || (ownOnly?.has(feature) ?? false);
  return features.has(feature) && !(isForeign && isOwnOnly);
}

const SAMPLING: ReadonlySet<string> = new Set([
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
]);

function samplingNote(reasoning: ReasoningFacts | null): string | null {
  return reasoning?.excludesSampling === true ? 'not while the model thinks: then dropped' : null;
}

function hintCell(row: MatrixField, hint: string, { hints, features, reasoning }: Capabilities): MatrixCell {
  const rule = hints[hint];
  const isContract = row.feature !== undefined && !features.has(row.feature);
  if (rule === undefined || rule.kind === 'drop') {
    return {
      fate: isContract ? '400' : 'drop',
      pointers: [],
      note: rule?.reason ?? 'this model has no such parameter',
    };
  }
  const pointers = fieldsOf(rule);
  if (rule.kind === 'rewrite') return { fate: 'approx', pointers, note: rule.reason };
  if (rule.kind !== 'map') return { fate: 'map', pointers, note: SAMPLING.has(hint) ? samplingNote(reasoning) : null };
  const values = Object.values(rule.values);
  const isSent = values.some(({ send, also }) => send !== null || also !== undefined);
  // What is left out because the vendor does it anyway is no loss.
  const isDone = isSent || values.every(({ exact }) => exact);
  return { fate: isDone ? 'map' : 'drop', pointers: isSent ? pointers : [], note: Object.keys(rule.values).join(', ') };
}

/** A level or a budget at a model that knows the other only. */
function thinkingCell(hint: string, { reasoning, hints }: Capabilities): MatrixCell | null {
  const [effort, budget] = [hints['reasoning_effort'], hints['reasoning_budget']];
  if (reasoning === null) return null;
  if (hint === 'reasoning_budget' && reasoning.budget === null && effort?.kind !== 'drop') {
    return { fate: 'approx', pointers: fieldsOf(effort), note: 'as a level' };
  }
  if (hint === 'reasoning_effort' && reasoning.levels.every((level) => level === 'none')) {
    return { fate: 'approx', pointers: fieldsOf(budget), note: 'as a budget' };
  }
  return null;
}

/** Where a rule puts a value, and what goes with it. */
function fieldsOf(rule: HintRule | undefined): readonly string[] {
  if (rule === undefined || rule.kind === 'drop') return [];
  const others = rule.kind === 'map' ? Object.values(rule.values).map(({ also }) => also) : [];
  if (rule.kind === 'pass') others.push(rule.also);
  const fields = [rule.field, ...others.flatMap((also) => Object.keys(also ?? {}))];
  return [...new Set(fields)].map((field) => `/${field.replaceAll('.', '/')}`);
}

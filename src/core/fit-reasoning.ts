import type { Adjustment, AdjustmentKind } from './adjustment.ts';
import { isNeutral, type Capabilities } from './capabilities.ts';
import type { ChatRequest, Parameters } from './chat.ts';
import { mappedValue } from './hint-rule.ts';
import type { JsonValue } from './json.ts';
import {
  budgetOfLevel,
  isReasoningLevel,
  levelOfBudget,
  MODEL_CHOOSES,
  nearestLevel,
  type BudgetBounds,
  type ReasoningFacts,
  type ReasoningLevel,
} from './reasoning.ts';

/** What of a request bears on how its model may think. */
export type ThinkingRequest = Pick<ChatRequest, 'dialect' | 'tools' | 'toolChoice' | 'messages'>;

export interface FittedReasoning {
  /** The very same object when nothing changed. A parameter that may not be sent is `null`. */
  readonly parameters: Parameters;
  readonly adjustments: readonly Adjustment[];
}

const SAMPLING = ['temperature', 'top_p', 'top_k', 'frequency_penalty', 'presence_penalty'] as const;

/**
 * Brings the hints about thinking into what the model takes together: its levels or a budget within its
 * bounds, and of what excludes thinking only what may stand beside it. A forced tool call is contract, so
 * it goes before thinking; thinking, where it is asked for, goes before sampling.
 * @param asked what the client itself sent, where the config has changed the parameters since
 */
export function fitReasoning(
  parameters: Parameters,
  request: ThinkingRequest,
  { reasoning, hints }: Pick<Capabilities, 'reasoning' | 'hints'>,
  at: string,
  asked: Parameters = parameters,
): FittedReasoning {
  if (reasoning === null) return { parameters, adjustments: [] };
  const fit = new ReasoningFit(parameters, asked, at, hints);
  if (reasoning.excludesForcedTool && (isToolForced(request) || isBegun(request))) stopThinking(fit, reasoning);
  fitBudget(fit, reasoning);
  fitLevel(fit, reasoning);
  const thinks = isThinking(fit, reasoning, request);
  if (thinks && reasoning.excludesSampling) {
    for (const name of SAMPLING) fit.drop(name, 'this model takes no sampling parameters while it thinks');
  }
  if (!thinks) {
    const reason = 'this model was not asked to think';
    if (fit.get('include_thoughts') === true) fit.drop('include_thoughts', reason);
    fit.drop('reasoning_summary', reason);
  }
  return fit.result(parameters);
}

/** The parameters while they are fitted, with what is changed of them. */
class ReasoningFit {
  readonly #parameters: Record<string, JsonValue>;
  readonly #asked: Parameters;
  readonly #at: string;
  readonly #hints: Capabilities['hints'];
  readonly #adjustments: Adjustment[] = [];
  #isChanged = false;

  constructor(parameters: Parameters, asked: Parameters, at: string, hints: Capabilities['hints']) {
    this.#parameters = { ...parameters };
    this.#asked = asked;
    this.#at = at;
    this.#hints = hints;
  }

  /** `null` when it is absent or may not be sent. */
  get(name: string): JsonValue {
    return this.#parameters[name] ?? null;
  }

  /** A change nobody needs to hear of, since it asks for the same. */
  put(name: string, value: JsonValue): void {
    this.#parameters[name] = value;
    this.#isChanged = true;
  }

  change(name: string, value: JsonValue, sent: JsonValue, kind: AdjustmentKind, reason: string): void {
    const asked = this.#asked[name] ?? null;
    this.#adjustments.push({ param: name, asked, sent, kind, reason, at: this.#at });
    this.put(name, value);
  }

  /** What is sent for a level. */
  wordFor(level: ReasoningLevel): JsonValue {
    return mappedValue(this.#hints['reasoning_effort'], level)?.send ?? level;
  }

  drop(name: string, reason: string): void {
    const value = this.get(name);
    if (value === null) return;
    if (isNeutral(name, value)) this.put(name, null);
    else this.change(name, null, null, 'dropped', reason);
  }

  result(original: Parameters): FittedReasoning {
    return { parameters: this.#isChanged ? this.#parameters : original, adjustments: this.#adjustments };
  }
}

function isToolForced({ tools, toolChoice }: ThinkingRequest): boolean {
  if (tools.length === 0 || toolChoice === null) return false;
  return toolChoice.mode === 'allowed' ? toolChoice.required : ['required', 'named'].includes(toolChoice.mode);
}

/** Whether the client has begun the answer, which then has no room for thoughts before it. */
function isBegun({ messages }: ThinkingRequest): boolean {
  return messages.at(-1)?.role === 'assistant';
}

/** Whether the model will think, by what is left of the request. */
function isThinking(fit: ReasoningFit, { byDefault }: ReasoningFacts, { dialect }: ThinkingRequest): boolean {
  const budget = fit.get('reasoning_budget');
  const level = fit.get('reasoning_effort');
  if (budget !== null) return budget !== 0;
  // There thinking has a switch of its own, which `reasoning_budget` stands for.
  return level === null || dialect === 'anthropic-messages' ? byDefault : level !== 'none';
}

function stopThinking(fit: ReasoningFit, { levels, byDefault }: ReasoningFacts): void {
  const reason = 'this model does not think when it must call a tool, or go on from a given beginning';
  const level = fit.get('reasoning_effort');
  if (level !== null && level !== 'none') fit.drop('reasoning_effort', reason);
  const budget = fit.get('reasoning_budget');
  if (budget !== null && budget !== 0) fit.drop('reasoning_budget', reason);
  if (byDefault && fit.get('reasoning_effort') === null && levels.includes('none')) fit.put('reasoning_effort', 'none');
}

function fitBudget(fit: ReasoningFit, facts: ReasoningFacts): void {
  const name = 'reasoning_budget';
  const budget = fit.get(name);
  if (typeof budget !== 'number') return;
  if (budget === 0) fitNoThinking(fit, facts);
  else if (budget === MODEL_CHOOSES) fitOwnChoice(fit, facts);
  else if (facts.budget !== null) keepWithin(fit, name, budget, facts.budget);
  else if (fit.get('reasoning_effort') === null) putLevel(fit, facts, levelOfBudget(budget));
  else if (facts.said === 'adaptive') {
    fit.change(name, MODEL_CHOOSES, null, 'rewritten', 'this model thinks adaptively, and takes no budget');
  } else fit.drop(name, 'this model reasons by levels, and a level was asked for too');
}

/** The budget as the level that is nearest to it. */
function putLevel(fit: ReasoningFit, facts: ReasoningFacts, wanted: ReasoningLevel): void {
  const level = nearestLevel(wanted, facts);
  if (level === null) return;
  const reason = `this model reasons by levels: ${facts.levels.join(', ')}`;
  fit.change('reasoning_budget', null, fit.wordFor(level), 'rewritten', reason);
  fit.put('reasoning_effort', level);
}

/** A budget of none. Where there are no budgets, `none` is a level. */
function fitNoThinking(fit: ReasoningFit, facts: ReasoningFacts): void {
  const name = 'reasoning_budget';
  const level = fit.get('reasoning_effort');
  if (facts.levels.includes('none')) {
    if (level !== null && level !== 'none' && !facts.takesBoth) {
      fit.drop('reasoning_effort', 'a budget of no tokens was asked for too');
    }
    if (facts.budget !== null || facts.said === 'adaptive') return;
    fit.put(name, null);
    fit.put('reasoning_effort', 'none');
  } else if (facts.budget !== null) keepWithin(fit, name, 0, facts.budget);
  else if (level === null) putLevel(fit, facts, 'none');
  else fit.drop(name, 'this model cannot leave thinking off');
}

/** A budget of the model's own choice. A level beside it says more; a model that thinks anyway need not be told. */
function fitOwnChoice(fit: ReasoningFit, facts: ReasoningFacts): void {
  const name = 'reasoning_budget';
  const level = fit.get('reasoning_effort');
  if (facts.said === 'adaptive') return;
  if (level !== null) fit.put(name, null);
  else if (facts.budget === null) fit.drop(name, 'this model is told a level, or nothing');
  else if (!facts.budget.canChoose) {
    const sent = budgetOfLevel('medium', facts.budget);
    fit.change(name, sent, sent, 'rewritten', 'this model does not choose its budget itself');
    keepWithin(fit, name, sent, facts.budget);
  }
}

/** Clamps a budget to the model's bounds and below the output cap; a cap that leaves no room for one drops it. */
function keepWithin(
  fit: ReasoningFit,
  name: 'reasoning_budget' | 'reasoning_effort',
  budget: number,
  bounds: BudgetBounds,
): void {
  const cap = fit.get('max_completion_tokens') ?? fit.get('max_tokens');
  const room = bounds.belowCap && typeof cap === 'number' && cap <= budget ? Math.floor(cap / 2) : budget;
  const sent = Math.min(Math.max(room, bounds.min), bounds.max);
  if (typeof cap === 'number' && bounds.belowCap && sent >= cap) {
    fit.drop(name, `the output cap leaves no room for ${bounds.min} tokens of thinking`);
    return;
  }
  if (name === 'reasoning_effort') {
    fit.change(name, null, sent, 'rewritten', 'this model reasons by a token budget, not by levels');
    fit.put('reasoning_budget', sent);
  } else if (sent !== budget) {
    const limit = room === budget ? `${bounds.min} to ${bounds.max} tokens` : 'less than the output cap';
    fit.change(name, sent, sent, 'clamped', `this model takes ${limit}`);
  }
}

function fitLevel(fit: ReasoningFit, facts: ReasoningFacts): void {
  const name = 'reasoning_effort';
  const level = fit.get(name);
  if (!isReasoningLevel(level)) return;
  const budget = fit.get('reasoning_budget');
  if (budget === 0 && level === 'none') {
    fit.put(name, null);
    return;
  }
  if (budget !== null && (level === 'none' || !facts.takesBoth)) {
    fit.drop(name, 'this model takes a level or a token budget, not both');
    return;
  }
  const nearest = nearestLevel(level, facts);
  if (nearest === level) return;
  const takes = `this model takes ${facts.levels.join(', ')}`;
  if (nearest !== null) fit.change(name, nearest, fit.wordFor(nearest), 'clamped', takes);
  else if (facts.budget !== null && level !== 'none') {
    keepWithin(fit, name, budgetOfLevel(level, facts.budget), facts.budget);
  } else fit.drop(name, 'this model cannot leave thinking off');
}

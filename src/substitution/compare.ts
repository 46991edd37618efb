import type { JsonObject } from '../core/json.ts';
import { type AskedAnswer, ModelTally } from './compare-tally.ts';
import { pairedScores, type ScoredPair, type ScoringTerms } from './paired-scores.ts';

/** What is compared, and how. */
export interface ComparisonTerms<Item> {
  /** The model that answers as a rule. */
  readonly reference: string;
  /** Those that might stand in for it. */
  readonly models: readonly string[];
  readonly items: readonly Item[];
  /** How many items are asked at a time. */
  readonly concurrency: number;
  readonly strict: boolean;
}

/** Two answers to one item, compared. */
export interface ComparedPair<Item, Asked> extends ScoredPair {
  readonly item: Item;
  /** Who would stand in. */
  readonly model: string;
  readonly from: Asked;
  readonly to: Asked;
}

/** What a comparison does in the world; given to it, so that it decides nothing but the order. */
export interface ComparisonSteps<Item, Asked extends AskedAnswer> {
  /** @param inPlaceOf whom the model stands in for; `null`: it is asked as itself */
  readonly ask: (item: Item, model: string, inPlaceOf: string | null) => Promise<Asked>;
  readonly nameOf: (item: Item) => string;
  readonly scoringOf: (item: Item) => ScoringTerms;
  /** Called for each pair, before the next one is asked by whoever asked this one. */
  readonly onPair: (pair: ComparedPair<Item, Asked>) => Promise<void>;
  readonly onProgress: (done: number, total: number) => void;
  /** Why nothing more is asked; `null`: it goes on. Asked before each item. */
  readonly stopped: () => string | null;
}

/** What came of it. */
export interface ComparisonResult {
  /** One for each model, the reference first. */
  readonly models: readonly JsonObject[];
  /** How many items were asked. */
  readonly items: number;
  /** Why not all of them; `null`: all were. */
  readonly stopped: string | null;
}

/**
 * Asks the reference and every other model each item, and scores what they answer. A question that nobody answered makes
 * no pair, and is counted. The first item is asked alone: what it costs says how many may be under way.
 * @throws what `onPair` throws: nothing more is asked then
 */
export async function compareModels<Item, Asked extends AskedAnswer>(
  terms: ComparisonTerms<Item>,
  steps: ComparisonSteps<Item, Asked>,
): Promise<ComparisonResult> {
  const { reference, models, items, strict } = terms;
  const tallies = new Map([reference, ...models].map((model) => [model, new ModelTally(model, strict)]));
  const state = { begun: 0, done: 0, stopped: null as string | null, isCut: false, isBroken: false };
  const askOne = async (): Promise<boolean> => {
    state.stopped ??= steps.stopped();
    const item = items[state.begun];
    if (item === undefined || state.stopped !== null || state.isBroken) return false;
    state.begun++;
    if (!(await compareItem(item, terms, tallies, steps))) state.isCut = true;
    state.done++;
    steps.onProgress(state.done, items.length);
    return true;
  };
  await askOne();
  const lanes = Array.from({ length: terms.concurrency }, async () => {
    try {
      while (await askOne());
    } catch (error) {
      state.isBroken = true;
      throw error;
    }
  });
  // All of them: whoever is under way when one breaks is waited for.
  const broken = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  const stopped = state.begun < items.length || state.isCut ? state.stopped : null;
  return { models: Array.from(tallies.values(), (tally) => tally.report()), items: state.done, stopped };
}

/** @returns whether everybody was asked who had to be */
async function compareItem<Item, Asked extends AskedAnswer>(
  item: Item,
  { reference, models }: ComparisonTerms<Item>,
  tallies: ReadonlyMap<string, ModelTally>,
  steps: ComparisonSteps<Item, Asked>,
): Promise<boolean> {
  const from = await steps.ask(item, reference, null);
  tallies.get(reference)?.addAnswer(from);
  // Without it the others' answers say nothing, and would be paid for all the same.
  if (from.answer === null) return true;
  for (const model of models) {
    if (steps.stopped() !== null) return false;
    const to = await steps.ask(item, model, reference);
    tallies.get(model)?.addAnswer(to);
    if (to.answer === null) continue;
    const scored = pairedScores(from.answer, to.answer, steps.scoringOf(item));
    tallies.get(model)?.addPair(steps.nameOf(item), from.generation, to.generation, scored);
    await steps.onPair({ item, model, from, to, ...scored });
  }
  return true;
}

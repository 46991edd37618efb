import type { ChatRequest } from '../core/chat.ts';
import type { ClientDialect } from '../core/client-dialect.ts';
import type { Deployment } from '../core/deployment.ts';
import { newEventId } from '../core/identifier.ts';
import { arrayMember, type JsonObject, type JsonValue, objectMember, stringMember } from '../core/json.ts';
import type { Configuration, Route } from '../core/route.ts';
import type { SubstitutionPair, SubstitutionScope } from '../core/substitution.ts';
import { compareModels, type ComparedPair } from '../substitution/compare.ts';
import { askAside } from './ask-aside.ts';
import { handleChat } from './handle-chat.ts';
import { type AskedGeneration, askedGeneration } from './compared-answer.ts';
import type { Steps } from './exchange.ts';

/** One request that several models are asked. */
export interface ComparedItem {
  /** What evidence calls it. */
  readonly name: string;
  /** What the answer ought to be; `undefined`: nobody said. */
  readonly expected: JsonValue | undefined;
  /** Reads the request when its turn has come; `null`: it cannot be read any more. */
  readonly load: () => Promise<LoadedItem | null>;
}

export interface LoadedItem {
  readonly request: ChatRequest;
  readonly dialect: ClientDialect;
  /** The generation it was recorded as; `null`: it is of a set. */
  readonly of: string | null;
}

/** Who is compared on which requests. */
export interface Comparison {
  readonly configuration: Configuration;
  readonly route: Route;
  /** The model that answers as a rule. */
  readonly reference: string;
  readonly models: readonly string[];
  readonly items: readonly ComparedItem[];
  readonly design: SubstitutionPair['design'];
  readonly concurrency: number;
  /** Nothing more is asked before this is passed; `null`: no limit. */
  readonly maxCostUsd: number | null;
}

/** Who follows a comparison: told of each pair and of how far it is; ends it by the signal. */
export interface ComparisonFollower {
  readonly tell: (line: JsonObject) => void;
  readonly signal: AbortSignal;
}

/** Why a comparison has ended early. */
type Stop = 'cancelled' | 'shutting_down' | 'max_cost' | 'unknown_cost';

/**
 * Asks every model each item, notes the pairs and what follows from them.
 * @param expectedUsd what all of it may well cost; `null`: nobody knows, and where there is a limit nothing is asked
 * @returns the figures of each model, and whether it may now stand in
 * @throws what noting a pair throws
 */
export async function runComparison(
  comparison: Comparison,
  expectedUsd: number | null,
  follower: ComparisonFollower,
  steps: Steps,
): Promise<JsonObject> {
  const spending = new Spending(comparison, expectedUsd);
  const scopes = new Map<string, SubstitutionScope>();
  const { tell, signal } = follower;
  const stopped = (): Stop | null => {
    if (signal.aborted) return 'cancelled';
    return steps.inFlight.ending === null ? spending.stop : 'shutting_down';
  };
  const { route, reference } = comparison;
  const validators = route.validators.map(({ id }) => id);
  const result = await compareModels<ComparedItem, AskedGeneration>(
    { ...comparison, strict: route.strict },
    {
      ask: async (item, model, inPlaceOf) => {
        const asked = await askItem(item, model, inPlaceOf, comparison, signal, steps);
        spending.add(item, asked.costUsd);
        return asked;
      },
      nameOf: ({ name }) => name,
      scoringOf: ({ expected }) => ({ validators, expected }),
      onPair: async (pair) => {
        const scope = await notePair(pair, comparison, steps);
        if (scope !== null) scopes.set(pair.model, scope);
        tell({ type: 'pair', ...pairJson(pair) });
      },
      onProgress: (done, total) => tell({ type: 'progress', done, total, cost: spending.usd }),
      stopped,
    },
  );
  const models = result.models.map((report) => {
    const model = stringMember(report, 'model') ?? '';
    const scope = scopes.get(model) ?? scopeOf(model, comparison, steps);
    if (model === reference || scope === null) return { ...report, standing: null };
    const { certificate, state, reason } = steps.certificates.standing(scope);
    const collecting = objectMember(steps.certificates.view(scope) ?? {}, 'collecting') ?? {};
    const missing = arrayMember(collecting, 'missing');
    return { ...report, standing: { certificate, state, reason, missing } };
  });
  const { items, stopped: ended } = result;
  return { route: route.name, reference, items, stopped: ended, cost: spending.usd, models };
}

async function askItem(
  item: ComparedItem,
  model: string,
  inPlaceOf: string | null,
  { configuration }: Comparison,
  signal: AbortSignal,
  steps: Steps,
): Promise<AskedGeneration> {
  const loaded = await item.load();
  if (loaded === null) return NOT_KEPT;
  const { request, dialect, of } = loaded;
  const aside = { purpose: 'compare', of, model, inPlaceOf } as const;
  return askedGeneration(await askAside({ aside, request, dialect, configuration, signal }, steps, handleChat), steps);
}

const NOT_KEPT: AskedGeneration = {
  generation: null,
  answer: null,
  failure: 'content_not_kept',
  costUsd: 0,
  ttftMs: null,
  tokensPerSecond: null,
  deployment: null,
};

/** @returns what it is evidence for */
async function notePair(
  { item, from, to, scores }: ComparedPair<ComparedItem, AskedGeneration>,
  { configuration, route, design }: Comparison,
  steps: Steps,
): Promise<SubstitutionScope | null> {
  if (from.deployment === null || to.deployment === null) return null;
  const scope = steps.scopes.substitution(route, configuration.hooks, from.deployment, to.deployment);
  const atMs = steps.clock.wallTime();
  const generations = { from: from.generation, to: to.generation };
  await steps.certificates.addPair({
    id: newEventId('pair', atMs),
    atMs,
    scope,
    item: item.name,
    generations,
    scores,
    design,
  });
  return scope;
}

function pairJson({
  item,
  model,
  from,
  to,
  scores,
  agreement,
}: ComparedPair<ComparedItem, AskedGeneration>): JsonObject {
  const generations = { from: from.generation, to: to.generation };
  return { model, item: item.name, generations, scores: scores.map((score) => ({ ...score })), agreement };
}

/** Of a model that no pair was noted of: as it would first be asked. */
function scopeOf(
  model: string,
  { configuration, route, reference }: Comparison,
  steps: Steps,
): SubstitutionScope | null {
  const [from, to] = [reference, model].map((name) => firstOf(name, route));
  return from === undefined || to === undefined
    ? null
    : steps.scopes.substitution(route, configuration.hooks, from, to);
}

/** The deployment of a route that is asked first of a model. */
export function firstOf(model: string, { candidates }: Route): Deployment | undefined {
  return candidates.find((each) => each.model === model);
}

/** What a comparison has cost so far, and whether it may go on. */
class Spending {
  readonly #limitUsd: number | null;
  readonly #concurrency: number;
  /** What an item may well cost, while none has been asked. */
  readonly #expectedUsd: number | null;
  readonly #byItem = new Map<ComparedItem, number>();
  #usd: number | null = 0;
  #dearest = 0;

  constructor({ maxCostUsd, concurrency, items }: Comparison, expectedUsd: number | null) {
    this.#limitUsd = maxCostUsd;
    this.#concurrency = concurrency;
    this.#expectedUsd = expectedUsd === null ? null : expectedUsd / Math.max(1, items.length);
  }

  /** `null`: not known. */
  get usd(): number | null {
    return this.#usd;
  }

  add(item: ComparedItem, costUsd: number | null): void {
    this.#usd = this.#usd === null || costUsd === null ? null : Number((this.#usd + costUsd).toFixed(9));
    const ofItem = (this.#byItem.get(item) ?? 0) + (costUsd ?? 0);
    this.#byItem.set(item, ofItem);
    this.#dearest = Math.max(this.#dearest, ofItem);
  }

  /** As much as the dearest item so far may be under way on every lane. */
  get stop(): Stop | null {
    if (this.#limitUsd === null) return null;
    if (this.#usd === null || this.#expectedUsd === null) return 'unknown_cost';
    const underWay = this.#byItem.size === 0 ? this.#expectedUsd : this.#dearest * this.#concurrency;
    return this.#usd + underWay > this.#limitUsd ? 'max_cost' : null;
  }
}

import type { Deployment } from '../core/deployment.ts';
import { newEventId } from '../core/identifier.ts';
import { numberMember } from '../core/json.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Route, ShadowTerms } from '../core/route.ts';
import type { GenerationPlace } from '../ledger/ledger.ts';
import { pairedScores } from '../substitution/paired-scores.ts';
import { DayBudget, dayStartMs, TaskQueue } from '../substitution/shadow.ts';
import { askAside } from './ask-aside.ts';
import { handleChat } from './handle-chat.ts';
import { type AskedGeneration, askedGeneration } from './compared-answer.ts';
import type { Exchange, Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import type { Holding } from './held-bytes.ts';

/** So many are asked at a time, and so many wait. */
const AT_ONCE = 2;
const MOST_WAITING = 32;
/** Of a day that has more shadows than this, what was spent before the start is not added up. */
const MOST_SCANNED = 10_000;
const PAGE = 100;

/** A live answer of which other models are asked too. */
interface Shadowed {
  readonly exchange: Exchange;
  readonly route: Route;
  readonly terms: ShadowTerms;
  readonly usual: Deployment;
  readonly from: AskedGeneration;
}

/** Why a request that was drawn has no pair; `failed`: nobody answered. */
type Drop = 'queue_full' | 'budget_spent' | 'failed' | 'shutting_down';

/**
 * Asks other models some of the live requests too, once these have been answered, and notes the pairs of answers. Requests
 * neither wait for it nor hear of it. What it may cost in a day is each process's share of the route's budget; what is
 * under way when that is spent is paid on top.
 */
export class Shadows {
  readonly #queue = new TaskQueue(AT_ONCE, MOST_WAITING);
  /** By route. */
  readonly #budgets = new Map<string, Promise<DayBudget>>();
  /** The day on which each drop of each route was told of last. */
  readonly #toldOn = new Map<string, number>();

  /** Considers a client's request that has ended. */
  consider(generation: Generation, steps: Steps): void {
    const shadowed = shadowedBy(generation, steps);
    if (shadowed === null) return;
    for (const model of shadowed.terms.models) {
      if (model === shadowed.usual.model) continue;
      const holding = steps.held.hold();
      const hasRoom = holding.add(shadowed.exchange.request.original.bytes.length);
      if (hasRoom && this.#queue.offer(() => this.#shadow(shadowed, model, holding, steps))) continue;
      holding.release();
      this.#drop('queue_full', `${this.#queue.waiting} wait`, model, shadowed, steps);
    }
  }

  async #shadow(shadowed: Shadowed, model: string, holding: Holding, steps: Steps): Promise<void> {
    // From here on it is counted as the question's own.
    holding.release();
    try {
      const isEnding = steps.inFlight.ending !== null;
      const refusal = isEnding ? null : await this.#refusal(shadowed, model, steps);
      if (isEnding) this.#drop('shutting_down', null, model, shadowed, steps);
      else if (refusal !== null) this.#drop('budget_spent', refusal, model, shadowed, steps);
      else await this.#ask(shadowed, model, steps);
    } catch (error) {
      steps.reportFault(shadowed.exchange.id, error);
    }
  }

  async #ask(shadowed: Shadowed, model: string, steps: Steps): Promise<void> {
    const { exchange, route, usual } = shadowed;
    const { request, dialect, configuration } = exchange;
    // The same route, whatever chose it; how long the client would have waited is no matter here, nor whom it gave a fault.
    const directives = { ...request.directives, route: route.name, timeoutMs: null, simulate: [] };
    const aside = { purpose: 'shadow', of: exchange.id, model, inPlaceOf: usual.model } as const;
    const generation = await askAside(
      { aside, request: { ...request, directives }, dialect, configuration },
      steps,
      handleChat,
    );
    (await this.#budgetOf(route, steps)).add(steps.clock.wallTime(), generation.cost);
    const to = askedGeneration(generation, steps);
    if (to.deployment === null) this.#drop('failed', null, model, shadowed, steps);
    else {
      await notePair(shadowed, to, to.deployment, steps);
      steps.metrics.shadowed(route.name, 'paired');
    }
  }

  /** Why this one may not be asked; `null`: it may. */
  async #refusal({ route, terms, exchange }: Shadowed, model: string, steps: Steps): Promise<string | null> {
    const wallTimeMs = steps.clock.wallTime();
    const isUnpriced = ({ price }: Deployment): boolean => (price?.ratesAt(wallTimeMs, 0) ?? null) === null;
    if (route.candidates.some((each) => each.model === model && isUnpriced(each))) {
      return `what ${model} costs is not known`;
    }
    const budget = await this.#budgetOf(route, steps);
    return budget.refusal(wallTimeMs, terms.budgetNanoUsd / exchange.configuration.server.workers);
  }

  /** What was spent before the start, by all processes, counts as this one's own. */
  #budgetOf(route: Route, steps: Steps): Promise<DayBudget> {
    const known = this.#budgets.get(route.name);
    if (known !== undefined) return known;
    const wallTimeMs = steps.clock.wallTime();
    const read = spentSince(dayStartMs(wallTimeMs), route.name, steps).then(
      (spent) => new DayBudget(wallTimeMs, spent),
    );
    this.#budgets.set(route.name, read);
    return read;
  }

  /** Counts it; the first of its kind in a day is also told of. */
  #drop(what: Drop, reason: string | null, model: string, { route }: Shadowed, steps: Steps): void {
    steps.metrics.shadowed(route.name, what);
    if (reason === null) return;
    const today = dayStartMs(steps.clock.wallTime());
    const key = `${what} ${route.name}`;
    if (this.#toldOn.get(key) === today) return;
    this.#toldOn.set(key, today);
    const deployment = route.candidates.find((each) => each.model === model)?.name ?? model;
    steps.decisions.add({ kind: 'shadow', deployment, route: route.name, what, reason });
  }
}

/** What of a generation is asked a second time, if it was drawn; `null`: nothing. */
function shadowedBy(generation: Generation, steps: Steps): Shadowed | null {
  const { exchange, plan, recorded, served } = generation;
  const route = plan?.target.route ?? null;
  const terms = route?.shadow ?? null;
  if (route === null || terms === null || exchange.request.embedding !== null) return null;
  if (recorded?.status !== 'complete' || served === null || served.deployment.model !== plan?.usual?.model) return null;
  // What a fault of the simulator has made of an answer says nothing of its model.
  if (recorded.attempts.some(({ sim_fault }) => sim_fault !== null) || steps.inFlight.ending !== null) return null;
  if (steps.draw() >= terms.sample) return null;
  return { exchange, route, terms, usual: served.deployment, from: askedGeneration(generation, steps) };
}

async function notePair(
  { exchange, route, terms, usual, from }: Shadowed,
  to: AskedGeneration,
  by: Deployment,
  steps: Steps,
): Promise<void> {
  if (from.answer === null || to.answer === null) return;
  const atMs = steps.clock.wallTime();
  const validators = route.validators.map(({ id }) => id);
  await steps.certificates.addPair({
    id: newEventId('pair', atMs),
    atMs,
    scope: steps.scopes.substitution(route, exchange.configuration.hooks, usual, by),
    item: exchange.id,
    generations: { from: from.generation, to: to.generation },
    scores: pairedScores(from.answer, to.answer, { validators, expected: undefined }).scores,
    design: { kind: 'shadow', sampling: `share ${terms.sample}` },
  });
}

/** What the shadows of a route have cost since then; `null`: it cannot be told. */
async function spentSince(sinceMs: number, route: string, { ledger, reportFault }: Steps): Promise<NanoUsd | null> {
  let spent = 0;
  let after: GenerationPlace | null = null;
  try {
    for (let scanned = 0; scanned < MOST_SCANNED; scanned += PAGE) {
      const page = await ledger.list({ filters: { route, sinceMs, aside: 'shadow' }, limit: PAGE, after });
      for (const generation of page.generations) {
        if (generation['status'] === 'running') continue;
        const cost = numberMember(generation, 'cost');
        if (cost === null) return null;
        spent += Math.round(cost * 1e9);
      }
      if (page.next === null) return spent;
      after = page.next;
    }
  } catch (error) {
    reportFault('shadow', error);
  }
  return null;
}

import { FAILURES, type FailureKind } from '../../src/core/failure.ts';
import { backoffMs } from '../../src/routing/backoff.ts';
import { RetryBudget } from '../../src/routing/retry-budget.ts';
import { EventQueue } from './event-queue.ts';
import type { Ask, EndedAttempt, Policy, PolicyKind } from './policy.ts';
import { drawn, PURPOSE } from './random.ts';
import { Tally, type RunFigures } from './tally.ts';
import { VirtualClock } from './virtual-clock.ts';
import type { Upstream, World } from './world.ts';

const MAX_ATTEMPTS = 3;

/** The failure that each bad end is to the gateway. */
export const FAILURE_KINDS: Readonly<Record<Exclude<Upstream['outcome'], 'answered'>, FailureKind>> = {
  refused: 'unreachable',
  limited: 'rate_limited',
  failed: 'error',
  cut: 'first_token_timeout',
};

/** A request under way. */
interface Flight {
  readonly request: number;
  readonly order: readonly number[];
  readonly trial: number | null;
  /** Place in the order of who is asked next. */
  place: number;
  attempts: number;
  /** The attempt under way. */
  current: {
    readonly arm: number;
    readonly upstream: Upstream;
    readonly ask: Ask;
    readonly why: EndedAttempt['why'];
  } | null;
  lastArm: number;
  hasRetried: boolean;
  /** Gives the retry back. */
  endRetry: (() => void) | null;
}

interface FlightEvent {
  readonly flight: Flight;
  readonly what: 'first content' | 'end' | 'retry';
}

/** Runs one policy through one world, event by event. */
export function simulate(world: World, kind: PolicyKind): RunFigures {
  const clock = new VirtualClock();
  return new Run(world, clock, kind.create(world, clock)).toEnd();
}

class Run {
  readonly #world: World;
  readonly #clock: VirtualClock;
  readonly #policy: Policy;
  readonly #queue = new EventQueue<FlightEvent>();
  readonly #budget: RetryBudget;
  readonly #tally = new Tally();

  constructor(world: World, clock: VirtualClock, policy: Policy) {
    this.#world = world;
    this.#clock = clock;
    this.#policy = policy;
    this.#budget = new RetryBudget(clock);
  }

  toEnd(): RunFigures {
    const { requests } = this.#world;
    for (let request = 0; request < requests.length; request++) {
      const { atMs } = requests[request]!;
      while (this.#queue.nextMs <= atMs) this.#next();
      this.#clock.set(atMs);
      this.#arrive(request);
    }
    while (this.#queue.nextMs < Infinity) this.#next();
    if (this.#tally.requests !== requests.length)
      throw new Error(`${this.#tally.requests} of ${requests.length} requests ended`);
    return this.#tally.figures();
  }

  #arrive(request: number): void {
    this.#budget.requestBegan();
    const { order, trial } = this.#policy.plan(request);
    const flight: Flight = {
      request,
      order,
      trial,
      place: 0,
      attempts: 0,
      current: null,
      lastArm: -1,
      hasRetried: false,
      endRetry: null,
    };
    this.#askNext(flight);
    if (flight.current === null) this.#unanswered(flight);
  }

  #next(): void {
    this.#clock.set(this.#queue.nextMs);
    const { flight, what } = this.#queue.take();
    const { request, current } = flight;
    if (what === 'retry') this.#ask(flight, flight.lastArm, 'retry');
    else if (what === 'end') this.#ended(flight);
    else current!.ask.firstContent!(request, current!.upstream.ttftMs!);
  }

  #askNext(flight: Flight): void {
    while (flight.place < flight.order.length && flight.attempts < MAX_ATTEMPTS) {
      const arm = flight.order[flight.place++]!;
      const first = arm === flight.trial ? 'trial' : 'primary';
      if (this.#ask(flight, arm, flight.attempts === 0 ? first : 'fallback')) return;
    }
  }

  /** @returns whether the arm could be asked */
  #ask(flight: Flight, arm: number, why: EndedAttempt['why']): boolean {
    const ask = this.#policy.begin(arm);
    if (ask === null) {
      if (why === 'retry') this.#unanswered(flight);
      return false;
    }
    const nowMs = this.#clock.now();
    const upstream = this.#world.attempt(flight.request, arm, flight.attempts, nowMs);
    flight.attempts++;
    flight.lastArm = arm;
    flight.current = { arm, upstream, ask, why };
    const { ttftMs, durationMs } = upstream;
    if (ttftMs !== null && ask.firstContent !== null)
      this.#queue.put(nowMs + ttftMs, { flight, what: 'first content' });
    this.#queue.put(nowMs + durationMs, { flight, what: 'end' });
    return true;
  }

  #ended(flight: Flight): void {
    const { arm, upstream, ask, why } = flight.current!;
    flight.current = null;
    flight.endRetry?.();
    flight.endRetry = null;
    this.#tally.attempt(upstream.costNanoUsd);
    ask.ended({ request: flight.request, arm, upstream, why });
    if (upstream.outcome === 'answered') {
      const { atMs } = this.#world.requests[flight.request]!;
      const firstContentAtMs = this.#clock.now() - upstream.durationMs + upstream.ttftMs!;
      this.#tally.answered(atMs, firstContentAtMs - atMs, upstream.isRight);
      return;
    }
    this.#failed(flight, upstream.outcome);
  }

  /** Nobody is asked again while another is left; the last one once, never after silence. */
  #failed(flight: Flight, outcome: keyof typeof FAILURE_KINDS): void {
    const isRetriable = 'AB'.includes(FAILURES[FAILURE_KINDS[outcome]].class) && outcome !== 'cut';
    const isLast = flight.place >= flight.order.length;
    const mayRetry = isRetriable && isLast && !flight.hasRetried && flight.attempts < MAX_ATTEMPTS;
    if (mayRetry && this.#retryLater(flight)) return;
    this.#askNext(flight);
    if (flight.current === null) this.#unanswered(flight);
  }

  #retryLater(flight: Flight): boolean {
    const draw = drawn(this.#world.seed, PURPOSE.backoff, flight.request);
    const waitMs = backoffMs({ retry: 0, retryAfterMs: null, remainingMs: Infinity, draw });
    const endRetry = waitMs === null ? null : this.#budget.tryRetry();
    if (waitMs === null || endRetry === null) return false;
    flight.endRetry = endRetry;
    flight.hasRetried = true;
    this.#queue.put(this.#clock.now() + waitMs, { flight, what: 'retry' });
    return true;
  }

  #unanswered(flight: Flight): void {
    flight.endRetry?.();
    this.#tally.unanswered(this.#world.requests[flight.request]!.atMs);
  }
}

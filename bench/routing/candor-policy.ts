import type { CandidateInputs } from '../../src/core/decision.ts';
import type { Objective } from '../../src/core/objective.ts';
import { Circuits, type PassOutcome } from '../../src/routing/circuits.ts';
import { decide } from '../../src/routing/decide.ts';
import { HALF_LIVES, type HalfLives } from '../../src/telemetry/decay.ts';
import { sizeBucket, type Observation } from '../../src/telemetry/observation.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import type { Ask, EndedAttempt, Plan, Policy, PolicyKind } from './policy.ts';
import { drawn, PURPOSE } from './random.ts';
import { FAILURE_KINDS } from './simulate.ts';
import { OBJECTIVES } from './tally.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { FIRST_TOKEN_LIMIT_MS, type World } from './world.ts';

const ROUTE = 'simulated';
const KEYS: readonly string[] = ['none'];
/** Which answers are looked at. */
const GRADED_SHARE = 0.2;

const SLO: readonly Objective[] = [
  { name: 'ttft_p95', limit: OBJECTIVES.ttftMs, at: 'bench' },
  { name: 'error_rate', limit: OBJECTIVES.failedShare, at: 'bench' },
  { name: 'valid_rate', limit: OBJECTIVES.rightShare, at: 'bench' },
];

/** The gateway's own decision, as its pipeline makes it. */
export const candor: PolicyKind = candorWith(HALF_LIVES);

/** The same with other half-lives of what it has seen. */
export function candorWith(halfLives: HalfLives): PolicyKind {
  return {
    name: 'candor',
    isStatic: false,
    create: (world, clock) => new CandorPolicy(world, clock, halfLives),
  };
}

class CandorPolicy implements Policy {
  readonly #world: World;
  readonly #clock: VirtualClock;
  readonly #telemetry: Telemetry;
  readonly #circuits: Circuits;

  constructor(world: World, clock: VirtualClock, halfLives: HalfLives) {
    this.#world = world;
    this.#clock = clock;
    this.#telemetry = new Telemetry(clock, halfLives);
    this.#circuits = new Circuits(clock, () => {});
  }

  plan(request: number): Plan {
    const { promptTokens } = this.#world.requests[request]!;
    const bucket = sizeBucket(promptTokens);
    const { order, candidates } = decide({
      pick: 'cheapest',
      objective_policy: 'best_effort',
      fallback: 'degraded',
      draw: drawn(this.#world.seed, PURPOSE.decision, request, 0),
      candidates: this.#world.arms.map((_, arm) => this.#candidate(request, arm, promptTokens, bucket)),
    });
    const trial = candidates.find(({ standing }) => standing === 'trial')?.deployment ?? null;
    return { order: order.map((name) => this.#armOf(name)), trial: trial === null ? null : this.#armOf(trial) };
  }

  begin(arm: number): Ask | null {
    const deployment = this.#world.arms[arm]!;
    const pass = this.#circuits.enter(deployment, KEYS);
    if (pass === null) return null;
    this.#telemetry.begin(deployment);
    return {
      firstContent: (request, ttftMs) => {
        pass.spoke();
        const bucket = sizeBucket(this.#world.requests[request]!.promptTokens);
        this.#telemetry.firstContent({ route: ROUTE, deployment, bucket }, ttftMs, SLO);
      },
      ended: (attempt) => {
        pass.settle(passOutcome(attempt));
        this.#telemetry.record(this.#observe(attempt), SLO, attempt.upstream.ttftMs !== null);
        this.#telemetry.end(deployment);
      },
    };
  }

  #candidate(request: number, arm: number, promptTokens: number, bucket: number): CandidateInputs {
    const deployment = this.#world.arms[arm]!;
    const at = { route: ROUTE, deployment, bucket };
    return {
      deployment,
      model: deployment,
      shares: false,
      weight: 1,
      circuit: this.#circuits.view(deployment, KEYS),
      price: this.#world.price(arm, this.#clock.now()),
      tokens: { in: promptTokens, out: this.#telemetry.outputTokens(at) },
      accepted_share: this.#telemetry.acceptedShare(at),
      ttft: null,
      load: null,
      objectives: SLO.map((objective) => this.#telemetry.evidence(at, objective)),
      trial_due: this.#telemetry.trialDue(at, SLO, drawn(this.#world.seed, PURPOSE.decision, request, arm + 1)),
    };
  }

  #observe({ request, arm, upstream, why }: EndedAttempt): Observation {
    const { promptTokens, answerTokens } = this.#world.requests[request]!;
    const hasAnswered = upstream.outcome === 'answered';
    const isGraded = hasAnswered && drawn(this.#world.seed, PURPOSE.graded, request) < GRADED_SHARE;
    const failureKind = upstream.outcome === 'answered' ? null : FAILURE_KINDS[upstream.outcome];
    return {
      deployment: this.#world.arms[arm]!,
      model: this.#world.arms[arm]!,
      route: ROUTE,
      promptTokens,
      streamed: true,
      outcome: observedOutcome(upstream.outcome, isGraded && !upstream.isRight),
      failureKind,
      ttftMs: upstream.ttftMs,
      wholeMs: null,
      waitedMs: upstream.outcome === 'cut' ? FIRST_TOKEN_LIMIT_MS : null,
      tokensPerSecond: upstream.tokensPerSecond,
      completionTokens: hasAnswered ? answerTokens : null,
      stalled: false,
      valid: isGraded ? upstream.isRight : null,
      repaired: false,
      costNanoUsd: upstream.costNanoUsd,
      durationMs: upstream.durationMs,
      simulated: true,
      why,
    };
  }

  #armOf(name: string): number {
    return this.#world.arms.findIndex((arm) => arm === name);
  }
}

function observedOutcome(outcome: EndedAttempt['upstream']['outcome'], isInvalid: boolean): Observation['outcome'] {
  if (outcome === 'limited') return 'limited';
  if (outcome !== 'answered') return 'failed';
  return isInvalid ? 'invalid' : 'accepted';
}

function passOutcome({ upstream }: EndedAttempt): PassOutcome {
  if (upstream.outcome === 'answered') return { kind: 'ok' };
  if (upstream.outcome === 'limited') return { kind: 'limited', retryAfterMs: null };
  return { kind: 'failed', reason: FAILURE_KINDS[upstream.outcome] };
}

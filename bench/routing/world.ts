import type { Arrival, DataSets, LatencySample } from './data-sets.ts';
import { drawn, PURPOSE } from './random.ts';
import { betweenOf, WORLD_MS, type ArmName, type Change, type Fault, type WorldDescription } from './world-library.ts';

/** Longer without a first token, and the attempt is cut: three times the objective. */
export const FIRST_TOKEN_LIMIT_MS = 6_000;
/** How long what fails takes to do so. */
export const REFUSED_AFTER_MS = 20;
export const LIMITED_AFTER_MS = 100;
export const FAILED_AFTER_MS = 300;

/** USD per million tokens: assumed. */
const PRICES: Readonly<Record<ArmName, { readonly in: number; readonly out: number }>> = {
  small: { in: 0.3, out: 1.2 },
  middle: { in: 0.9, out: 3.6 },
  large: { in: 2.5, out: 10 },
  bargain: { in: 0.15, out: 0.6 },
};

const POOLS: Readonly<Record<WorldDescription['part'], Readonly<Record<ArmName, string>>>> = {
  tuning: { small: 'fireworks_7b', middle: 'bedrock_13b', large: 'together_70b', bargain: 'replicate_70b' },
  'held-out': { small: 'anyscale_7b', middle: 'together_13b', large: 'bedrock_70b', bargain: 'replicate_13b' },
};

export interface WorldRequest {
  readonly atMs: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
  readonly mixtralIsRight: boolean;
  readonly gpt4IsRight: boolean;
}

/** How an arm is at one moment. */
export interface Condition {
  readonly ttftFactor: number;
  readonly ttftAddedMs: number;
  readonly rightFactor: number;
  readonly priceFactor: number;
  readonly fault: Fault | null;
}

/** What becomes of one attempt. `cut`: no first token within the limit. */
export interface Upstream {
  readonly outcome: 'answered' | 'refused' | 'limited' | 'failed' | 'cut';
  readonly durationMs: number;
  /** `null`: there was no content. */
  readonly ttftMs: number | null;
  readonly tokensPerSecond: number | null;
  readonly isRight: boolean;
  readonly costNanoUsd: number;
}

/** Two hours of requests, and what each arm would do with each of them. */
export interface World {
  readonly description: WorldDescription;
  readonly seed: number;
  readonly requests: readonly WorldRequest[];
  readonly arms: readonly ArmName[];
  pool(arm: number): readonly LatencySample[];
  condition(arm: number, atMs: number): Condition;
  /** USD per million tokens, in force at a moment. */
  price(arm: number, atMs: number): { readonly in: number; readonly out: number };
  attempt(request: number, arm: number, nth: number, atMs: number): Upstream;
}

/**
 * Makes a world. Whatever happens in it depends on the seed, the request, the arm and the time alone, not on what a
 * policy did before.
 */
export function createWorld(description: WorldDescription, data: DataSets, seed: number): World {
  const { arms, part } = description;
  const changes = description.changes(betweenOf(seed));
  const changesOf = arms.map((arm) => changes.filter((change) => change.arm === arm));
  const pools = arms.map((arm) => {
    const pool = data.pools.get(POOLS[part][arm]);
    if (pool === undefined) throw new Error(`latency-pools.json has no pool ${POOLS[part][arm]}`);
    return pool;
  });
  const requests = drawRequests(data, description.requestsPerSecond, seed);
  const world: World = {
    description,
    seed,
    requests,
    arms,
    pool: (arm) => pools[arm]!,
    condition: (arm, atMs) => conditionAt(changesOf[arm]!, atMs),
    price(arm, atMs) {
      const { in: input, out } = PRICES[arms[arm]!];
      const { priceFactor } = world.condition(arm, atMs);
      return { in: input * priceFactor, out: out * priceFactor };
    },
    attempt: (request, arm, nth, atMs) => attempt(world, request, arm, nth, atMs),
  };
  return world;
}

function drawRequests(data: DataSets, perSecond: number, seed: number): readonly WorldRequest[] {
  const { arrivals, questions } = data;
  const traceMs = arrivals.reduce((sum, { gapMs }) => sum + gapMs, 0);
  const keptShare = (perSecond * traceMs) / 1000 / arrivals.length;
  const start = Math.floor(drawn(seed, PURPOSE.start, 0) * arrivals.length);
  const requests: WorldRequest[] = [];
  let atMs = 0;
  for (let row = 0; ; row++) {
    const { gapMs, promptTokens, answerTokens } = arrivals[(start + row) % arrivals.length] as Arrival;
    atMs += row === 0 ? 0 : gapMs;
    if (atMs >= WORLD_MS) return requests;
    if (drawn(seed, PURPOSE.thin, row) >= keptShare) continue;
    const question = questions[Math.floor(drawn(seed, PURPOSE.question, row) * questions.length)]!;
    requests.push({
      atMs,
      promptTokens,
      answerTokens,
      mixtralIsRight: question.mixtral,
      gpt4IsRight: question.gpt4,
    });
  }
}

const USUAL: Condition = { ttftFactor: 1, ttftAddedMs: 0, rightFactor: 1, priceFactor: 1, fault: null };

function conditionAt(changes: readonly Change[], atMs: number): Condition {
  const change = changes.find(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
  if (change === undefined) return USUAL;
  const { ttftFactor = 1, ttftAddedMs = 0, rightFactor = 1, rampMs = 0, priceFactor = 1, fault = null } = change;
  const progress = rampMs === 0 ? 1 : Math.min(1, (atMs - change.fromMs) / rampMs);
  return { ttftFactor, ttftAddedMs, rightFactor: 1 - (1 - rightFactor) * progress, priceFactor, fault };
}

function attempt(world: World, request: number, arm: number, nth: number, atMs: number): Upstream {
  const { seed } = world;
  // One stream of draws for each arm and attempt.
  const part = arm * 8 + nth;
  const condition = world.condition(arm, atMs);
  const pool = world.pool(arm);
  const sample = pool[Math.floor(drawn(seed, PURPOSE.sample, request, part) * pool.length)]!;
  const { promptTokens, answerTokens } = world.requests[request]!;
  const price = world.price(arm, atMs);
  if (condition.fault === 'refuses') return failure('refused', REFUSED_AFTER_MS);
  if (typeof condition.fault === 'object' && condition.fault !== null) {
    if (drawn(seed, PURPOSE.fault, request, part) < condition.fault.failedShare) {
      return failure('failed', FAILED_AFTER_MS);
    }
  }
  if (sample.error === 429) return failure('limited', LIMITED_AFTER_MS);
  if (sample.error !== null) return failure('failed', FAILED_AFTER_MS);
  const ttftMs = condition.fault === 'silent' ? Infinity : slowed(sample.ttftMs, condition);
  if (ttftMs > FIRST_TOKEN_LIMIT_MS) {
    return failure('cut', FIRST_TOKEN_LIMIT_MS, Math.round(promptTokens * price.in * 1000));
  }
  return {
    outcome: 'answered',
    durationMs: ttftMs + (answerTokens / sample.tokensPerSecond) * 1000,
    ttftMs,
    tokensPerSecond: sample.tokensPerSecond,
    isRight: isRight(world, request, arm) && drawn(seed, PURPOSE.fallen, request, arm) < condition.rightFactor,
    // A price per million tokens is that many thousand nano-USD per token.
    costNanoUsd: Math.round((promptTokens * price.in + answerTokens * price.out) * 1000),
  };
}

/** The first-token time of a sample under a condition. */
export function slowed(ttftMs: number, condition: Condition): number {
  return ttftMs * condition.ttftFactor + condition.ttftAddedMs;
}

function isRight(world: World, request: number, arm: number): boolean {
  const { mixtralIsRight, gpt4IsRight } = world.requests[request]!;
  const name = world.arms[arm]!;
  if (name === 'large') return gpt4IsRight;
  if (name !== 'middle') return mixtralIsRight;
  return drawn(world.seed, PURPOSE.coin, request) < 0.5 ? mixtralIsRight : gpt4IsRight;
}

function failure(outcome: 'refused' | 'limited' | 'failed' | 'cut', afterMs: number, costNanoUsd = 0): Upstream {
  return { outcome, durationMs: afterMs, ttftMs: null, tokensPerSecond: null, isRight: false, costNanoUsd };
}

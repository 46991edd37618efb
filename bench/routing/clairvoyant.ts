import type { Plan, PolicyKind } from './policy.ts';
import { IGNORE, permutations } from './static-policies.ts';
import { OBJECTIVE_LIMITS, OBJECTIVES } from './tally.ts';
import {
  FAILED_AFTER_MS,
  FIRST_TOKEN_LIMIT_MS,
  LIMITED_AFTER_MS,
  REFUSED_AFTER_MS,
  slowed,
  type World,
} from './world.ts';
import { MINUTE_MS } from './world-library.ts';

/** Mean answer and prompt of the trace: costs are compared for such a request. */
const TYPICAL = { promptTokens: 1155, answerTokens: 211 } as const;
/** What is right of the answers of an arm whom nothing has befallen. */
const USUAL_RIGHT = { small: 0.681, middle: 0.744, large: 0.808, bargain: 0.681 } as const;

/** What is to be expected of one arm at one moment. */
interface Outlook {
  /** Times to first content, of the share that answers. */
  readonly ttftMs: readonly number[];
  /** Share of all attempts that each of `ttftMs` stands for. */
  readonly shareOfEach: number;
  /** How attempts fail: after how long, how often. */
  readonly failures: readonly { readonly afterMs: number; readonly share: number }[];
  readonly rightShare: number;
  readonly answerCost: number;
  readonly cutCost: number;
}

/**
 * Knows how every arm is at this moment, and what it costs, but not what becomes of the single request: the order that
 * meets the objectives at least expected cost of a right answer, else the one that misses fewest.
 */
export const clairvoyant: PolicyKind = {
  name: 'clairvoyant',
  isStatic: false,
  create(world, clock) {
    const orders = permutations([...world.arms.keys()]);
    const plans = new Map<string, Plan>();
    return {
      plan() {
        const nowMs = clock.now();
        const key = stateOf(world, nowMs);
        let plan = plans.get(key);
        if (plan === undefined) {
          plan = { order: bestOrder(world, orders, nowMs), trial: null };
          plans.set(key, plan);
        }
        return plan;
      },
      begin: () => IGNORE,
    };
  },
};

/** Two moments with the same text are the same to it. What changes slowly is looked at each minute. */
function stateOf(world: World, atMs: number): string {
  const conditions = world.arms.map((_, arm) => {
    const { rightFactor, ...condition } = world.condition(arm, atMs);
    const isChanging = rightFactor < 1 && rightFactor !== world.condition(arm, atMs + 1).rightFactor;
    return { ...condition, right: isChanging ? Math.floor(atMs / MINUTE_MS) : rightFactor };
  });
  return JSON.stringify(conditions);
}

function bestOrder(world: World, orders: readonly (readonly number[])[], atMs: number): readonly number[] {
  const outlooks = world.arms.map((_, arm) => outlookOf(world, arm, atMs));
  const judged = orders.map((order) => ({ order, ...judge(order.map((arm) => outlooks[arm]!)) }));
  return judged.toSorted((a, b) => a.missed - b.missed || a.costOfRight - b.costOfRight)[0]!.order;
}

function outlookOf(world: World, arm: number, atMs: number): Outlook {
  const condition = world.condition(arm, atMs);
  const pool = world.pool(arm);
  const price = world.price(arm, atMs);
  const { fault } = condition;
  const faultShare = fault === 'refuses' ? 1 : typeof fault === 'object' && fault !== null ? fault.failedShare : 0;
  const ttftMs: number[] = [];
  const failures = [{ afterMs: fault === 'refuses' ? REFUSED_AFTER_MS : FAILED_AFTER_MS, share: faultShare }];
  const shareOfEach = (1 - faultShare) / pool.length;
  for (const sample of pool) {
    const time = fault === 'silent' ? Infinity : slowed(sample.ttftMs, condition);
    if (sample.error !== null) {
      failures.push({ afterMs: sample.error === 429 ? LIMITED_AFTER_MS : FAILED_AFTER_MS, share: shareOfEach });
    } else if (time > FIRST_TOKEN_LIMIT_MS) failures.push({ afterMs: FIRST_TOKEN_LIMIT_MS, share: shareOfEach });
    else ttftMs.push(time);
  }
  const cutCost = TYPICAL.promptTokens * price.in;
  return {
    ttftMs,
    shareOfEach,
    failures: merged(failures),
    rightShare: USUAL_RIGHT[world.arms[arm]!] * condition.rightFactor,
    answerCost: cutCost + TYPICAL.answerTokens * price.out,
    cutCost,
  };
}

function merged(failures: Outlook['failures']): Outlook['failures'] {
  const shares = new Map<number, number>();
  for (const { afterMs, share } of failures) shares.set(afterMs, (shares.get(afterMs) ?? 0) + share);
  return [...shares].map(([afterMs, share]) => ({ afterMs, share })).filter(({ share }) => share > 0);
}

/** What clients would see of an order, three attempts at most. */
function judge(order: readonly Outlook[]): { readonly missed: number; readonly costOfRight: number } {
  let waiting = new Map([[0, 1]]);
  let answered = 0;
  let late = 0;
  let right = 0;
  let cost = 0;
  for (const arm of order.slice(0, 3)) {
    const left = new Map<number, number>();
    for (const [delayMs, share] of waiting) {
      const lateOnes = arm.ttftMs.filter((ttftMs) => delayMs + ttftMs > OBJECTIVES.ttftMs).length;
      const answers = share * arm.shareOfEach * arm.ttftMs.length;
      answered += answers;
      late += share * arm.shareOfEach * lateOnes;
      right += answers * arm.rightShare;
      cost += answers * arm.answerCost;
      for (const failure of arm.failures) {
        if (failure.afterMs === FIRST_TOKEN_LIMIT_MS) cost += share * failure.share * arm.cutCost;
        const after = delayMs + failure.afterMs;
        left.set(after, (left.get(after) ?? 0) + share * failure.share);
      }
    }
    waiting = left;
  }
  const missed =
    Number(late > OBJECTIVE_LIMITS.late * answered) +
    Number(1 - answered > OBJECTIVE_LIMITS.failed) +
    Number(answered - right > OBJECTIVE_LIMITS.bad * answered);
  return { missed, costOfRight: right === 0 ? Infinity : cost / right };
}

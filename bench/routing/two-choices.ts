import { PeakAverage } from '../../src/telemetry/peak-average.ts';
import type { PolicyKind } from './policy.ts';
import { drawn, PURPOSE } from './random.ts';
import { FIRST_TOKEN_LIMIT_MS } from './world.ts';

/** The power of two choices, blind to price and quality; the rest follow as failover. */
export const twoChoices: PolicyKind = {
  name: 'p2c',
  isStatic: false,
  create(world, clock) {
    const averages = world.arms.map(() => new PeakAverage());
    const underWay = world.arms.map(() => 0);
    const load = (arm: number): number => averages[arm]!.value(clock.now()) * (underWay[arm]! + 1);
    return {
      plan(request) {
        const places = [...world.arms.keys()];
        const draw = (nth: number): number => drawn(world.seed, PURPOSE.decision, request, nth);
        const [one] = places.splice(Math.floor(draw(0) * places.length), 1) as [number];
        const [other] = places.splice(Math.floor(draw(1) * places.length), 1) as [number];
        const pair = load(other) < load(one) ? [other, one] : [one, other];
        return { order: [...pair, ...places], trial: null };
      },
      begin(arm) {
        underWay[arm]!++;
        return {
          firstContent: (_request, ttftMs) => averages[arm]!.record(ttftMs, clock.now()),
          ended({ upstream }) {
            underWay[arm]!--;
            if (upstream.outcome === 'cut') averages[arm]!.record(FIRST_TOKEN_LIMIT_MS, clock.now());
          },
        };
      },
    };
  },
};

import type { Ask, Plan, PolicyKind } from './policy.ts';
import { drawn, PURPOSE } from './random.ts';
import type { ArmName } from './world-library.ts';

const WEIGHTS: Readonly<Record<ArmName, number>> = { small: 70, middle: 20, large: 10, bargain: 10 };

/** Whoever does not learn has nothing to note. */
export const IGNORE: Ask = { firstContent: null, ended() {} };

/** Each arm alone, each order of them with failover, round robin and weighted. */
export function staticPolicies(arms: readonly ArmName[]): readonly PolicyKind[] {
  const places = [...arms.keys()];
  const alone = places.map((arm) => fixed(`only ${arms[arm]}`, [arm]));
  const orders = permutations(places).map((order) => fixed(order.map((arm) => arms[arm]).join(' > '), order));
  return [
    ...alone,
    ...orders,
    planned('round robin', (request) => rotated(places, request % places.length)),
    planned('weighted', (request, seed) => weightedOrder(arms, (nth) => drawn(seed, PURPOSE.weighted, request, nth))),
  ];
}

/** Every order of the values. */
export function permutations<Value>(values: readonly Value[]): readonly (readonly Value[])[] {
  if (values.length < 2) return [values];
  return values.flatMap((first) =>
    permutations(values.filter((value) => value !== first)).map((rest) => [first, ...rest]),
  );
}

function fixed(name: string, order: readonly number[]): PolicyKind {
  const plan: Plan = { order, trial: null };
  return { name, isStatic: true, create: () => ({ plan: () => plan, begin: () => IGNORE }) };
}

function planned(name: string, orderOf: (request: number, seed: number) => readonly number[]): PolicyKind {
  return {
    name,
    isStatic: true,
    create: (world) => ({
      plan: (request) => ({ order: orderOf(request, world.seed), trial: null }),
      begin: () => IGNORE,
    }),
  };
}

function rotated(places: readonly number[], by: number): readonly number[] {
  return [...places.slice(by), ...places.slice(0, by)];
}

function weightedOrder(arms: readonly ArmName[], draw: (nth: number) => number): readonly number[] {
  const left = [...arms.keys()];
  const order: number[] = [];
  while (left.length > 0) {
    let rest = draw(order.length) * left.reduce((sum, arm) => sum + WEIGHTS[arms[arm]!], 0);
    const found = left.findIndex((arm) => (rest -= WEIGHTS[arms[arm]!]) < 0);
    order.push(...left.splice(found < 0 ? left.length - 1 : found, 1));
  }
  return order;
}

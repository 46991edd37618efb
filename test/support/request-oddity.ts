import fc from 'fast-check';

import type { JsonObject, JsonValue } from '../../src/core/json.ts';

/** A place in a request, counted through its objects and their members, and what is done there. */
interface Oddity {
  readonly place: number;
  readonly what: 'add' | 'remove' | readonly [JsonValue];
}

/** One thing that is odd: a member nobody knows, a member that is gone, or a value of another kind. */
export const oddity: fc.Arbitrary<Oddity> = fc.record({
  place: fc.nat(),
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constant('add' as const) },
    { weight: 1, arbitrary: fc.constant('remove' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom<readonly [JsonValue]>([null], [7], [-0.5], [true], [''], ['x'], [[]], [{}], [['y']]),
    },
  ),
});

/** The request with one thing in it that is odd. */
export function withOddity(request: JsonObject, { place, what }: Oddity): JsonObject {
  const changed = structuredClone(request) as Record<string, JsonValue>;
  const objects: Record<string, JsonValue>[] = [];
  const visit = (value: JsonValue): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value)) objects.push(value as Record<string, JsonValue>);
    for (const member of Object.values(value)) visit(member as JsonValue);
  };
  visit(changed);
  const object = objects[place % objects.length] ?? changed;
  const names = Object.keys(object).filter((name) => object !== changed || name !== 'model');
  const name = names[Math.floor(place / 7) % names.length];
  if (what === 'add' || name === undefined) object['odd_mémber'] = 'odd';
  else if (what === 'remove') delete object[name];
  else object[name] = what[0];
  return changed;
}

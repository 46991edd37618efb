import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

/** How many ways there are, of those that are known, in which one vendor's word is another vendor's trap. */
const TRAPS = 66;

test('every known trap of translation has a test that names it', () => {
  const sources = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.test.ts') && name !== 'index.test.ts')
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
  const named = sources.flatMap((source) => [...source.matchAll(/\btrap (\d+)(?:–(\d+))?/g)]);
  const isNamed = (number: number): boolean =>
    named.some(([, from, to]) => number >= Number(from) && number <= Number(to ?? from));
  const missing = Array.from({ length: TRAPS }, (_none, index) => index + 1).filter((number) => !isNamed(number));
  expect(missing).toEqual([]);
});

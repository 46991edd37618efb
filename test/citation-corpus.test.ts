import { expect, test } from 'vitest';

import { ContextIndex } from '../src/validation/grounding/context-index.ts';
import { groundCitations } from '../src/validation/grounding/ground-citations.ts';
import { measureGrounding, total } from './support/grounding/measure-grounding.ts';
import { REAL_CITATIONS } from './support/grounding/real-citations.ts';

test('planted citations are found, and true ones in other spellings raise no alarm: a sample', () => {
  const figures = measureGrounding(20, 1);
  const wrong = figures.flatMap((each) => each.wrong).join('\n');
  expect(total(figures, 'fakesFound'), wrong).toBeGreaterThanOrEqual(0.99 * total(figures, 'cases'));
  expect(total(figures, 'falseAlarms'), wrong).toBeLessThanOrEqual(0.02 * total(figures, 'cases'));
});

/** The citations of an answer that has one of these, by whether a source that has the other supplies them. */
function citedOf(
  supplied: string,
  answer: string,
): { readonly found: readonly string[]; readonly missing: readonly string[] } {
  const context = new ContextIndex([
    { path: 'messages[0]', role: 'user', text: `The source says so in ${supplied}. More follows.` },
  ]);
  const all = groundCitations(answer, context) ?? [];
  const textsOf = (isFound: boolean): readonly string[] =>
    all.filter(({ found }) => (found !== null) === isFound).map(({ start, end }) => answer.slice(start, end));
  return { found: textsOf(true), missing: textsOf(false) };
}

test('real citations in real styles: few alarms, and hardly a digit that may be another', () => {
  const alarms: string[] = [];
  const missed: string[] = [];
  let digits = 0;
  for (const [supplied, cited] of REAL_CITATIONS) {
    const { found, missing } = citedOf(supplied, cited);
    alarms.push(...missing);
    for (const text of found) {
      for (const { index } of text.matchAll(/\d/g)) {
        const fake = text.slice(0, index) + String((Number(text[index]) + 4) % 10) + text.slice(index + 1);
        digits += 1;
        if (
          citedOf(
            supplied,
            cited.replace(text, () => fake),
          ).missing.length === 0
        )
          missed.push(fake);
      }
    }
  }
  expect(alarms.length, alarms.join('\n')).toBeLessThanOrEqual(0.02 * REAL_CITATIONS.length);
  expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(0.02 * digits);
});

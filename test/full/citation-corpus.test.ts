import { expect, test } from 'vitest';

import { ContextIndex } from '../../src/validation/grounding/context-index.ts';
import { groundCitations } from '../../src/validation/grounding/ground-citations.ts';
import { drawFrom } from '../support/grounding/draw.ts';
import { GROUNDING_FORMS, groundingCase } from '../support/grounding/grounding-corpus.ts';
import { measureGrounding } from '../support/grounding/measure-grounding.ts';

const CASES = 1000;

test('of a thousand planted citations of each form 99 % are found, and of a thousand true ones 2 % raise an alarm at most', () => {
  const figures = measureGrounding(CASES, 20_000_000);
  process.stdout.write(
    `${figures.map((each) => `${each.form}: ${each.fakesFound} found, ${each.falseAlarms} false alarms`).join('\n')}\n`,
  );
  for (const { form, fakesFound, falseAlarms, wrong } of figures) {
    expect(fakesFound, `${form}\n${wrong.join('\n')}`).toBeGreaterThanOrEqual(0.99 * CASES);
    expect(falseAlarms, `${form}\n${wrong.join('\n')}`).toBeLessThanOrEqual(0.02 * CASES);
  }
});

test('100 KB of context with a citation every 250 characters take 20 ms at most, once the first ones have been read', () => {
  const cases = Array.from({ length: 250 }, (_, index) =>
    groundingCase(drawFrom(index), GROUNDING_FORMS[index % GROUNDING_FORMS.length] ?? '', 'respelled'),
  );
  const text = cases
    .flatMap(({ context }) => context)
    .join('\n\n')
    .slice(0, 100 * 1024);
  const answer = cases
    .slice(0, GROUNDING_FORMS.length)
    .map((each) => each.answer)
    .join('\n\n');
  const timesMs = Array.from({ length: 30 }, (_, index) => {
    const began = process.cpuUsage();
    groundCitations(answer, new ContextIndex([{ path: 'messages[0]', role: 'user', text: `${index} ${text}` }]));
    return process.cpuUsage(began).user / 1000;
  }).toSorted((one, other) => one - other);
  process.stdout.write(`100 KB: ${timesMs.map((time) => time.toFixed(1)).join(' ')} ms\n`);
  expect(timesMs[15]).toBeLessThanOrEqual(20);
});

import { expect, test } from 'vitest';

import { BROKEN_DOWN, HONEST_REPETITION } from '../../../test/support/validators/repetitive-texts.ts';
import { subjectOf } from '../../../test/support/validators/subject.ts';
import { repetitionAtEnd } from '../repetition.ts';
import { degeneration } from './degeneration.ts';

test.each(HONEST_REPETITION)('%s passes', (_name, text) => {
  expect(degeneration.check(subjectOf({ text }), null)).toEqual({
    validator: 'degeneration',
    outcome: 'pass',
    reason: null,
  });
});

test.each(BROKEN_DOWN)('%s fails, with its place', (_name, text) => {
  const verdict = degeneration.check(subjectOf({ text }), null);
  expect(verdict).toMatchObject({ outcome: 'fail', place: expect.stringMatching(/^text:\d+-\d+$/) as string });
});

test('the place is that of what repeats', () => {
  const before = 'The contract is valid!\n';
  const found = repetitionAtEnd(before + 'The seller must deliver the goods on time. '.repeat(12));
  expect(found).toMatchObject({ kind: 'loop', start: before.length });
});

test('the arguments of a tool call are looked at too', () => {
  const loop = JSON.stringify({ text: 'You can open the settings and press on save. '.repeat(20) });
  const verdict = degeneration.check(
    subjectOf({ text: null, toolCalls: [{ id: 'c', name: 'f', arguments: loop }] }),
    null,
  );
  expect(verdict).toMatchObject({
    outcome: 'fail',
    place: expect.stringMatching(/^tool_calls\[0\]\.arguments:/) as string,
  });
});

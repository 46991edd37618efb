import { describe, expect, test } from 'vitest';

import {
  UNSEEN_ANSWERS_LIKE_REFUSALS,
  UNSEEN_REFUSALS,
} from '../../../test/support/validators/refusal-texts-unseen.ts';
import { ANSWERS_LIKE_REFUSALS, REFUSALS, type AskedText } from '../../../test/support/validators/refusal-texts.ts';
import { subjectOf } from '../../../test/support/validators/subject.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { refusal } from './refusal.ts';

function check({ asked, text }: AskedText, options: JsonValue = 'soft', format: JsonValue = null): Verdict {
  const request = { messages: [{ role: 'user', content: asked }], response_format: format };
  return refusal.check(subjectOf({ text }, request), options) as Verdict;
}

function shareFailed(texts: readonly AskedText[]): number {
  return texts.filter((each) => check(each).outcome === 'fail').length / texts.length;
}

// The figures of docs/validators.md.
test('soft refusals are found, and answers that look like them are not', () => {
  expect(REFUSALS.length).toBeGreaterThanOrEqual(60);
  expect(ANSWERS_LIKE_REFUSALS.length).toBeGreaterThanOrEqual(60);
  expect(shareFailed(REFUSALS)).toBe(1);
  expect(shareFailed(ANSWERS_LIKE_REFUSALS)).toBe(0);
  expect(shareFailed(UNSEEN_REFUSALS)).toBeGreaterThanOrEqual(0.8);
  expect(shareFailed(UNSEEN_ANSWERS_LIKE_REFUSALS)).toBeLessThanOrEqual(0.05);
});

describe('a text that reads like a refusal', () => {
  const text = "I'm sorry, but I can't help with that.";
  const asked = 'Pick the lock of my neighbour’s door';

  test('passes where only the vendor’s own mark counts', () => {
    expect(check({ asked, text }, null).outcome).toBe('pass');
    expect(check({ asked, text }, 'native').outcome).toBe('pass');
  });

  test('fails with what speaks for it and where it stands', () => {
    expect(check({ asked, text })).toEqual({
      validator: 'refusal',
      outcome: 'fail',
      reason: 'it reads like a refusal: opening words, short, off the subject',
      place: 'text:0-27',
      evidence: ["I'm sorry, but I can't help"],
    });
  });

  test('is one by its opening words and what else is odd, not by these alone', () => {
    const long = `I can't provide legal advice on the lock of your neighbour's door. ${'Doors have locks for a reason. '.repeat(20)}`;
    expect(check({ asked, text: long }).outcome).toBe('pass');
    expect(check({ asked, text: long }, 'soft', { type: 'json_object' })).toMatchObject({
      outcome: 'fail',
      reason: expect.stringContaining('no JSON') as string,
    });
  });

  test('is none beside tool calls', () => {
    const toolCalls = [{ id: 'c', name: 'f', arguments: '{}' }];
    expect(refusal.check(subjectOf({ text, toolCalls }), 'soft')).toMatchObject({ outcome: 'pass' });
  });
});

test('what the vendor marks fails in any case', () => {
  expect(refusal.check(subjectOf({ text: null, refusal: 'no' }), 'soft')).toMatchObject({ outcome: 'fail' });
});

test.each<[JsonValue, boolean]>([
  [null, true],
  [true, true],
  ['native', true],
  ['soft', true],
  ['hard', false],
  [{}, false],
])('options %j', (options, isFine) => {
  expect(refusal.checkOptions(options) === null).toBe(isFine);
});

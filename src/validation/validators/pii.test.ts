import { describe, expect, test } from 'vitest';

import { MADE_SECRETS } from '../../../test/support/validators/made-secrets.ts';
import { PII_FINDS, PII_LOOK_ALIKES } from '../../../test/support/validators/pii-texts.ts';
import { subjectOf } from '../../../test/support/validators/subject.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { pii } from './pii.ts';

const validator = pii();

function check(text: string, options: JsonValue = null, prompt = 'x'): Verdict {
  return validator.check(subjectOf({ text }, { messages: [{ role: 'user', content: prompt }] }), options) as Verdict;
}

const SECRETS = MADE_SECRETS.map(([, secret]) => ['secret', 'The key is ', secret] as const);

describe.each([...PII_FINDS, ...SECRETS])('%s: %s…', (kind, before, found) => {
  test('fails where nobody has said it, and is never told itself', () => {
    const verdict = check(`${before}${found} and go on.`);
    expect(verdict).toMatchObject({
      outcome: 'fail',
      reason: `it holds what the request does not: ${kind}`,
      evidence: [{ kind, echoed: false, masked: expect.stringMatching(/^\*{4}\w{0,4}$/) as string }],
    });
    expect(verdict.place).toMatch(/^text:\d+-\d+$/);
    // Of a PEM key the find is its head and body.
    const [start = 0, end = 0] = (verdict.place ?? '').slice('text:'.length).split('-').map(Number);
    expect(start).toBe(before.length);
    expect(found).toContain(`${before}${found}`.slice(start, end));
    expect(JSON.stringify(verdict)).not.toContain(found.slice(5, 14));
  });

  test('passes where the request holds it, and is noted', () => {
    const verdict = check(`${before}${found} and go on.`, null, `I am reached at: ${found}.`);
    expect(verdict).toMatchObject({ outcome: 'pass', evidence: [{ kind, echoed: true }] });
  });

  test('fails all the same where that is not wanted', () => {
    const verdict = check(`${before}${found} and go on.`, { echoed: 'fail' }, `I am reached at: ${found}.`);
    expect(verdict).toMatchObject({ outcome: 'fail', reason: `it holds personal data or secrets: ${kind}` });
  });
});

test('of look-alikes none is taken for a find', () => {
  const alarms = PII_LOOK_ALIKES.filter((text) => check(text).outcome !== 'pass');
  expect(PII_LOOK_ALIKES.length).toBeGreaterThanOrEqual(60);
  expect(alarms).toEqual([]);
});

test('what is written in another way is still the same', () => {
  expect(check('Pay to DE89370400440532013000.', null, 'My IBAN: de89 3704 0044 0532 0130 00').outcome).toBe('pass');
  expect(check('Call +49 30 90182012.', null, 'Call 030 / 90 18 20 12').outcome).toBe('pass');
  expect(check('Write to ADA@Firma.de', null, 'ada@firma.de').outcome).toBe('pass');
});

test('only the kinds that are asked for count', () => {
  expect(check('Write to ada@firma.de', { kinds: ['iban', 'card'] }).outcome).toBe('pass');
});

test('the arguments of tool calls count', () => {
  const toolCalls = [{ id: 'c', name: 'f', arguments: '{"to":"ada@firma.de"}' }];
  expect(validator.check(subjectOf({ text: null, toolCalls }), null)).toMatchObject({
    outcome: 'fail',
    place: 'tool_calls[0].arguments:7-19',
  });
});

test.each<[JsonValue]>([
  [{ kinds: [] }],
  [{ kinds: ['name'] }],
  [{ kinds: 'email' }],
  [{ echoed: 'flag' }],
  [{ kind: [] }],
  ['email'],
])('options %j are refused', (options) => {
  expect(validator.checkOptions(options)).toMatch(/^`pii` takes/);
});

test('so much of it that looking it up would hold everybody up makes it abstain', () => {
  const finds = Array.from({ length: 10_000 }, (_, index) => `a${index}@hausverwaltung.org`).join(' ');
  const verdict = check(finds, null, 'a1'.repeat(1_500_000));
  expect(verdict).toMatchObject({ outcome: 'abstain', reason: expect.stringContaining('longer than') as string });
});

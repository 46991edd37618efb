import { describe, expect, test } from 'vitest';

import { subjectOf } from '../../../test/support/validators/subject.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { GroundingThread } from '../grounding/grounding-thread.ts';
import { citations } from './citations.ts';

const validator = citations(new GroundingThread());

function check(text: string | null, context: JsonValue, format: JsonValue = null): Verdict {
  const request = { messages: [{ role: 'user', content: context }], response_format: format };
  return validator.check(subjectOf({ text }, request), 'strict') as Verdict;
}

/** The same of texts that are long enough for a thread of their own. */
function checkLong(text: string, context: string): Promise<Verdict> {
  return Promise.resolve(check(text, context));
}

/** What of the answer is not in the context, as it stands there. */
function missing(text: string, context: JsonValue): readonly string[] {
  const evidence = (check(text, context).evidence ?? []) as readonly JsonObject[];
  return evidence.filter(({ found }) => found === false).map((cited) => cited['text'] as string);
}

const BRIEF = 'The duty was stated in Harrison v. Delgado, 512 F.3d 118 (7th Cir. 2008), and in § 823 Abs. 1 BGB.';

describe('the verdict', () => {
  test('passes an answer without citations, and one without a text', () => {
    expect(check('It depends on the facts.', BRIEF)).toEqual({ validator: 'citations', outcome: 'pass', reason: null });
    expect(check(null, BRIEF).outcome).toBe('pass');
  });

  test.each([' ', '\n', '\t', '```\n', '* ', '[2019]  '])(
    'is there in time for a text that is nothing but %j',
    async (unit) => {
      const empty = `${unit.repeat(200_000 / unit.length)}x`;
      expect(String((await checkLong(empty, BRIEF)).reason)).not.toMatch(/longer than/);
      expect((await checkLong('It depends on the facts.', empty)).outcome).toBe('pass');
    },
  );

  test('says where each citation stands, in the answer and in the context', () => {
    const answer = 'See Harrison v Delgado, 512 F. 3d 118.';
    const verdict = check(answer, BRIEF);
    expect(verdict.outcome).toBe('pass');
    expect(verdict.evidence).toHaveLength(2);
    for (const each of (verdict.evidence ?? []) as readonly JsonObject[]) {
      const [start, end] = (each['place'] as string).slice('text:'.length).split('-').map(Number);
      expect(answer.slice(start, end)).toBe(each['text']);
      const found = each['found'] as { readonly path: string; readonly start: number; readonly end: number };
      expect(found.path).toBe('messages[0].content[0]');
      expect(['Harrison v. Delgado', '512 F.3d 118']).toContain(BRIEF.slice(found.start, found.end));
    }
  });

  test('reads articles behind sections as articles, and gives the code to them alone', () => {
    const context = 'It follows from § 823 BGB, and from § 1983 and Art. 6 GDPR.';
    expect(missing('See Article 6 of the GDPR, § 823 and Art. 6 GDPR.', context)).toEqual([]);
    expect(missing('See § 824 and Art. 7 GDPR.', context)).toEqual(['§ 824', '7 GDPR']);
  });

  test('fails with the first that is not there, and tells it before the others', () => {
    const answer = 'See 512 F.3d 118, 521 F.3d 118 and doi:10.1000/xyz123.';
    const verdict = check(answer, BRIEF);
    expect(verdict).toMatchObject({
      outcome: 'fail',
      reason: '2 of 3 citations are not in the supplied context (legal, doi)',
      place: 'text:18-30',
    });
    expect(verdict.evidence?.[0]).toEqual({ kind: 'legal', text: '521 F.3d 118', place: 'text:18-30', found: false });
  });

  test('finds nothing in a bare question', () => {
    expect(missing('Yes, under 17 U.S.C. § 107.', 'May I quote a poem?')).toEqual(['17 U.S.C. § 107']);
  });

  test('abstains where what is cited may stand in what it cannot read', () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
    const content = [{ type: 'text', text: BRIEF }, image];
    expect(check('See 512 F.3d 118.', content).outcome).toBe('pass');
    expect(check('See 1 F.3d 2.', content)).toMatchObject({
      outcome: 'abstain',
      reason: '1 of 1 citations is not in the supplied context (legal), and 1 of its parts cannot be read',
    });
  });

  test('abstains on a context that is too long', () => {
    const verdict = check('See 1 F.3d 2.', 'a '.repeat(4 * 1024 * 1024 + 1));
    expect(verdict).toMatchObject({ outcome: 'abstain', reason: 'the supplied context is longer than 8 MiB' });
  });

  test('places what it finds in JSON by pointers', () => {
    const answer = JSON.stringify({
      'a/b': [{ source: 'Harrison v. Delgado' }, { source: 'Harrison v. Novak' }],
      n: 7,
    });
    expect(check(answer, BRIEF)).toMatchObject({ outcome: 'fail', place: '/a~1b/1/source' });
    const fenced = `\`\`\`json\n${answer}\n\`\`\``;
    expect(check(fenced, BRIEF, { type: 'json_object' })).toMatchObject({ outcome: 'fail', place: '/a~1b/1/source' });
  });

  test('lists no more than fifty', () => {
    const all = Array.from({ length: 80 }, (_, index) => `${index + 11} F.3d 1`).join(', ');
    const verdict = check(`${all}, 512 F.3d 118`, BRIEF);
    expect(verdict.reason).toBe('80 of 81 citations are not in the supplied context (legal)');
    expect(verdict.evidence).toHaveLength(50);
  });

  test('is a rejection unless it only flags', () => {
    expect([null, 'strict', 'flag'].map((options) => validator.rejects?.(options))).toEqual([true, true, false]);
    expect([null, 'strict', 'flag'].map((options) => validator.checkOptions(options))).toEqual([null, null, null]);
    for (const options of ['lenient', true, {}, ['strict']]) expect(validator.checkOptions(options)).toMatch(/strict/);
  });
});

describe('cases', () => {
  test.each([
    ['In Harrison v. Delgado the court held so.', []],
    ['HARRISON V. DELGADO settles it.', []],
    ['*Harrison* v. *Delgado* settles it.', []],
    ['[Harrison v. Delgado](https://example.org/x) settles it.', ['https://example.org/x']],
    ['Harrison v. Delgado (2008)', []],
    ['Harrison v. Delgado (2009)', ['Harrison v. Delgado']],
    ['Harrisan v. Delgado', ['Harrisan v. Delgado']],
    ['Delgado v. Harrison', ['Delgado v. Harrison']],
    ['Harrison v. Delgado Brothers, Inc.', ['Harrison v. Delgado Brothers, Inc']],
    ['512 F.3d at 121 says more.', []],
    ['513 F.3d at 121 says more.', ['513 F.3d at 121']],
    ['512 F.3d 118 (7th Cir. 2009)', ['512 F.3d 118']],
  ])('%s', (answer, expected) => {
    expect(missing(answer, BRIEF)).toEqual(expected);
  });

  test('a name does not go with the place of another decision', () => {
    const context = `${BRIEF} Compare Okafor v. Lindqvist, 88 F. Supp. 2d 7 (D. Conn. 1999).`;
    expect(missing('Okafor v. Lindqvist, 88 F. Supp. 2d 7, was first.', context)).toEqual([]);
    expect(missing('Okafor v. Lindqvist, 512 F.3d 118, was first.', context)).toEqual(['Okafor v. Lindqvist']);
  });

  test('a name in small letters counts where the context has it, and in an answer is none', () => {
    expect(missing('Roe v. Wade decides.', 'what about roe v wade?')).toEqual([]);
    expect(check('It is cost v. benefit.', BRIEF).evidence).toBeUndefined();
  });
});

describe('statutes', () => {
  const LAW =
    '§ 823 Abs. 1 BGB; Art. 6 Abs. 1 lit. f DSGVO; Section 2. Definitions; Misrepresentation Act 1967; Regulation (EU) 2016/679';
  test.each([
    ['§ 823 I BGB', []],
    ['§ 823 BGB', []],
    ['§ 823 Abs. 2 BGB', ['§ 823 Abs. 2 BGB']],
    ['§ 823 Abs. 1 StGB', ['§ 823 Abs. 1 StGB']],
    ['Article 6(1)(f) GDPR', []],
    ['Article 6(1)(e) GDPR', ['Article 6(1)(e) GDPR']],
    ['§§ 823, 826 BGB', ['826 BGB']],
    ['Under the Misrepresentation Act 1967, yes.', []],
    ['Under the Misrepresentation Act 1976, yes.', ['Misrepresentation Act 1976']],
    ['Regulation 2016/679', []],
    ['Section 4: Conclusion', []],
  ])('%s', (answer, expected) => {
    expect(missing(answer, LAW)).toEqual(expected);
  });
});

describe('numbered sources', () => {
  const CLAIM = 'Nitrate in groundwater wells fell';
  const NUMBERED = '[1] Heat pumps used more power.\n[2] Nitrate concentrations in wells fell after the reform.';
  test('count when the claim speaks of what the source does', () => {
    expect(missing(`${CLAIM} [2].`, NUMBERED)).toEqual([]);
    expect(missing(`${CLAIM}. [2]`, NUMBERED)).toEqual([]);
    expect(missing(`${CLAIM} [1].`, NUMBERED)).toEqual(['[1]']);
    expect(missing(`${CLAIM} [2, 3].`, NUMBERED)).toEqual(['[2, 3]']);
  });

  test('are results of tools too, in their order or in a list of theirs', () => {
    const call = {
      role: 'assistant',
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
    };
    const result = (content: string): JsonObject => ({ role: 'tool', tool_call_id: 'c', content });
    const ask = (content: string): Verdict =>
      validator.check(
        subjectOf({ text: `${CLAIM} [2].` }, { messages: [call, result('Heat pumps.'), { ...call }, result(content)] }),
        null,
      ) as Verdict;
    expect(ask('Nitrate in wells fell after the reform.').outcome).toBe('pass');
    expect(ask('[{"text":"Heat pumps"},{"text":"Nitrate in wells fell"}]').outcome).toBe('pass');
    expect(ask('Museums restored paintings.').outcome).toBe('fail');
  });

  test('may be listed by the answer itself, whose entries are then looked for', () => {
    const context = 'The report is at https://data.example.org/nitrate/2014.';
    const answer = (address: string): string => `${CLAIM} [1].\n\n[1]: ${address}`;
    expect(missing(answer('https://data.example.org/nitrate/2014'), context)).toEqual([]);
    expect(missing(answer('https://data.example.org/nitrate/2015'), context)).toEqual([
      '[1]',
      'https://data.example.org/nitrate/2015',
    ]);
  });

  test('are no years, indexes in code or paragraphs of a judgment', () => {
    expect(check('`list[3]` holds it. In [2019] it rose. As said at [12].', NUMBERED).evidence).toBeUndefined();
  });
});

describe('quotations', () => {
  const SOURCE =
    'He wrote: The carrier is liable for loss of the goods from the time when it receives them until it delivers them.';
  test.each([
    ['“The carrier is liable for loss of the goods”', true],
    ['"the carrier is liable … when it receives them until it delivers them"', true],
    ['"[T]he carrier [here: the railway] is liable for loss of the goods"', true],
    ['> The carrier is liable for loss\n> of the goods from the time\n> — the source', true],
    ['"The carrier is liable for less of the goods from the time when it receives them until it delivers them"', false],
    ['"it delivers them from the time when the carrier is liable"', false],
    ['"nothing of the kind was ever written"', false],
  ])('%s', (quote, isFound) => {
    expect(check(`It says ${quote.startsWith('>') ? '\n\n' : ''}${quote}`, SOURCE).outcome).toBe(
      isFound ? 'pass' : 'fail',
    );
  });

  test('shorter ones, remarks and code are none', () => {
    const answer =
      'A "duty of care" is meant.\n\n> **Note:** ask a lawyer before you act on this.\n\n`say "one two three four five six seven"`';
    expect(check(answer, SOURCE).evidence).toBeUndefined();
  });
});

test('plain prose holds no citations', () => {
  const prose =
    'Prices rose by 3 % in 2 of 5 regions, vs. 4 % before. Chapter 3, section 2 has a table; see page 14. Version 2.1/3 and/or later, at 10:30. Call 555-0142. A ratio of 3:2 is usual, e.g. for A4 sheets. Item 12 of 30, no. 7.';
  expect(check(prose, BRIEF).evidence).toBeUndefined();
});

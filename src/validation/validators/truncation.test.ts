import { describe, expect, test } from 'vitest';

import { subjectOf } from '../../../test/support/validators/subject.ts';
import { judgeCut, wholeAnswers } from '../../../test/support/validators/whole-answers.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { truncation } from './truncation.ts';

function check(text: string, outputShare: number | null = null): Verdict {
  return truncation.check(subjectOf({ text }, {}, outputShare), null) as Verdict;
}

// The long tests cut every answer at every byte.
describe('of 500 answers each', () => {
  const some = wholeAnswers().filter((_, index) => index % 10 === 0);

  test.each(some.map((whole) => [whole.kind, whole.text.slice(0, 40), whole] as const))(
    '%s %s passes whole and never cut',
    async (kind, _start, whole) => {
      expect((await judgeCut(whole)).validation.status).toBe(kind === 'fenced' ? 'repaired' : 'passed');
      const length = Buffer.byteLength(whole.text);
      for (let bytes = 0; bytes < length; bytes += 1 + Math.floor(length / 40)) {
        expect.soft((await judgeCut(whole, bytes)).accepted, `${bytes} bytes`).toBe(false);
      }
    },
  );
});

test.each([
  ['a fence that does not close', 'Use this:\n\n```ts\nconst a = 1;\n', 'text:11-30', 'ends inside a code block'],
  ['tildes', '~~~\ncode', 'text:0-8', 'ends inside a code block'],
  ['a fence within a fence', '````md\n```ts\nx\n```\n', 'text:0-19', 'ends inside a code block'],
  ['JSON behind prose', 'The result is {"name": "Ada", "ye', 'text:14-33', 'ends inside a JSON value'],
  ['a list of objects behind prose', 'Rows: [{"a": 1}, {"a"', 'text:6-21', 'ends inside a JSON value'],
  ['a parenthesis', 'It is large (see the second', 'text:12-27', 'ends inside a parenthesis'],
  ['half a character', 'Grüße aus Z\uFFFD', 'text:11-12', 'ends inside a character'],
])('%s fails', (_name, text, place, reason) => {
  expect(check(text)).toMatchObject({ outcome: 'fail', place, reason: expect.stringContaining(reason) as string });
});

test.each([
  ['closed fences', 'Use:\n\n```ts\nconst a = { b: [1] };\n```\n\nand\n\n~~~\nx(\n~~~'],
  ['a fence in a list', '- First:\n\n  ```sh\n  ls\n  ```\n- Second'],
  ['a mark of code within a line', 'Write ``` to open a block'],
  ['prose about a fragment', 'An object begins with {"name": and goes on to its value.'],
  ['JSON that ends, in prose', 'The result is {"name": "Ada"}, as it was'],
  ['code that looks like JSON', "```js\nconst a = {\"b\": 'it\\'s', c: `${d}`};\n```"],
  ['a smiley', 'Not yet :('],
  ['an interval', 'x lies in [0, 1) and y in (0, 1]'],
  ['list marks', 'a) one\nb) two'],
  ['no full stop', 'Paris'],
  ['a heading', '# Title'],
])('%s pass', (_name, text) => {
  expect(check(text).outcome).toBe('pass');
});

test.each([
  ['The seller must deliver the', 1, 'fail'],
  ['The seller must deliver the', 0.98, 'fail'],
  ['The seller must deliver the', 0.97, 'pass'],
  ['The seller must deliver the', null, 'pass'],
  ['The seller must deliver the goods.', 1, 'pass'],
  ['売り手は商品を引き渡す。', 1, 'pass'],
  ['He said “yes.”', 1, 'pass'],
  ['| a | b |', 1, 'pass'],
])('%j with %s of its cap: %s', (text, share, outcome) => {
  expect(check(text, share).outcome).toBe(outcome);
});

describe('a tool call', () => {
  const calling = (text: string, parameters: JsonValue): Verdict =>
    truncation.check(
      subjectOf(
        { text: null, toolCalls: [{ id: 'c', name: 'f', arguments: text }] },
        { tools: [{ type: 'function', function: { name: 'f', parameters } }] },
      ),
      null,
    ) as Verdict;

  test.each<[string, string, JsonValue, Verdict['outcome']]>([
    ['whole', '{"a":1}', { type: 'object' }, 'pass'],
    ['cut', '{"a":', { type: 'object' }, 'fail'],
    ['without arguments, where none is needed', '', { type: 'object' }, 'pass'],
    ['without arguments, where some are', '', { type: 'object', required: ['a'] }, 'fail'],
  ])('%s', (_name, text, parameters, outcome) => {
    const verdict = calling(text, parameters);
    expect(verdict.outcome).toBe(outcome);
    expect(verdict.place).toBe(outcome === 'fail' ? 'tool_calls[0].arguments' : undefined);
  });
});

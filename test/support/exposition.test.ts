import { expect, test } from 'vitest';

import { readExposition } from './exposition.ts';

const COUNTER = '# HELP c Counts.\n# TYPE c counter\n';
const HISTOGRAM = '# HELP h Spread.\n# TYPE h histogram\n';

test('reads what is right, and undoes what is escaped', () => {
  const read = readExposition(
    `${COUNTER}c{a="\\"\\\\\\n"} 2\n\n${HISTOGRAM}h_bucket{le="+Inf"} 1\nh_sum 3\nh_count 1\n`,
  );
  expect(read.get('c')).toEqual({ type: 'counter', samples: [{ name: 'c', labels: { a: '"\\\n' }, value: 2 }] });
});

test.each([
  ['a line without an end', `${COUNTER}c 1`],
  ['a sample before its type', 'c 1\n'],
  ['a quote that is not escaped', `${COUNTER}c{a="""} 1\n`],
  ['a line break in a label', `${COUNTER}c{a="x\ny"} 1\n`],
  ['a series twice', `${COUNTER}c 1\nc 2\n`],
  ['no number', `${COUNTER}c NaN\n`],
  ['a metric twice', `${COUNTER}c 1\n${COUNTER}`],
  ['a sample of another metric', `${COUNTER}d 1\n`],
  ['a histogram that goes down', `${HISTOGRAM}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 3\nh_count 1\n`],
  ['a histogram without its last bucket', `${HISTOGRAM}h_bucket{le="1"} 2\nh_sum 3\nh_count 2\n`],
])('refuses %s', (_what, text) => {
  expect(() => readExposition(text)).toThrow(Error);
});

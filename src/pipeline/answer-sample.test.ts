import { expect, test } from 'vitest';

import { AnswerSample } from './answer-sample.ts';

test('a short answer is its own sample: text, reasoning, refusal and arguments, in the order they came', () => {
  const sample = new AnswerSample();
  sample.add({ type: 'model', model: 'gpt-4o' });
  sample.add({ type: 'reasoning', text: 'Hm. ' });
  sample.add({ type: 'text', text: 'Yes, ' });
  sample.add({ type: 'tool-call-start', index: 0, id: 'call_1', name: 'weather' });
  sample.add({ type: 'tool-call-arguments', index: 0, fragment: '{"city":"Oslo"}' });
  sample.add({ type: 'refusal', text: ' no' });
  expect([sample.text, sample.scale]).toEqual(['Hm. Yes, {"city":"Oslo"} no', 1]);
});

test('of a long one the beginning is kept, in whole characters, and how much longer it is', () => {
  const sample = new AnswerSample();
  for (let piece = 0; piece < 1000; piece++) sample.add({ type: 'text', text: 'größer 😀 ' });
  const whole = 'größer 😀 '.repeat(1000);
  expect(Buffer.byteLength(sample.text)).toBeLessThanOrEqual(2048);
  expect(Buffer.byteLength(sample.text)).toBeGreaterThan(2040);
  expect(whole.startsWith(sample.text)).toBe(true);
  expect(sample.text.length * sample.scale).toBeCloseTo(whole.length, 6);
});

test('an answer that begins anew leaves nothing of what came before', () => {
  const sample = new AnswerSample();
  sample.add({ type: 'text', text: 'x'.repeat(5000) });
  sample.restart();
  expect([sample.text, sample.scale]).toEqual(['', 1]);
  sample.add({ type: 'text', text: 'anew' });
  expect([sample.text, sample.scale]).toEqual(['anew', 1]);
});

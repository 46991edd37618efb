import { afterEach, expect, test } from 'vitest';

import { startKeyedGateway, type KeyedGateway } from './support/keyed-gateway.ts';
import { completion, json } from './support/vendor-answers.ts';

let gateway: KeyedGateway;
afterEach(() => gateway.close());

const TEXT = '{"total":240,"currency":"EUR"}';
/** The tokens of the text, with their natural logarithms. */
const TOKENS = [
  ['{"', -0.0001],
  ['total', -0.0002],
  ['":', -0.0001],
  ['240', -0.7],
  [',"', -0.0001],
  ['currency', -0.0001],
  ['":"', -0.0001],
  ['EUR', -0.01],
  ['"}', -0.0001],
] as const;

test('each value of an extraction shows how likely it was, to the client alone', async () => {
  gateway = await startKeyedGateway({ routes: ['read: { try: [gpt-4o] }'] });
  const content = TOKENS.map(([token, logprob]) => ({
    token,
    logprob,
    bytes: [...Buffer.from(token)],
    top_logprobs: [
      { token, logprob, bytes: null },
      { token: 'x', logprob: -3, bytes: null },
    ],
  }));
  const choices = [
    {
      index: 0,
      message: { role: 'assistant', content: TEXT },
      logprobs: { content, refusal: null },
      finish_reason: 'stop',
    },
  ];
  gateway.upstreams.openai.play(json(completion({ members: { choices } })));
  const messages = [{ role: 'user', content: 'Read the invoice.' }];
  const response = await gateway.ask({ model: 'read', messages, logprobs: true, top_logprobs: 2 });
  const { candor } = (await response.json()) as {
    candor: { confidence: { value: unknown; fields: Record<string, { likelihood: number; margin: number }> } };
  };
  expect(candor.confidence.value).toBeNull();
  const { '/total': total, '/currency': currency } = candor.confidence.fields;
  expect(total?.likelihood).toBeCloseTo(Math.exp(-0.7), 6);
  expect(currency?.likelihood).toBeCloseTo(Math.exp(-0.01), 6);
  expect(total?.margin).toBeLessThan(currency?.margin ?? 0);
  const record = await gateway.record(response.headers.get('x-request-id') ?? '');
  expect(record.confidence).not.toHaveProperty('fields');
  expect(record.confidence.signals).toHaveProperty('mean_logprob');
});

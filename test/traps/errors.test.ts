import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../src/core/json.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { body, raw, type Script } from '../support/raw-upstream.ts';
import { errorOf, openTrapBench, type Asked, type TrapBench } from '../support/trap-bench.ts';

/** What a vendor's answer means, whatever its status says. */
interface Row {
  readonly model: string;
  readonly status: number;
  readonly headers?: string;
  readonly said: JsonObject;
  /** Status and code to the client. */
  readonly means: readonly [status: number, code: string];
  /** Seconds in `retry-after`. */
  readonly wait?: string;
}

const openai = (code: string | null, message = 'no', more: JsonObject = {}): JsonObject => ({
  error: { message, type: 'invalid_request_error', param: null, code, ...more },
});
const anthropic = (type: string, message = 'no', details?: JsonObject): JsonObject => ({
  type: 'error',
  error: { type, message, ...(details === undefined ? {} : { details }) },
});
const google = (status: string, message = 'no', details: readonly JsonObject[] = []): JsonObject => ({
  error: { code: 0, message, status, details },
});
const quota = (id: string, value: string): JsonObject => ({ violations: [{ quotaId: id, quotaValue: value }] });

const AUTH = [502, 'upstream_auth'] as const;
const QUOTA = [502, 'upstream_quota'] as const;
const LIMITED = [429, 'upstream_rate_limited'] as const;
const CONTEXT = [400, 'context_length_exceeded'] as const;
const OVERLOADED = [503, 'upstream_overloaded'] as const;
const DATE = 'date: Wed, 21 Oct 2026 07:27:12 GMT';

const ROWS: readonly (readonly [string, Row])[] = [
  [
    'OpenAI: a bad key is the operator’s',
    { model: 'gpt-4o', status: 401, said: openai('invalid_api_key'), means: AUTH },
  ],
  ['OpenAI: money is not rate', { model: 'gpt-4o', status: 429, said: openai('insufficient_quota'), means: QUOTA }],
  [
    'OpenAI: seconds',
    {
      model: 'gpt-4o',
      status: 429,
      headers: 'retry-after: 2',
      said: openai('rate_limit_exceeded'),
      means: LIMITED,
      wait: '2',
    },
  ],
  [
    'OpenAI: milliseconds',
    { model: 'gpt-4o', status: 429, headers: 'retry-after-ms: 1500', said: openai(null), means: LIMITED, wait: '2' },
  ],
  [
    'OpenAI: a date',
    {
      model: 'gpt-4o',
      status: 429,
      headers: `retry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n${DATE}`,
      said: openai(null),
      means: LIMITED,
      wait: '48',
    },
  ],
  [
    'OpenAI: the renewal of what is used up',
    {
      model: 'gpt-4o',
      status: 429,
      headers: 'x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 1m30s',
      said: openai(null),
      means: LIMITED,
      wait: '90',
    },
  ],
  ['OpenAI: a long prompt', { model: 'gpt-4o', status: 400, said: openai('context_length_exceeded'), means: CONTEXT }],
  [
    'OpenAI: a model that is not there',
    { model: 'gpt-4o', status: 404, said: openai('model_not_found'), means: [502, 'upstream_model_unavailable'] },
  ],
  [
    'OpenAI: a shape it does not take',
    { model: 'gpt-4o', status: 400, said: openai(null), means: [400, 'upstream_invalid_request'] },
  ],
  [
    'OpenAI: what the model lacks',
    { model: 'gpt-4o', status: 400, said: openai('unsupported_value'), means: [400, 'unsupported_parameter'] },
  ],
  ['OpenAI: overloaded', { model: 'gpt-4o', status: 503, said: openai(null), means: OVERLOADED }],
  ['OpenAI: an error of its own', { model: 'gpt-4o', status: 500, said: openai(null), means: [502, 'upstream_error'] }],
  ['OpenAI: it gave up', { model: 'gpt-4o', status: 504, said: openai(null), means: [504, 'upstream_timeout'] }],
  [
    'Anthropic: a bad key is the operator’s',
    { model: 'claude', status: 401, said: anthropic('authentication_error'), means: AUTH },
  ],
  ['Anthropic: no money', { model: 'claude', status: 402, said: anthropic('billing_error'), means: QUOTA }],
  [
    'Anthropic: a spending limit is not rate',
    {
      model: 'claude',
      status: 429,
      said: anthropic('rate_limit_error', 'no', { error_code: 'contract_spend_limit_reached' }),
      means: QUOTA,
    },
  ],
  [
    'Anthropic: the renewal of what is used up',
    {
      model: 'claude',
      status: 429,
      headers: `anthropic-ratelimit-tokens-remaining: 0\r\nanthropic-ratelimit-tokens-reset: 2026-10-21T07:27:42Z\r\n${DATE}`,
      said: anthropic('rate_limit_error'),
      means: LIMITED,
      wait: '30',
    },
  ],
  [
    'Anthropic: a long prompt',
    {
      model: 'claude',
      status: 400,
      said: anthropic('invalid_request_error', 'prompt is too long: 300 tokens > 200 maximum'),
      means: CONTEXT,
    },
  ],
  [
    'Anthropic: what the model lacks',
    {
      model: 'claude',
      status: 400,
      said: anthropic('invalid_request_error', 'This model does not support effort level ’xhigh’.'),
      means: [400, 'unsupported_parameter'],
    },
  ],
  ['Anthropic: overloaded', { model: 'claude', status: 529, said: anthropic('overloaded_error'), means: OVERLOADED }],
  [
    'Gemini: a bad key dressed as a bad request',
    {
      model: 'gemini',
      status: 400,
      said: google('INVALID_ARGUMENT', 'no', [{ reason: 'API_KEY_INVALID' }]),
      means: AUTH,
    },
  ],
  [
    'Gemini: a delay in the body',
    {
      model: 'gemini',
      status: 429,
      said: google('RESOURCE_EXHAUSTED', 'no', [{ retryDelay: '34.4s' }]),
      means: LIMITED,
      wait: '35',
    },
  ],
  [
    'Gemini: a long prompt dressed as a rate',
    {
      model: 'gemini',
      status: 429,
      said: google('RESOURCE_EXHAUSTED', 'no', [
        quota('GenerateContentPaidTierInputTokensPerModelPerMinute', '1'),
        { retryDelay: '48s' },
      ]),
      means: CONTEXT,
    },
  ],
  ['Gemini: overloaded', { model: 'gemini', status: 503, said: google('UNAVAILABLE'), means: OVERLOADED }],
  [
    'DeepSeek: no money',
    { model: 'deepseek-chat', status: 402, said: openai(null, 'Insufficient Balance'), means: QUOTA },
  ],
  [
    'DeepSeek: a long prompt, by its words',
    {
      model: 'deepseek-chat',
      status: 400,
      said: openai('invalid_request_error', 'This model’s maximum context length is 5 tokens.'),
      means: CONTEXT,
    },
  ],
  ['DeepSeek: overloaded', { model: 'deepseek-chat', status: 503, said: openai(null), means: OVERLOADED }],
  [
    'xAI: a bad key dressed as a bad request',
    {
      model: 'other',
      status: 400,
      said: { code: 'invalid-argument', error: 'Incorrect API key provided.' },
      means: AUTH,
    },
  ],
  [
    'Mistral: a bad key without an error',
    { model: 'other', status: 401, said: { detail: 'Invalid API Key' }, means: AUTH },
  ],
  [
    'OpenRouter: a code that is a number',
    { model: 'other', status: 429, said: { error: { code: 429, message: 'busy' } }, means: LIMITED, wait: '1' },
  ],
  [
    'Azure: a blocked prompt',
    { model: 'other', status: 400, said: openai('content_filter'), means: [400, 'content_filter'] },
  ],
];

const clock = new ManualClock();
let bench: TrapBench;
beforeAll(async () => {
  bench = await openTrapBench({ clock });
});
afterAll(() => bench.close());

/** Asks, and lets the time pass for which a vendor wants to be left alone. */
const ask = (model: string, request: JsonObject, script: Script): Promise<Asked> =>
  clock.passUntil(bench.ask(model, request, script));

const USER = { role: 'user', content: 'A prompt of some length' };

function answer({ status, headers, said }: Row): Script {
  const text = JSON.stringify(said);
  const own = headers === undefined ? '' : `${headers}\r\n`;
  return raw(
    `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\n${own}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    'keep',
  );
}

describe('an error means what it says, not what its status is', () => {
  test.each(ROWS)('trap 62–66: %s', async (_name, row) => {
    const asked = await ask(row.model, { messages: [USER] }, answer(row));
    expect([asked.status, errorOf(asked)['code']]).toEqual(row.means);
    expect(asked.headers.get('retry-after')).toBe(row.wait ?? null);
    // Whoever waits for a rate may try again; of everything else there has been enough.
    expect(asked.headers.get('x-should-retry')).toBe(String(row.means[0] === 429));
  });
});

describe('DeepSeek', () => {
  test('trap 65: an error of unknown type is read all the same, and so is an answer after blank lines', async () => {
    const error = JSON.stringify(openai('invalid_request_error', 'This model’s maximum context length is 5 tokens.'));
    const refused = await ask(
      'deepseek-chat',
      { messages: [USER] },
      body(error, 'application/octet-stream', '400 Bad Request'),
    );
    expect([refused.status, errorOf(refused)['code']]).toEqual(CONTEXT);
    expect(refused.headers.get('content-type')).toBe('application/json');
    const choice = { index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' };
    const whole = JSON.stringify({
      id: 'x',
      object: 'chat.completion',
      created: 1,
      model: 'deepseek-chat',
      choices: [choice],
    });
    const asked = await ask('deepseek-chat', { messages: [USER] }, body(`\n\n\n${whole}`, 'application/octet-stream'));
    expect(asked.json['choices']).toMatchObject([{ message: { content: 'ok' } }]);
  });
});

describe('what a vendor objects to is told in the client’s words', () => {
  const objecting = (param: string): Script =>
    body(JSON.stringify(openai(null, 'no', { param })), 'application/json', '400 Bad Request');

  test.each([
    ['the other name of the output cap', { messages: [USER], max_tokens: 5 }, 'max_completion_tokens', 'max_tokens'],
    [
      'a function',
      { messages: [USER], functions: [{ name: 'f' }] },
      'tools[0].function.parameters',
      'functions[0].parameters',
    ],
    ['a message', { messages: [USER] }, 'messages[0].content', 'messages[0].content'],
  ])('%s', async (_name, request, objected, told) => {
    const asked = await ask('gpt-4o', request, objecting(objected));
    expect([asked.status, errorOf(asked)['param']]).toEqual([400, told]);
  });
});

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { simulatedConfig } from './support/simulated-config.ts';

const QUESTION =
  'A tenant asks whether rent may be withheld while the heating is broken. The sources: Harrison v. Delgado, 512 F.3d 118 (7th Cir. 2008) holds that rent is abated while premises cannot be lived in. Under § 536 BGB the rent is reduced by law. ' +
  'May the tenant withhold rent? Cite the authorities.';
const CONFIG = simulatedConfig([
  'strict: { try: [gemini-flash, gpt-4o], fallback: degraded, validate: [{ citations: strict }] }',
  'alone: { try: [gemini-flash], validate: [{ citations: strict }] }',
  'flagged: { try: [gemini-flash], validate: [{ citations: flag }] }',
]);

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: CONFIG });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.closeCircuits());

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly choices?: readonly { readonly message: { readonly content: string } }[];
    readonly candor: {
      readonly served_by: string;
      readonly validation: {
        readonly status: string;
        readonly verdicts: readonly {
          readonly validator: string;
          readonly outcome: string;
          readonly place?: string;
          readonly evidence?: readonly { readonly text: string; readonly found: unknown }[];
        }[];
      };
    };
    readonly error?: { readonly code: string; readonly message: string };
  };
}

async function ask(route: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const response = await gateway.post(
    '/v1/chat/completions',
    { model: route, messages: [{ role: 'user', content: QUESTION }] },
    headers,
  );
  return { status: response.status, headers: response.headers, body: (await response.json()) as Reply['body'] };
}

const INVENTED = { 'x-candor-sim': 'google=invent' };
const NO_SUCH_CASE = /\w+ v\. \w+ Shipping Co/;

test('an answer that cites what was supplied passes', async () => {
  const { status, headers, body } = await ask('strict');
  expect(status).toBe(200);
  expect(headers.get('x-candor-validation')).toBe('passed');
  const [verdict] = body.candor.validation.verdicts;
  expect(verdict?.evidence?.length).toBeGreaterThan(0);
});

test('an invented case is refused, and the refusal names it and its place', async () => {
  const { status, body } = await ask('alone', INVENTED);
  expect(status).toBe(424);
  expect(body.error?.code).toBe('validation_failed');
  expect(body.error?.message).toMatch(NO_SUCH_CASE);
  expect(body.error?.message).toMatch(/text:\d+-\d+/);
});

test('the next model answers in its place', async () => {
  const { status, body } = await ask('strict', INVENTED);
  expect(status).toBe(200);
  expect(body.candor.served_by).toBe('openai/gpt-4o');
  expect(body.choices?.[0]?.message.content).not.toMatch(NO_SUCH_CASE);
});

test('`flag` delivers it, marked', async () => {
  const { status, headers, body } = await ask('flagged', INVENTED);
  expect(status).toBe(200);
  expect(headers.get('x-candor-validation')).toBe('failed');
  const content = body.choices?.[0]?.message.content ?? '';
  const [verdict] = body.candor.validation.verdicts;
  expect(verdict).toMatchObject({ validator: 'citations', outcome: 'fail' });
  const [start, end] = String(verdict?.place).slice('text:'.length).split('-').map(Number);
  expect(content.slice(start, end)).toMatch(NO_SUCH_CASE);
});

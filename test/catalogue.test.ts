import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';

const CONFIG = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
models:
  small: { at: openai, id: gpt-4o }
  large: { at: anthropic, id: claude-opus-4-8 }
  older: { at: anthropic, id: claude-sonnet-4-6 }
  flash: { at: google, id: gemini-2.5-flash }
  nobody-knows: { at: openai, id: gpt-9 }
routes:
  both: { try: [small, flash], fallback: off }
  only-small: { try: [small] }
  hoisting: { try: [older, large, flash], mid_system: hoist, fallback: degraded }
  plain: { try: [older, flash] }
`;

interface Body {
  readonly model?: string;
  readonly candor?: {
    readonly served_by: string;
    readonly fallback: unknown;
    readonly why: string;
    readonly adjustments: readonly { readonly param: string; readonly kind: string; readonly at: string }[];
  };
  readonly error?: {
    readonly code: string;
    readonly param: string;
    readonly message: string;
    readonly candor: { readonly refused: readonly { readonly rule: string; readonly have: unknown }[] };
  };
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: CONFIG });
});
afterAll(() => gateway.close());

async function ask(model: string, messages: readonly unknown[], more: object = {}): Promise<Body> {
  const response = await gateway.post('/v1/chat/completions', { model, messages, max_tokens: 20, ...more });
  return (await response.json()) as Body;
}

/** More tokens than the window of gpt-4o (128,000), fewer than that of gemini-2.5-flash. */
const LONG = [{ role: 'user', content: 'red green blue one two six '.repeat(50_000) }];

describe('a prompt that is too long', () => {
  test('for the first is for the next, which is no fallback', async () => {
    const { candor, error } = await ask('both', LONG);
    expect(error).toBeUndefined();
    expect(candor).toMatchObject({ served_by: 'google/flash', fallback: null });
    expect(candor?.why).toContain('openai/small was left out (context_window)');
  });

  test('for everybody is refused as that', async () => {
    const { error } = await ask('only-small', LONG);
    expect(error).toMatchObject({ code: 'context_length_exceeded', param: 'messages' });
    expect(error?.message).toMatch(
      /at least \d{6} tokens, more than the window of every candidate: openai\/small \(128000\)/,
    );
    expect(error?.candor.refused).toMatchObject([{ rule: 'context_window', have: 128_000 }]);
  });

  test('is told so beforehand, also by its number of tokens alone', async () => {
    const body = { model: 'both', messages: [{ role: 'user', content: 'x' }], candor: { tokens: 200_000 } };
    const response = await gateway.post('/v1/candor/explain', body);
    expect(await response.json()).toMatchObject({
      candidates: [
        { deployment: 'openai/small', verdict: 'excluded', reasons: [{ rule: 'context_window', need: 200_000 }] },
        { deployment: 'google/flash', verdict: 'eligible' },
      ],
    });
  });

  test('for a model nobody knows is not known to be', async () => {
    const response = await gateway.post('/v1/candor/explain', { model: 'nobody-knows', messages: LONG });
    const explained = (await response.json()) as { readonly notes: readonly string[] };
    expect(explained).toMatchObject({ candidates: [{ verdict: 'eligible' }] });
    expect(explained.notes).toContain(
      'the window of openai/nobody-knows is not known: no prompt is too long for it beforehand',
    );
  });
});

describe('instructions in the midst of a conversation', () => {
  const messages = [
    { role: 'system', content: 'First.' },
    { role: 'user', content: 'Hi' },
    { role: 'system', content: 'Later.' },
  ];

  test('go to its start where the route says so, and that is said with its line', async () => {
    const { candor } = await ask('hoisting', messages);
    expect(candor?.served_by).toBe('anthropic/older');
    expect(candor?.adjustments).toContainEqual(
      expect.objectContaining({ param: 'messages[2].role', kind: 'rewritten', at: 'candor.yaml:14' }),
    );
    const flash = await ask('hoisting', messages, { logit_bias: {}, n: 2 });
    expect(flash.candor?.served_by).toBe('google/flash');
    expect(flash.candor?.adjustments).toContainEqual(expect.objectContaining({ param: 'messages[2].role' }));
  });

  test('stay where the model takes them there', async () => {
    const { candor } = await ask('large', messages);
    expect(candor?.adjustments).toEqual([]);
  });

  test('are refused by name elsewhere', async () => {
    const { error } = await ask('plain', messages);
    expect(error).toMatchObject({ code: 'unsupported_parameter', param: 'messages[2].role' });
  });
});

import { afterEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { startKeyedGateway, type KeyedGateway, type ReadRecord } from './support/keyed-gateway.ts';
import type { Script } from './support/raw-upstream.ts';
import { answer, anthropicMessage, BUSY, completion, json, refusalIn } from './support/vendor-answers.ts';

const SCHEMA =
  '{ json_schema: { type: object, required: [total], properties: { total: { type: integer } }, additionalProperties: false } }';
const PAIR = 'try: [gpt-4o, claude-opus], fallback: degraded';

const GOOD = '{"total":240}';
const BAD = '{"total":"two hundred and forty"}';

const openai = (text: string): Script => json(completion({ text }));
const anthropic = (text: string): Script => json(anthropicMessage({ text }));

/** The vendor does not take so long a prompt. */
const TOO_LONG: Script = answer(
  '400 Bad Request',
  ['content-type: application/json'],
  '{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}',
);

/** Plays one script after the other; the last again and again. */
function inTurn(...scripts: readonly [Script, ...Script[]]): Script {
  let asked = 0;
  return (socket, request) => scripts[Math.min(asked++, scripts.length - 1)]?.(socket, request);
}

let gateway: KeyedGateway;
afterEach(() => gateway.close());

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly choices?: readonly { readonly message: { readonly content: string } }[];
    readonly error?: { readonly code: string; readonly message: string };
  };
  readonly record: ReadRecord;
  readonly attempts: readonly string[];
}

async function askTask(members: JsonObject, maxCostUsd: string | null): Promise<Told> {
  const body = { model: 'task', messages: [{ role: 'user', content: 'Read the invoice.' }], ...members };
  const response = await gateway.ask(body, maxCostUsd === null ? {} : { 'x-candor-max-cost-usd': maxCostUsd });
  const record = await gateway.record(response.headers.get('x-request-id') ?? '');
  const attempts = record.attempts.map(({ why, deployment, kind }) => `${why} ${deployment} ${kind}`);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Told['body'],
    record,
    attempts,
  };
}

/** Sets what the vendors answer before the one question is asked. */
async function askOf(
  route: string,
  upstreams: { readonly openai: Script; readonly anthropic?: Script },
  members: JsonObject = {},
  maxCostUsd: string | null = null,
): Promise<Told> {
  gateway = await startKeyedGateway({ routes: [`task: { ${route} }`] });
  gateway.upstreams.openai.play(upstreams.openai);
  gateway.upstreams.anthropic.play(upstreams.anthropic ?? anthropic(GOOD));
  return askTask(members, maxCostUsd);
}

describe('an answer that is not valid', () => {
  test('is bettered by its own model, which is told what is wrong', async () => {
    const told = await askOf(`${PAIR}, validate: [${SCHEMA}], invalid: [reask, next, fail]`, {
      openai: inTurn(openai(BAD), openai(GOOD)),
    });
    expect(told.status).toBe(200);
    expect(told.attempts).toEqual(['primary openai/gpt-4o validation_failed', 'reask openai/gpt-4o ok']);
    expect(told.body.choices?.[0]?.message.content).toBe(GOOD);
    // To ask once more is no fallback, and what passed in the end is not degraded.
    expect(told.headers.get('x-candor-fallback')).toBe('?0');
    expect(told.headers.get('x-candor-degraded')).toBeNull();
    const asked = gateway.upstreams.openai.requests.map(
      ({ body }) => JSON.parse(body) as { messages: { role: string; content: string }[] },
    );
    expect(asked[0]?.messages.map(({ role }) => role)).toEqual(['user']);
    const again = asked[1]?.messages ?? [];
    expect(again.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(again[1]?.content).toBe(BAD);
    expect(again[2]?.content).toContain('json_schema');
    expect(told.record.attempts[1]?.adjustments.map(({ kind, reason }) => `${kind}: ${reason}`)).toContain(
      'rewritten: asked again after json_schema failed',
    );
  });

  test('is not asked for a third time of one model: the next one is', async () => {
    const told = await askOf(`${PAIR}, validate: [${SCHEMA}], invalid: [reask, next, fail]`, { openai: openai(BAD) });
    expect(told.attempts).toEqual([
      'primary openai/gpt-4o validation_failed',
      'reask openai/gpt-4o validation_failed',
      'fallback anthropic/claude-opus ok',
    ]);
    expect(told.headers.get('x-candor-fallback')).toBe('?1;reason=validation_failed');
  });

  test('ends the request where neither is written', async () => {
    const told = await askOf(`${PAIR}, validate: [${SCHEMA}], invalid: [fail]`, { openai: openai(BAD) });
    expect(told.status).toBe(424);
    expect(told.body.error?.code).toBe('validation_failed');
    expect(told.attempts).toEqual(['primary openai/gpt-4o validation_failed']);
  });

  test('is delivered and marked at the very end, where the route says so', async () => {
    const told = await askOf(`${PAIR}, validate: [${SCHEMA}], invalid: [next, return_flagged]`, {
      openai: openai(BAD),
      anthropic: anthropic(BAD),
    });
    expect(told.status).toBe(200);
    expect(told.attempts).toEqual(['primary openai/gpt-4o validation_failed', 'fallback anthropic/claude-opus ok']);
    expect(told.headers.get('x-candor-validation')).toBe('failed');
    expect(told.headers.get('x-candor-degraded')).not.toBeNull();
    expect(told.record.validation.verdicts[0]).toMatchObject({ validator: 'json_schema', outcome: 'fail' });
  });

  test('of the only model is marked as what it is', async () => {
    const told = await askOf(`try: [gpt-4o], validate: [${SCHEMA}], invalid: [return_flagged]`, {
      openai: openai(BAD),
    });
    expect(told.status).toBe(200);
    expect(told.headers.get('x-candor-degraded')).toBe('?1;reason=validation_failed');
    expect(told.body.choices?.[0]?.message.content).toBe(BAD);
  });

  test.each([
    ['its model, asked again, is too busy', 'try: [gpt-4o], invalid: [reask, return_flagged]'],
    ['the next one is too busy', `${PAIR}, invalid: [next, return_flagged]`],
  ])('is delivered after all where %s', async (_name, route) => {
    const told = await askOf(`${route}, validate: [{ regex: good }]`, {
      openai: inTurn(openai('x'), BUSY),
      anthropic: BUSY,
    });
    expect([told.status, told.body.choices?.[0]?.message.content]).toEqual([200, 'x']);
    expect(told.attempts[0]).toBe('primary openai/gpt-4o ok');
    expect(told.attempts.length).toBeGreaterThan(1);
    expect(told.attempts.slice(1).every((attempt) => attempt.endsWith('overloaded'))).toBe(true);
    expect(told.headers.get('x-candor-served-by')).toBe('openai/gpt-4o');
    expect(told.headers.get('x-candor-fallback')).toBe('?0');
    expect(told.headers.get('x-candor-degraded')).toBe('?1;reason=validation_failed');
    expect(told.headers.get('x-candor-validation')).toBe('failed');
    expect(told.record).toMatchObject({
      status: 'complete',
      validation: { verdicts: [{ validator: 'regex', outcome: 'fail' }] },
      usage: told.record.attempts[0]?.usage,
    });
    expect(told.record.why).toContain('overloaded');
  });

  test('is not argued with where the vendor refused', async () => {
    const refusing = json(completion({ text: '', finish: 'content_filter' }));
    const told = await askOf(`${PAIR}, validate: [refusal], invalid: [reask, fail]`, { openai: refusing });
    expect(told.attempts).toEqual(['primary openai/gpt-4o validation_failed']);
  });

  test.each([
    ['stops', completion({ text: '', finish: 'content_filter' })],
    ['words', completion({ members: refusalIn('I will not.') })],
  ])('is not carried to another vendor where the first one refused by its %s', async (_, refused) => {
    const told = await askOf(`${PAIR}, validate: [refusal], invalid: [next, fail]`, { openai: json(refused) });
    expect(told.status).toBe(424);
    expect(told.attempts).toEqual(['primary openai/gpt-4o validation_failed']);
    expect(gateway.upstreams.anthropic.requests).toEqual([]);
  });

  test('goes to the next model where the vendor does not take the question again', async () => {
    const told = await askOf(`${PAIR}, validate: [${SCHEMA}], invalid: [reask, next, fail]`, {
      openai: inTurn(openai(BAD), TOO_LONG),
    });
    expect(told.status).toBe(200);
    expect(told.attempts.slice(1)).toEqual([
      'reask openai/gpt-4o context_length_exceeded',
      'fallback anthropic/claude-opus ok',
    ]);
  });

  test('is no fault of the request where nobody else is left', async () => {
    const told = await askOf(`try: [gpt-4o], validate: [${SCHEMA}], invalid: [reask, next, fail]`, {
      openai: inTurn(openai(BAD), TOO_LONG),
    });
    expect([told.status, told.body.error?.code]).toEqual([424, 'validation_failed']);
    expect(told.body.error?.message).toContain('json_schema');
  });

  test('is no fault of the request where it is a retry that the vendor does not take', async () => {
    const told = await askOf(`try: [gpt-4o], validate: [${SCHEMA}], invalid: [reask, next, fail]`, {
      openai: inTurn(openai(BAD), BUSY, TOO_LONG),
    });
    expect(told.attempts.slice(1)).toEqual([
      'reask openai/gpt-4o overloaded',
      'retry openai/gpt-4o context_length_exceeded',
    ]);
    expect([told.status, told.body.error?.code]).toEqual([424, 'validation_failed']);
  });

  test('is asked for again by a retry, too', async () => {
    const told = await askOf(`try: [gpt-4o], validate: [${SCHEMA}], invalid: [reask, fail]`, {
      openai: inTurn(openai(BAD), BUSY, openai(GOOD)),
    });
    expect(told.attempts.slice(1)).toEqual(['reask openai/gpt-4o overloaded', 'retry openai/gpt-4o ok']);
    const [, asked, retried] = gateway.upstreams.openai.requests.map(({ body }) => body);
    expect(retried).toBe(asked);
    expect(retried).toContain('json_schema');
  });

  test('is not asked for again where there are several: none of them is the one to be bettered', async () => {
    const choices = [GOOD, BAD].map((content, index) => ({
      index,
      message: { role: 'assistant', content },
      finish_reason: 'stop',
    }));
    const several = json(completion({ members: { choices } }));
    const told = await askOf(
      `try: [gpt-4o], validate: [${SCHEMA}], invalid: [reask, fail]`,
      { openai: several },
      { n: 2 },
    );
    expect(told.attempts).toEqual(['primary openai/gpt-4o validation_failed']);
  });

  test('is not asked for again where its own answer would make that dearer than the request allows', async () => {
    const ask = (limitUsd: string): Promise<Told> => {
      const upstreams = { openai: openai(BAD) };
      return askOf(
        `try: [gpt-4o], validate: [${SCHEMA}], invalid: [reask, fail]`,
        upstreams,
        { max_tokens: 6 },
        limitUsd,
      );
    };
    // An attempt comes to 95 millionths of a dollar at the most, and has come to 73; what is wrong comes to 300 more.
    for (const limitUsd of ['0.0002', '0.0003']) {
      expect((await ask(limitUsd)).attempts).toHaveLength(1);
      await gateway.close();
    }
    expect((await ask('0.001')).attempts).toHaveLength(2);
  });

  test('is told by names that a schema has: a name of the model’s own is content', async () => {
    const schema =
      '{ json_schema: { type: object, additionalProperties: { type: object, properties: { total: { type: integer } } } } }';
    const told = await askOf(`try: [gpt-4o], validate: [${schema}], invalid: [fail]`, {
      openai: openai('{"Ann Smith":{"total":"much"}}'),
    });
    // It can be erased with the content, and stands nowhere else.
    expect(told.body.error?.message).toContain('/Ann Smith/total');
    expect(told.record.validation.verdicts).toMatchObject([{ place: '/*/total', reason: '/*/total must be integer' }]);
    const { request: _request, ...kept } = told.record;
    expect(JSON.stringify({ ...kept, attempts: kept.attempts.map(({ validation }) => validation) })).not.toContain(
      'Ann',
    );
  });

  test('never takes more than three attempts', async () => {
    const told = await askOf(
      'try: [gpt-4o, claude-opus, gemini-flash], fallback: degraded, validate: [' +
        SCHEMA +
        '], invalid: [reask, next, fail]',
      {
        openai: openai(BAD),
        anthropic: anthropic(BAD),
      },
    );
    expect(told.attempts).toHaveLength(3);
    expect(told.status).toBe(424);
  });
});

describe('a check that cannot tell', () => {
  /** There is no text to hold against a schema where tools are called. */
  const calling = json(
    completion({
      finish: 'tool_calls',
      members: {
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: null,
              tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } }],
            },
            finish_reason: 'tool_calls',
          },
        ],
      },
    }),
  );

  test('fails the answer', async () => {
    const told = await askOf(`try: [gpt-4o], validate: [${SCHEMA}]`, { openai: calling });
    expect(told.status).toBe(424);
    expect(told.record.validation).toMatchObject({ status: 'unverified', verdicts: [{ outcome: 'abstain' }] });
  });

  test('only marks it where the route says so', async () => {
    const told = await askOf(`try: [gpt-4o], validate: [${SCHEMA}], on_abstain: flag`, { openai: calling });
    expect(told.status).toBe(200);
    expect(told.headers.get('x-candor-validation')).toBe('unverified');
    expect(told.headers.get('x-candor-degraded')).toBe('?1;reason=unverified');
  });
});

describe('accept', () => {
  test('takes no answer of which nobody knows how sure it is', async () => {
    const told = await askOf(`${PAIR}, accept: { risk: 5% }`, { openai: openai(GOOD) });
    expect(told.status).toBe(424);
    expect(told.body.error?.code).toBe('low_confidence');
    expect(told.attempts).toEqual([
      'primary openai/gpt-4o low_confidence',
      'fallback anthropic/claude-opus low_confidence',
    ]);
    expect(told.record.validation.status).toBe('unverified');
  });

  test('delivers it marked at the very end: its model has nothing to better', async () => {
    const told = await askOf('try: [gpt-4o], accept: { risk: 5% }, invalid: [reask, return_flagged]', {
      openai: openai(GOOD),
    });
    expect(told.status).toBe(200);
    expect(told.attempts).toEqual(['primary openai/gpt-4o ok']);
    expect(told.headers.get('x-candor-degraded')).toBe('?1;reason=unverified');
  });

  test('lets it through, marked, where abstaining is only flagged', async () => {
    const told = await askOf(`${PAIR}, accept: { risk: 5%, delta: 10% }, on_abstain: flag`, { openai: openai(GOOD) });
    expect(told.status).toBe(200);
    expect(told.headers.get('x-candor-validation')).toBe('unverified');
    expect(told.headers.get('x-candor-degraded')).toBe('?1;reason=unverified');
    expect(told.headers.get('x-candor-confidence')).toBe('null;status=unknown');
  });
});

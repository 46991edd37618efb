import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject, JsonValue } from '../src/core/json.ts';
import type { Verdict } from '../src/core/record.ts';
import { startKeyedGateway, type KeyedGateway, type ReadRecord } from './support/keyed-gateway.ts';
import { expectRefused } from './support/refusal.ts';
import { completion, json } from './support/vendor-answers.ts';

const GERMAN = 'Der Verkäufer muss die Ware bis zum Ende des Monats liefern, und der Käufer zahlt danach.';
const ENGLISH = 'The seller must deliver the goods by the end of the month, and the buyer pays after that.';
const LOOP = `It depends:\n${'The seller must deliver the goods on time. '.repeat(10)}`;
const TOOL: JsonObject = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { place: { type: 'string' } } } },
};

/** A line of `validate`, an answer that it fails and one that passes. */
interface Case {
  readonly name: string;
  readonly line: string;
  readonly wrong: JsonObject;
  readonly right: JsonObject;
  readonly place?: string;
  readonly reason: RegExp;
  readonly request?: JsonObject;
}

function text(content: string): JsonObject {
  return completion({ text: content });
}

function calling(place: JsonValue): JsonObject {
  const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: JSON.stringify({ place }) } };
  const message = { role: 'assistant', content: null, tool_calls: [call] };
  return completion({ members: { choices: [{ index: 0, message, logprobs: null, finish_reason: 'tool_calls' }] } });
}

const CASES: readonly Case[] = [
  {
    name: 'refusal',
    line: 'refusal: soft',
    wrong: text("I'm sorry, but I can't help with that."),
    right: text(ENGLISH),
    place: 'text:0-27',
    reason: /reads like a refusal/,
  },
  {
    name: 'truncation',
    line: 'truncation: true',
    wrong: text('Use this:\n\n```ts\nconst a = 1;'),
    right: text('Use this:\n\n```ts\nconst a = 1;\n```'),
    place: 'text:11-29',
    reason: /ends inside a code block/,
  },
  {
    name: 'truncation-by-cap',
    line: 'truncation: true',
    wrong: text('The seller must deliver the'),
    right: text('The seller must deliver.'),
    reason: /used up its output cap/,
    // The vendor reports six tokens.
    request: { max_tokens: 6 },
  },
  { name: 'language', line: 'language: de', wrong: text(ENGLISH), right: text(GERMAN), reason: /is in en, not in de/ },
  {
    name: 'degeneration',
    line: 'degeneration: true',
    wrong: text(LOOP),
    right: text(ENGLISH),
    place: `text:12-${LOOP.length}`,
    reason: /round and round/,
  },
  {
    name: 'regex',
    line: 'regex: { must_not: ["(?i)todo"] }',
    wrong: text('Done, but TODO: tests.'),
    right: text('Done.'),
    place: 'text:10-14',
    reason: /it matches/,
  },
  {
    name: 'assert',
    line: 'assert: [{ that: "output.total == 240", because: the total is not 240 }]',
    wrong: text('{"total": 250}'),
    right: text('{"total": 240}'),
    reason: /the total is not 240/,
  },
  {
    name: 'pii',
    line: 'pii: { kinds: [iban] }',
    wrong: text('Pay to DE89 3704 0044 0532 0130 00.'),
    right: text('Pay by card.'),
    place: 'text:7-34',
    reason: /it holds what the request does not: iban/,
  },
  {
    name: 'tool_arguments',
    line: 'tool_arguments: { echo: true, calls: { max: 1 } }',
    wrong: calling('Lisbon'),
    right: calling('Rome'),
    place: 'tool_calls[0].arguments/place',
    reason: /neither in the request nor in a tool's result/,
    request: { tools: [TOOL] },
  },
  {
    name: 'tool_arguments-schema',
    line: 'tool_arguments: true',
    wrong: calling(7),
    right: calling('Rome'),
    place: 'tool_calls[0].arguments/place',
    reason: /must be string/,
    request: { tools: [TOOL] },
  },
];

let gateway: KeyedGateway;
beforeAll(async () => {
  const routes = CASES.map(({ name, line }) => `${name}: { try: [gpt-4o], validate: [{ ${line} }] }`);
  gateway = await startKeyedGateway({
    routes: [
      ...routes,
      'flagged: { try: [gpt-4o], validate: [{ language: de }], on_abstain: flag }',
      'strict: { try: [gpt-4o], validate: [{ language: de }] }',
    ],
  });
});
afterAll(() => gateway.close());

function ask(route: string, answered: JsonObject, request: JsonObject = {}): Promise<Response> {
  gateway.upstreams.openai.play(json(answered));
  return gateway.ask({ model: route, messages: [{ role: 'user', content: 'How is it in Rome?' }], ...request });
}

async function recordOf(response: Response): Promise<ReadRecord> {
  return gateway.record(response.headers.get('x-request-id') ?? '');
}

describe.each(CASES)('$name', ({ name, wrong, right, place, reason, request }) => {
  const validator = name.split('-')[0] ?? '';

  test('an answer that fails is refused, with validator, reason and place', async () => {
    const response = await ask(name, wrong, request);
    const error = await expectRefused(response, 424, 'validation_failed');
    expect(error.message).toContain(validator);
    expect(error.message).toMatch(reason);
    if (place !== undefined) expect(error.message).toContain(place);
    const [attempt] = (await recordOf(response)).attempts;
    const verdict = attempt?.validation.verdicts.find((each: Verdict) => each.outcome === 'fail');
    expect(verdict).toMatchObject({ validator, reason: expect.stringMatching(reason) as string });
    expect(verdict?.place).toBe(place);
  });

  test('one that is right passes', async () => {
    const response = await ask(name, right, request);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-candor-validation')).toBe('passed');
    const { candor } = (await response.json()) as { readonly candor: ReadRecord };
    expect(candor.validation.verdicts).toContainEqual({ validator, outcome: 'pass', reason: null });
  });
});

test('what is found of somebody is told nowhere', async () => {
  const response = await ask('pii', text('Pay to DE89 3704 0044 0532 0130 00.'));
  const told = `${await response.clone().text()}${gateway.log()}`;
  await expectRefused(response, 424, 'validation_failed');
  expect(told).not.toMatch(/3704|0532/);
  expect(told).toContain('****3000');
});

test('a check that cannot tell fails, unless the route says otherwise', async () => {
  await expectRefused(await ask('strict', text('Ja.')), 424, 'validation_failed');
  const response = await ask('flagged', text('Ja.'));
  expect(response.status).toBe(200);
  expect(response.headers.get('x-candor-validation')).toBe('unverified');
});

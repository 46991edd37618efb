import { describe, expect, test } from 'vitest';

import {
  decodeClientBody,
  pinnedTarget,
  testDeployment,
  testRoute,
  taskTarget,
} from '../../test/support/deployment.ts';
import { healthyInputs } from '../../test/support/healthy-inputs.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import type { JsonObject } from '../core/json.ts';
import type { Route } from '../core/route.ts';
import { PROVIDERS } from '../providers/registry.ts';
import type { Provider } from '../providers/provider.ts';
import { findEligible, refusals, requireEligible } from './eligible.ts';
import { planAttempts, type Plan } from './plan.ts';

function deployment(kind: string, modelId: string, changes: Partial<Deployment> = {}): Deployment {
  return testDeployment(PROVIDERS.get(kind) as Provider, modelId, changes);
}

const GPT = deployment('openai', 'gpt-4o');
const CLAUDE = deployment('anthropic', 'claude-opus-4-8');
const GEMINI = deployment('google', 'gemini-2.5-flash');
const DEEPSEEK = deployment('deepseek', 'deepseek-chat');
const ALL = [CLAUDE, DEEPSEEK, GEMINI, GPT];

function ask(members: JsonObject = {}): ChatRequest {
  return decodeClientBody({ model: 'task', messages: [{ role: 'user', content: 'x' }], ...members });
}

function plan(
  request: ChatRequest,
  candidates: readonly Deployment[],
  changes: Partial<Route> = {},
): ReturnType<typeof findEligible> {
  return findEligible(request, taskTarget(testRoute(candidates, changes), candidates));
}

const names = (list: readonly Deployment[]): readonly string[] => list.map((entry) => entry.name);
const left = (result: ReturnType<typeof findEligible>): readonly string[] =>
  result.excluded.flatMap(({ deployment, reasons }) =>
    reasons.map((reason) => `${deployment.name}: ${reason.rule} ${JSON.stringify(reason.need)}`),
  );

describe('who can', () => {
  test('everybody, in the order of the route', () => {
    const result = plan(ask(), ALL);
    expect(names(result.candidates)).toEqual(names(ALL));
    expect(result.excluded).toEqual([]);
  });

  test('those who lack something leave, with every reason', () => {
    const result = plan(ask({ n: 2, logprobs: true }), ALL);
    expect(names(result.candidates)).toEqual([GPT.name]);
    expect(left(result)).toEqual([
      'anthropic/claude-opus-4-8: multiple_choices "n"',
      'anthropic/claude-opus-4-8: logprobs "logprobs"',
      'deepseek/deepseek-chat: multiple_choices "n"',
      'google/gemini-2.5-flash: logprobs "logprobs"',
    ]);
    expect(result.excluded[0]?.reasons[0]?.evidence).toBe(CLAUDE.capabilities.source);
  });

  test('nobody: the request ends with what it asked and who lacks it', () => {
    const result = plan(ask({ n: 2 }), [CLAUDE, DEEPSEEK]);
    expect(() => requireEligible(result)).toThrow(
      expect.objectContaining({
        code: 'unsupported_parameter',
        status: 400,
        param: 'n',
        details: { refused: refusals(result.excluded) },
      }),
    );
    expect(refusals(result.excluded)[0]).toMatchObject({
      deployment: CLAUDE.name,
      rule: 'multiple_choices',
      need: 'n',
    });
  });

  test('somebody: the request goes on', () => {
    expect(() => requireEligible(plan(ask({ logprobs: true }), ALL))).not.toThrow();
    expect(names(plan(ask({ logprobs: true }), ALL).candidates)).toEqual([DEEPSEEK.name, GPT.name]);
  });
});

describe('params: strict', () => {
  test('a hint that would be lost excludes', () => {
    const request = ask({ temperature: 0.3, seed: 4 });
    expect(left(plan(request, ALL))).toEqual([]);
    expect(left(plan(request, ALL, { strict: true }))).toEqual([
      'anthropic/claude-opus-4-8: params_strict "temperature"',
      'anthropic/claude-opus-4-8: params_strict "seed"',
      'deepseek/deepseek-chat: params_strict "seed"',
    ]);
  });

  test('so does an output cap above the model’s own, but not one that the config lowers', () => {
    const request = ask({ max_tokens: 100_000 });
    expect(left(plan(request, ALL))).toEqual([]);
    expect(left(plan(request, [GPT], { strict: true }))).toEqual([`${GPT.name}: output_tokens "max_tokens"`]);
    const rule = { defaultValue: undefined, min: null, max: 1000, set: undefined, at: 'candor.yaml:3' };
    const params = new Map([['max_completion_tokens', rule]]);
    expect(left(plan(request, [GPT], { strict: true, params }))).toEqual([]);
    expect(left(plan(ask({ max_tokens: 1000 }), ALL, { strict: true }))).toEqual([]);
  });

  test('neutral values exclude nobody', () => {
    expect(left(plan(ask({ temperature: 1, presence_penalty: 0 }), ALL, { strict: true }))).toEqual([]);
  });

  test('so do a name and an image’s detail that would be lost', () => {
    const content = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'high' } }];
    const request = ask({ messages: [{ role: 'user', name: 'ann', content }] });
    expect(names(plan(request, [CLAUDE, GEMINI, GPT]).candidates)).toHaveLength(3);
    const result = plan(request, [CLAUDE, GEMINI, GPT], { strict: true });
    expect(names(result.candidates)).toEqual([GPT.name]);
    expect(left(result)).toContain('anthropic/claude-opus-4-8: message_names "messages[0].name"');
    expect(left(result)).toContain('google/gemini-2.5-flash: image_detail "messages[0].content[0].image_url.detail"');
  });

  test('so does a turn’s reasoning that nobody but its vendor takes back', () => {
    const turn = { role: 'assistant', content: 'a', reasoning_content: 'because' };
    const user = { role: 'user', content: 'x' };
    const request = ask({ messages: [user, turn, user] });
    expect(names(plan(request, ALL).candidates)).toEqual(names(ALL));
    const result = plan(request, ALL, { strict: true });
    expect(names(result.candidates)).toEqual([DEEPSEEK.name]);
    expect(left(result)).toContain('google/gemini-2.5-flash: reasoning_history "messages[1].reasoning_content"');
  });

  test('a result’s name excludes only where it is not its call’s', () => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
    const messages = (name: string): readonly JsonObject[] => [
      { role: 'user', content: 'x' },
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', name, content: 'r' },
    ];
    expect(left(plan(ask({ messages: messages('f') }), [CLAUDE, GEMINI], { strict: true }))).toEqual([]);
    expect(left(plan(ask({ messages: messages('g') }), [CLAUDE, GEMINI], { strict: true }))).toEqual([
      'anthropic/claude-opus-4-8: message_names "messages[2].name"',
      'google/gemini-2.5-flash: message_names "messages[2].name"',
    ]);
  });

  test('what the operator adds excludes nobody', () => {
    const rule = { defaultValue: 7, min: null, max: null, set: undefined, at: 'candor.yaml:5' };
    const params = new Map([['seed', rule]]);
    expect(left(plan(ask(), ALL, { strict: true, params }))).toEqual([]);
  });

  const format = (schema: JsonObject): JsonObject => ({
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
  });
  test('a format that would be emulated excludes', () => {
    const request = ask({ response_format: { type: 'json_object' } });
    expect(left(plan(request, ALL))).toEqual([]);
    expect(left(plan(request, ALL, { strict: true }))).toEqual([
      'anthropic/claude-opus-4-8: json_object "response_format"',
    ]);
  });

  test('so does a schema that the vendor would not enforce as it stands', () => {
    const request = ask(format({ type: 'object', properties: { a: { type: 'string', pattern: 'x' } } }));
    expect(left(plan(request, ALL))).toEqual([]);
    const result = plan(request, ALL, { strict: true });
    expect(names(result.candidates)).toEqual([GPT.name]);
    expect(left(result)).toContain(
      'google/gemini-2.5-flash: json_schema "response_format.json_schema.schema.properties.a.pattern"',
    );
  });
});

describe('fallback', () => {
  function asked(...given: Parameters<typeof plan>): Plan {
    const eligible = plan(...given);
    return planAttempts(eligible, healthyInputs(eligible));
  }

  const twin = deployment('openai', 'gpt-4o', { name: 'openai-eu/gpt-4o', provider: 'openai-eu' });

  test('off leaves the deployments of the first model', () => {
    const result = asked(ask(), [GPT, CLAUDE, twin], { fallback: 'off' });
    expect(names(result.candidates)).toEqual([GPT.name, twin.name]);
    expect(left(result)).toEqual([`${CLAUDE.name}: fallback "off"`]);
  });

  test('off counts from the first who can', () => {
    const result = asked(ask({ seed: 1, logprobs: true }), [CLAUDE, GPT], { fallback: 'off' });
    expect(names(result.candidates)).toEqual([GPT.name]);
  });

  test('a request may be stricter than its route', () => {
    expect(names(asked(ask({ candor: { fallback: 'off' } }), ALL).candidates)).toEqual([CLAUDE.name]);
  });

  test('and not laxer', () => {
    expect(() => plan(ask({ candor: { fallback: 'degraded' } }), ALL, { fallback: 'off' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 400 }),
    );
  });

  test('a pinned model has none', () => {
    const pinned = { ...pinnedTarget(GPT), candidates: [GPT, CLAUDE] };
    const eligible = findEligible(ask(), pinned);
    expect(names(planAttempts(eligible, healthyInputs(eligible)).candidates)).toEqual([GPT.name]);
  });
});

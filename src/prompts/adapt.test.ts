import { describe, expect, test } from 'vitest';

import { decodeClientBody, testDeployment, testRoute } from '../../test/support/deployment.ts';
import type { ChatRequest, Message } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { anthropic } from '../providers/anthropic/provider.ts';
import { deepseek } from '../providers/deepseek/provider.ts';
import { openai } from '../providers/openai/provider.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { adapt, type Substitution } from './adapt.ts';
import { modelScope } from './model-scope.ts';

const PROMPT = {
  prepend: { text: 'First.', at: 'candor.yaml:3' },
  append: { text: 'Then.', at: 'candor.yaml:4' },
  documents: null,
};
const BRIEF = { template: 'For {{ model }} on {{ route }}, {{ asked }}: {{ reason }}', at: 'candor.yaml:8' };
const SUBSTITUTION: Substitution = { usualModel: 'gpt-4o', reason: 'upstream_overloaded' };

function request(): ChatRequest {
  return decodeClientBody({
    model: 'task',
    messages: [
      { role: 'system', content: 'House.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi.' }], name: 'ann' },
      {
        role: 'assistant',
        content: 'Hello.',
        tool_calls: [{ id: 'c/1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      { role: 'tool', tool_call_id: 'c/1', content: 'ok' },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object', title: 't' } } },
    temperature: 1.7,
    stop: ['END'],
    metadata: { a: 'b' },
  });
}

const texts = (messages: readonly Message[]): readonly string[] =>
  messages.map((message) => message.content.map((part) => (part.type === 'text' ? part.text : part.type)).join('|'));

describe('the texts around a prompt', () => {
  const deployment = testDeployment(openai, 'gpt-4o', { prompt: PROMPT });
  const route = testRoute([deployment], { brief: BRIEF });

  test('stand before and after the client’s own system messages, the brief last', () => {
    const adapted = adapt(request(), deployment, route, SUBSTITUTION);
    const brief = 'For gpt-4o on task, task: upstream_overloaded';
    expect(texts(adapted.messages).slice(0, 5)).toEqual(['First.', 'House.', 'Then.', brief, 'Hi.']);
    expect(
      adapted.messages.filter((message) => message.path === null).every((message) => message.role === 'system'),
    ).toBe(true);
    expect(adapted.adjustments.map(({ kind, sent, at }) => ({ kind, sent, at }))).toEqual([
      { kind: 'rewritten', sent: 'First.', at: 'candor.yaml:3' },
      { kind: 'rewritten', sent: 'Then.', at: 'candor.yaml:4' },
      { kind: 'brief', sent: brief, at: 'candor.yaml:8' },
    ]);
  });

  test('are part of the template’s hash, which is of the config and not of one request', () => {
    const hash = adapt(request(), deployment, route, SUBSTITUTION).template;
    const another = decodeClientBody({ model: 'task', messages: [{ role: 'user', content: 'x' }] });
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(adapt(another, deployment, route, { usualModel: 'other', reason: 'upstream_error' }).template).toBe(hash);
    expect(modelScope(deployment, route, true).template).toBe(hash);
    expect(adapt(request(), deployment, route, null).template).toBe(modelScope(deployment, route, false).template);
    expect(modelScope(deployment, route, false).template).not.toBe(hash);
  });

  test('a brief is given to those who stand in, and to nobody else', () => {
    expect(adapt(request(), deployment, route, null).adjustments.some(({ kind }) => kind === 'brief')).toBe(false);
    expect(
      adapt(request(), deployment, testRoute([deployment]), SUBSTITUTION).adjustments.some(
        ({ kind }) => kind === 'brief',
      ),
    ).toBe(false);
  });

  test('what a fact holds is no template', () => {
    const adapted = adapt(request(), deployment, route, { usualModel: '{{ reason }}', reason: 'r' });
    expect(texts(adapted.messages)[3]).toContain('For {{ reason }} on');
  });
});

test('nothing to add: the very same messages, and no template', () => {
  const asked = decodeClientBody({ model: 'm', messages: [{ role: 'user', content: 'x' }] });
  const deployment = testDeployment(openai, 'gpt-4o');
  const adapted = adapt(asked, deployment, null, null);
  expect(adapted.messages).toBe(asked.messages);
  expect(adapted.parameters).toBe(asked.parameters);
  expect(adapted.template).toBeNull();
  expect(adapted.adjustments).toEqual([]);
});

test('an emulated format is told after the client’s system messages', () => {
  const adapted = adapt(request(), testDeployment(deepseek, 'deepseek-chat'), null, null);
  expect(texts(adapted.messages)[1]).toContain('JSON Schema');
  expect(adapted.responseFormat).toEqual({ type: 'json_object' });
  expect(adapted.request.responseFormat?.type).toBe('json_schema');
});

describe('the client’s request is left as it is', () => {
  const models = {
    openai: 'gpt-5',
    anthropic: 'claude-haiku-4-5',
    google: 'gemini-3-pro',
    deepseek: 'deepseek-reasoner',
  } as const;
  test.each(Object.entries(models))('by %s', (kind, model) => {
    const provider = PROVIDERS.get(kind);
    if (provider === undefined) throw new Error(`no provider ${kind}`);
    const rules = new Map([
      ['temperature', { defaultValue: undefined, min: null, max: 0.5, set: undefined, at: 'candor.yaml:5' }],
    ]);
    const deployment: Deployment = testDeployment(provider, model, { prompt: PROMPT, params: rules });
    const asked = request();
    const bytes = Buffer.from(asked.original.bytes);
    deepFreeze({ ...asked, original: { json: asked.original.json } });
    const adapted = adapt(asked, deployment, testRoute([deployment], { brief: BRIEF }), SUBSTITUTION);
    const encoded = provider.encode(adapted, deployment);
    expect(encoded.body.length).toBeGreaterThan(0);
    expect(asked.original.bytes.equals(bytes)).toBe(true);
    expect(asked).toEqual(request());
  });

  test('freezing would show a change', () => {
    const asked = request();
    deepFreeze({ ...asked, original: { json: asked.original.json } });
    expect(() => Object.assign(asked.parameters, { temperature: 0 })).toThrow(TypeError);
    expect(() => Object.assign(asked.original.json, { temperature: 0 })).toThrow(TypeError);
  });
});

test('a model that takes no such cap still gets it through its own name', () => {
  const asked = decodeClientBody({
    model: 'm',
    messages: [{ role: 'user', content: 'x' }],
    max_completion_tokens: 900,
  });
  const rules = new Map([
    ['max_tokens', { defaultValue: undefined, min: null, max: 300, set: undefined, at: 'candor.yaml:5' }],
  ]);
  const deployment = testDeployment(anthropic, 'claude-haiku-4-5', { params: rules });
  const body = anthropic.encode(adapt(asked, deployment, null, null), deployment).body.toString('utf8');
  expect(JSON.parse(body)).toMatchObject({ max_tokens: 300 });
});

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
}

import { readFileSync } from 'node:fs';

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ENDPOINTS } from '../src/server/endpoints.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { openApiDocument, OPERATIONS } from './support/openapi-document.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

test('openapi.json is what the schemas say: else `npm run docs:openapi`', () => {
  const written: unknown = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));
  expect(written).toEqual(openApiDocument());
});

test('every endpoint is described, and nothing else', () => {
  const described = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  const built = ENDPOINTS.map(({ method, path }) => `${method} ${path.replace('...}', '}')}`);
  expect(described.toSorted()).toEqual(built.toSorted());
});

describe('an answer is as the document served says', () => {
  let validators: Map<string, ValidateFunction>;
  beforeAll(async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
      openapi: string;
      components: { schemas: Record<string, object> };
    };
    expect(document.openapi).toBe('3.1.0');
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    formatsPlugin.default(ajv);
    // References are relative to the document's root.
    ajv.addSchema({ $id: 'candor:openapi', components: document.components });
    validators = new Map(
      Object.keys(document.components.schemas).map((name) => [
        name,
        ajv.compile({ $ref: `candor:openapi#/components/schemas/${name}` }),
      ]),
    );
  });

  async function expectAs(name: string, path: string, init?: RequestInit): Promise<void> {
    const response = await fetch(gateway.url + path, init);
    const body: unknown = await response.json();
    const validate = validators.get(name);
    expect(validate?.(body), JSON.stringify({ errors: validate?.errors, body })).toBe(true);
  }

  const post = (body: object, headers: Readonly<Record<string, string>> = {}): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

  test('of the models', async () => {
    await expectAs('ModelList', '/v1/models');
    await expectAs('Model', '/v1/models/legal');
    await expectAs('Model', '/v1/models/openai/gpt-4o');
    await expectAs('AnthropicModelList', '/anthropic/v1/models?limit=3');
    await expectAs('AnthropicModel', '/v1/models/legal', { headers: { 'anthropic-version': '2023-06-01' } });
    await expectAs('GeminiModelList', '/v1beta/models?pageSize=3');
    await expectAs('GeminiModel', '/gemini/v1beta/models/openai/gpt-4o');
  });

  test('of a chat request, answered, refused and explained', async () => {
    const chat = '/v1/chat/completions';
    await expectAs('Completion', chat, post({ model: 'legal', messages: MESSAGES }));
    await expectAs('Completion', chat, post({ model: 'legal', messages: MESSAGES }, { 'x-candor-sim': 'openai=503' }));
    await expectAs('Response', '/v1/responses', post({ model: 'legal', input: 'Hello' }));
    await expectAs('Error', '/v1/responses', post({ model: 'legal', input: 'Hello', store: true }));
    const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];
    for (const model of ['gemini-flash', 'claude-opus']) {
      await expectAs('GenerateAnswer', `/v1beta/models/${model}:generateContent`, post({ contents }));
      await expectAs('GenerateAnswer', `/v1beta/models/${model}:countTokens`, post({ contents }));
    }
    await expectAs('Error', chat, post({ model: 'gpt-4o', messages: MESSAGES }, { 'x-candor-sim': 'openai=503' }));
    await expectAs('Error', chat, post({ model: 'claude-opus', messages: MESSAGES, logit_bias: { '1': 2 } }));
    await expectAs('Error', chat, post({ model: 'unheard-of', messages: MESSAGES }));
    await expectAs('Explanation', chat, post({ model: 'legal', messages: MESSAGES }, { 'x-candor-dry-run': '1' }));
    await expectAs('Explanation', '/v1/candor/explain', post({ model: 'extract', messages: MESSAGES, n: 2 }));
    await expectAs('Error', '/v1/nothing');
  });

  test('of a request of Anthropic’s protocol', async () => {
    const asked = { model: 'legal', max_tokens: 100, messages: MESSAGES };
    await expectAs('Message', '/v1/messages', post(asked));
    await expectAs('Message', '/anthropic/v1/messages', post({ ...asked, model: 'claude-opus' }));
    await expectAs('MessagesError', '/v1/messages', post({ ...asked, max_tokens: 'few' }));
    await expectAs('TokenCount', '/v1/messages/count_tokens', post({ model: 'legal', messages: MESSAGES }));
    await expectAs('MessagesError', '/anthropic/v1/nothing');
  });

  test('of records', async () => {
    await expectAs('GenerationList', '/v1/generations?limit=100');
    const { data } = (await (await fetch(`${gateway.url}/v1/generations`)).json()) as {
      data: { id: string; status: string }[];
    };
    expect(data.length).toBeGreaterThan(3);
    for (const { id } of data) await expectAs('Generation', `/v1/generations/${id}`);
    await expectAs('Generation', `/v1/generation?id=${data[0]?.id}`);
    const outcome = `/v1/generations/${data.find(({ status }) => status === 'complete')?.id}/outcome`;
    await expectAs('Outcome', outcome, post({ accepted: true, source: 'user' }));
    await expectAs('Outcome', outcome, post({ score: 0.4, source: 'human', field: 'lines[0].total' }));
    await expectAs('Error', outcome, post({ source: 'user' }));
    const replay = outcome.replace('outcome', 'replay');
    await expectAs('Replay', replay, post({ model: 'claude-opus' }));
    await expectAs('Error', replay, post({ model: 'unheard-of' }));
  });

  test('of operations and the simulator', async () => {
    const admin = { authorization: `Bearer ${gateway.adminToken}`, 'content-type': 'application/json' };
    await expectAs('Health', '/healthz');
    await expectAs('Readiness', '/readyz');
    await expectAs('Fault', '/admin/sim', post({ target: 'openai', fault: 'slow', ms: 1 }, admin));
    await expectAs('FaultList', '/admin/sim', { headers: admin });
    await expectAs('FaultList', '/admin/sim', { method: 'DELETE', headers: admin });
    await expectAs('DecisionList', '/admin/decisions?limit=5', { headers: admin });
    await expectAs('Telemetry', '/admin/telemetry', { headers: admin });
    await expectAs('ConfidenceReport', '/admin/confidence', { headers: admin });
    await expectAs('CertificateList', '/admin/certificates', { headers: admin });
    await expectAs('ClosedCircuits', '/admin/circuits', { method: 'DELETE', headers: admin });
    const clock = { at: '14:00', zone: 'Asia/Shanghai' };
    await expectAs('Clock', '/admin/sim/clock', { ...post(clock, admin), method: 'PUT' });
  });
});

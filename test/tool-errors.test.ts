import { afterAll, beforeAll, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from './support/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const FAILED_TOOL = {
  max_tokens: 200,
  tools: [{ name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }],
  messages: [
    { role: 'user', content: 'What is the weather in Paris?' },
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } }],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'no route to host', is_error: true }],
    },
  ],
};

test.each([
  ['claude-opus', '"is_error":true'],
  ['gemini-flash', '{"error":"no route to host"}'],
])('a tool that failed is told to %s as such', async (model, written) => {
  const response = await gateway.post('/v1/messages', { model, ...FAILED_TOOL });
  expect(response.status).toBe(200);
  expect(gateway.simulator.received.at(-1)?.body).toContain(written);
});

test.each(['gpt-4o', 'deepseek-chat'])(
  '%s, which cannot be told, reads its text, and the client hears so',
  async (model) => {
    const response = await gateway.post('/v1/messages', { model, ...FAILED_TOOL });
    expect(response.status).toBe(200);
    expect(gateway.simulator.received.at(-1)?.body).toContain('no route to host');
    const { candor } = (await response.json()) as { candor: { adjustments: readonly unknown[] } };
    expect(candor.adjustments).toContainEqual(
      expect.objectContaining({ param: 'messages[2].content[0].is_error', asked: true, sent: null, kind: 'dropped' }),
    );
  },
);

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../src/core/json.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { collectMessage, messageEvents } from './support/message-events.ts';

/** What a vendor signs of its thinking goes to the client and back to it, through a simulator that refuses any other signature. */
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const QUESTION = { role: 'user', content: 'Say hello to Ann.' };
const AGAIN = { role: 'user', content: 'And to Bob.' };

/** The blocks of the assistant's turn as they went to the vendor. */
async function sentTurn(response: Response): Promise<readonly JsonObject[]> {
  expect(response.status, await response.clone().text()).toBe(200);
  const record = await gateway.record(response.headers.get('x-request-id') ?? '');
  const { sent } = (record['attempts'] as { sent: { body: string } }[])[0] ?? { sent: { body: '{}' } };
  const { messages } = JSON.parse(sent.body) as { messages: { content: readonly JsonObject[] }[] };
  return messages[1]?.content ?? [];
}

const SIGNED = { type: 'thinking', thinking: expect.stringMatching(/\w/), signature: expect.stringMatching(/^sim\w/) };

describe('from Anthropic', () => {
  test('through a client of OpenAI’s protocol, whole', async () => {
    const asked = { model: 'claude-opus', reasoning_effort: 'high' };
    const first = await gateway.post('/v1/chat/completions', { ...asked, messages: [QUESTION] });
    const { choices } = (await first.json()) as { choices: { message: JsonObject }[] };
    const turn = choices[0]?.message as JsonObject;
    const second = await gateway.post('/v1/chat/completions', { ...asked, messages: [QUESTION, turn, AGAIN] });
    expect(await sentTurn(second)).toEqual([SIGNED, { type: 'text', text: turn['content'] }]);
  });

  test('through a client of its own protocol, streamed', async () => {
    const asked = { model: 'claude-opus', max_tokens: 4000, thinking: { type: 'adaptive' } };
    const first = await gateway.post('/v1/messages', { ...asked, stream: true, messages: [QUESTION] });
    const { content } = collectMessage(messageEvents(await first.text()));
    const turn = { role: 'assistant', content };
    const second = await gateway.post('/v1/messages', { ...asked, messages: [QUESTION, turn, AGAIN] });
    expect(await sentTurn(second)).toEqual(content);
    expect(content[0]).toEqual(SIGNED);
  });

  test('what another vendor has thought in between is not sent to it', async () => {
    const text = { type: 'text', text: 'Hello, Ann.' };
    const turn = {
      role: 'assistant',
      content: [{ type: 'thinking', thinking: 'A greeting.', signature: 'candor:e30' }, text],
    };
    const asked = { model: 'claude-opus', max_tokens: 4000, messages: [QUESTION, turn, AGAIN] };
    expect(await sentTurn(await gateway.post('/v1/messages', asked))).toEqual([text]);
  });
});

import { expect, test } from 'vitest';

import type { ArrivedRequest } from '../core/client-dialect.ts';
import type { JsonObject } from '../core/json.ts';
import { decodeMessagesRequest } from '../dialects/anthropic-messages/decode.ts';
import { decodeGenerateRequest } from '../dialects/gemini-generate/decode.ts';
import { decodeChatRequest } from '../dialects/openai-chat/decode.ts';
import { decodeEmbeddingsRequest } from '../dialects/openai-embeddings/decode.ts';
import { decodeResponsesRequest } from '../dialects/openai-responses/decode.ts';
import { recordedParameters } from './recorded-request.ts';

/** What people wrote, or a key of theirs. */
const PRIVATE = 'Maria of the third floor';
const SCHEMA = { type: 'object', description: PRIVATE, properties: { a: { type: 'string' } } };
const TOOL = { name: 'look', description: PRIVATE };

function arrived(body: JsonObject, pathParameter = ''): ArrivedRequest {
  return { body: Buffer.from(JSON.stringify(body)), headers: new Map(), pathParameter, explain: false };
}

/** For each dialect, a request with private words wherever its conversation, tools and formats have some. */
const REQUESTS = {
  'chat completions': decodeChatRequest(
    arrived({
      model: 'm',
      temperature: 0.25,
      messages: [{ role: 'user', content: PRIVATE }],
      tools: [{ type: 'function', function: { ...TOOL, parameters: SCHEMA } }],
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema: SCHEMA } },
      prediction: { type: 'content', content: PRIVATE },
      nobody_knows: PRIVATE,
    }).body,
    new Map(),
  ),
  responses: decodeResponsesRequest(
    arrived({
      model: 'm',
      temperature: 0.25,
      instructions: PRIVATE,
      input: PRIVATE,
      tools: [{ type: 'function', ...TOOL, parameters: SCHEMA }],
      text: { format: { type: 'json_schema', name: 'a', schema: SCHEMA } },
    }),
  ),
  messages: decodeMessagesRequest(
    arrived({
      model: 'm',
      max_tokens: 10,
      temperature: 0.25,
      system: PRIVATE,
      messages: [{ role: 'user', content: PRIVATE }],
      tools: [{ ...TOOL, input_schema: SCHEMA }],
      output_config: { format: { type: 'json_schema', schema: SCHEMA } },
      mcp_servers: [{ type: 'url', name: 'x', url: 'https://x.example', authorization_token: PRIVATE }],
    }),
  ),
  generateContent: decodeGenerateRequest(
    arrived(
      {
        contents: [{ parts: [{ text: PRIVATE }] }],
        systemInstruction: { parts: [{ text: PRIVATE }] },
        tools: [{ functionDeclarations: [{ ...TOOL, parametersJsonSchema: SCHEMA }] }],
        generationConfig: { temperature: 0.25, responseMimeType: 'application/json', responseJsonSchema: SCHEMA },
      },
      'm',
    ),
    { stream: false },
  ),
  embeddings: decodeEmbeddingsRequest(arrived({ model: 'm', input: PRIVATE, dimensions: 0.25e2 })),
};

test.each(Object.entries(REQUESTS))('parameters of %s are recorded without what people wrote', (_dialect, request) => {
  const recorded = JSON.stringify(recordedParameters(request));
  expect(recorded).not.toContain(PRIVATE);
  expect(recorded).toContain('25');
});

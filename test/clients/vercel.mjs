// The Vercel AI SDK with its OpenAI provider.
import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, RetryError, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';

import { TASKS, runWeather } from './scenarios.mjs';

/** @param api `chat` or `responses`, the two protocols the provider can speak */
export function vercel(api, { baseUrl, model: name, provider, counted }) {
  const openai = createOpenAI({ apiKey: 'any', baseURL: `${baseUrl}/v1`, fetch: counted.fetch });
  const model = api === 'chat' ? openai.chat(name) : openai.responses(name);
  const asking = { model, system: TASKS.system, prompt: TASKS.question };
  const fault = (word) => ({ headers: { 'x-candor-sim': `${provider}=${word}` } });

  return {
    async text() {
      const { text, finishReason: finish } = await generateText(asking);
      return { text, finish };
    },
    async stream() {
      const result = streamText(asking);
      let pieces = 0;
      let text = '';
      for await (const piece of result.textStream) {
        pieces++;
        text += piece;
      }
      return { text, pieces, finish: await result.finishReason };
    },
    async tools() {
      const weather = tool({
        description: TASKS.weatherTool.description,
        inputSchema: jsonSchema(TASKS.weatherTool.parameters),
        execute: (input) => runWeather(input),
      });
      const result = await generateText({
        model,
        prompt: TASKS.weather,
        tools: { [TASKS.weatherTool.name]: weather },
        stopWhen: stepCountIs(3),
      });
      const calls = result.steps.flatMap((step) => step.toolCalls);
      return {
        ids: calls.map((call) => call.toolCallId),
        calls: calls.map(({ toolName, input }) => ({ name: toolName, arguments: input })),
        text: result.text,
      };
    },
    async structured() {
      const { object } = await generateObject({ model, prompt: TASKS.extraction, schema: jsonSchema(TASKS.schema) });
      return { value: object };
    },
    async image() {
      const content = [
        { type: 'text', text: TASKS.describe },
        { type: 'image', image: TASKS.image.dataUrl },
      ];
      const { text } = await generateText({ model, messages: [{ role: 'user', content }] });
      return { text };
    },
    async refusal() {
      const { text, finishReason, response } = await generateText({ ...asking, ...fault('refusal') });
      // The SDK has no place of its own for the words of a refusal; the body has.
      const isRefused = finishReason === 'content-filter' || /"refusal":"/.test(JSON.stringify(response.body));
      return { refused: isRefused || /can.t help/i.test(text) };
    },
    async length() {
      const { finishReason } = await generateText({
        model,
        prompt: TASKS.story,
        maxOutputTokens: TASKS.outputTokens,
      });
      return { finish: finishReason };
    },
    async error() {
      const thrown = await generateText({ ...asking, ...fault('503'), maxRetries: 0 }).catch((error) => error);
      const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
      return {
        status: APICallError.isInstance(error) ? error.statusCode : null,
        message: error.message,
        calls: counted.count(),
      };
    },
    async abort() {
      const abort = new AbortController();
      let pieces = 0;
      let ended = 'complete';
      const result = streamText({
        ...asking,
        ...fault('stall:3'),
        abortSignal: abort.signal,
        onError: () => undefined,
      });
      for await (const part of result.fullStream) {
        if (part.type === 'abort') ended = 'aborted';
        if (part.type !== 'text-delta') continue;
        pieces++;
        abort.abort();
      }
      return { pieces, ended };
    },
    async provenance() {
      const { response } = await generateText(asking);
      return { servedBy: response.body.candor.served_by, generation: response.headers['x-request-id'] };
    },
  };
}

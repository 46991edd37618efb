// The official OpenAI SDK, Chat Completions. One file for both of its majors: what an application sees is the same.
import { TASKS, runWeather } from './scenarios.mjs';

/** @param OpenAI the SDK's class */
export function openAiChat(OpenAI, { baseUrl, model, provider, counted }) {
  const client = new OpenAI({ apiKey: 'any', baseURL: `${baseUrl}/v1`, fetch: counted.fetch });
  const user = (content) => [{ role: 'user', content }];
  const asking = [{ role: 'system', content: TASKS.system }, ...user(TASKS.question)];
  const fault = (name) => ({ headers: { 'x-candor-sim': `${provider}=${name}` } });
  const create = (body, options) => client.chat.completions.create({ model, ...body }, options);
  const textOf = (completion) => completion.choices[0].message.content ?? '';
  const tool = { type: 'function', function: TASKS.weatherTool };

  return {
    async text() {
      const completion = await create({ messages: asking });
      return { text: textOf(completion), finish: completion.choices[0].finish_reason };
    },
    async stream() {
      const stream = client.chat.completions.stream({ model, messages: asking });
      let pieces = 0;
      stream.on('content', () => pieces++);
      const completion = await stream.finalChatCompletion();
      return { text: textOf(completion), finish: completion.choices[0].finish_reason, pieces };
    },
    async tools() {
      const messages = user(TASKS.weather);
      const called = await create({ messages, tools: [tool] });
      const { message } = called.choices[0];
      const calls = message.tool_calls ?? [];
      const results = calls.map((call) => ({
        role: 'tool',
        tool_call_id: call.id,
        content: runWeather(JSON.parse(call.function.arguments)),
      }));
      const answered = await create({ messages: [...messages, message, ...results], tools: [tool] });
      return {
        ids: calls.map((call) => call.id),
        calls: calls.map(({ function: { name, arguments: text } }) => ({ name, arguments: JSON.parse(text) })),
        text: textOf(answered),
      };
    },
    async structured() {
      const completion = await client.chat.completions.parse({
        model,
        messages: user(TASKS.extraction),
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'invoice', schema: TASKS.schema, strict: true },
        },
      });
      return { value: JSON.parse(textOf(completion)) };
    },
    async image() {
      const content = [
        { type: 'text', text: TASKS.describe },
        { type: 'image_url', image_url: { url: TASKS.image.dataUrl } },
      ];
      return { text: textOf(await create({ messages: user(content) })) };
    },
    async refusal() {
      const completion = await create({ messages: asking }, fault('refusal'));
      const { message, finish_reason: finish } = completion.choices[0];
      return {
        refused: finish === 'content_filter' || Boolean(message.refusal) || /can.t help/i.test(message.content),
      };
    },
    async length() {
      const completion = await create({ messages: user(TASKS.story), max_completion_tokens: TASKS.outputTokens });
      return { finish: completion.choices[0].finish_reason };
    },
    async error() {
      const error = await create({ messages: asking }, fault('503')).catch((thrown) => thrown);
      return { status: error.status, message: `${error.code} ${error.message}`, calls: counted.count() };
    },
    async abort() {
      const abort = new AbortController();
      const stream = await create({ messages: asking, stream: true }, { signal: abort.signal, ...fault('stall:3') });
      let pieces = 0;
      let isComplete = false;
      for await (const chunk of stream) {
        isComplete ||= Boolean(chunk.choices[0]?.finish_reason);
        if (!chunk.choices[0]?.delta.content) continue;
        pieces++;
        abort.abort();
      }
      return { pieces, ended: isComplete ? 'complete' : 'aborted' };
    },
    async provenance() {
      const completion = await create({ messages: asking });
      return { servedBy: completion.candor.served_by, generation: completion._request_id };
    },
  };
}

// The official Anthropic SDK.
import Anthropic from '@anthropic-ai/sdk';

import { TASKS, runWeather } from './scenarios.mjs';

const FINISH = { end_turn: 'stop', max_tokens: 'length', refusal: 'content_filter' };

export function anthropic({ baseUrl, model, provider, counted }) {
  const client = new Anthropic({ apiKey: 'any', baseURL: baseUrl, fetch: counted.fetch });
  const user = (content) => [{ role: 'user', content }];
  const fault = (name) => ({ headers: { 'x-candor-sim': `${provider}=${name}` } });
  const create = (body, options) => client.messages.create({ model, max_tokens: 1024, ...body }, options);
  const asking = { system: TASKS.system, messages: user(TASKS.question) };
  const textOf = (message) => message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const tool = {
    name: TASKS.weatherTool.name,
    description: TASKS.weatherTool.description,
    input_schema: TASKS.weatherTool.parameters,
  };

  return {
    async text() {
      const message = await create(asking);
      return { text: textOf(message), finish: FINISH[message.stop_reason] };
    },
    async stream() {
      const stream = client.messages.stream({ model, max_tokens: 1024, ...asking });
      let pieces = 0;
      stream.on('text', () => pieces++);
      const message = await stream.finalMessage();
      return { text: textOf(message), finish: FINISH[message.stop_reason], pieces };
    },
    async tools() {
      const messages = user(TASKS.weather);
      const called = await create({ messages, tools: [tool] });
      const calls = called.content.filter((block) => block.type === 'tool_use');
      const results = calls.map((call) => ({
        type: 'tool_result',
        tool_use_id: call.id,
        content: runWeather(call.input),
      }));
      const history = [...messages, { role: 'assistant', content: called.content }, { role: 'user', content: results }];
      const answered = await create({ messages: history, tools: [tool] });
      return {
        ids: calls.map((call) => call.id),
        calls: calls.map(({ name, input }) => ({ name, arguments: input })),
        text: textOf(answered),
      };
    },
    async structured() {
      const message = await create({
        messages: user(TASKS.extraction),
        output_config: { format: { type: 'json_schema', schema: TASKS.schema } },
      });
      return { value: JSON.parse(textOf(message)) };
    },
    async image() {
      const source = { type: 'base64', media_type: TASKS.image.mediaType, data: TASKS.image.base64 };
      return {
        text: textOf(
          await create({
            messages: user([
              { type: 'image', source },
              { type: 'text', text: TASKS.describe },
            ]),
          }),
        ),
      };
    },
    async refusal() {
      const message = await create(asking, fault('refusal'));
      return { refused: message.stop_reason === 'refusal' || /can.t help/i.test(textOf(message)) };
    },
    async length() {
      const message = await create({ messages: user(TASKS.story), max_tokens: TASKS.outputTokens });
      return { finish: FINISH[message.stop_reason] };
    },
    async error() {
      const error = await create(asking, fault('503')).catch((thrown) => thrown);
      return { status: error.status, message: error.message, calls: counted.count() };
    },
    async abort() {
      const stream = await client.messages.create(
        { model, max_tokens: 1024, ...asking, stream: true },
        fault('stall:3'),
      );
      let pieces = 0;
      let isComplete = false;
      for await (const event of stream) {
        isComplete ||= event.type === 'message_stop';
        if (event.type !== 'content_block_delta') continue;
        pieces++;
        stream.controller.abort();
      }
      return { pieces, ended: isComplete ? 'complete' : 'aborted' };
    },
    async provenance() {
      const message = await create(asking);
      return { servedBy: message.candor.served_by, generation: message._request_id };
    },
  };
}

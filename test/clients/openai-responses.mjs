// The official OpenAI SDK, Responses.
import { TASKS, runWeather } from './scenarios.mjs';

/** @param OpenAI the SDK's class */
export function openAiResponses(OpenAI, { baseUrl, model, provider, counted }) {
  const client = new OpenAI({ apiKey: 'any', baseURL: `${baseUrl}/v1`, fetch: counted.fetch });
  const fault = (name) => ({ headers: { 'x-candor-sim': `${provider}=${name}` } });
  const create = (body, options) => client.responses.create({ model, store: false, ...body }, options);
  const asking = { instructions: TASKS.system, input: TASKS.question };
  const tool = { type: 'function', strict: false, ...TASKS.weatherTool };
  const finishOf = (response) =>
    response.status === 'completed'
      ? 'stop'
      : response.incomplete_details?.reason === 'max_output_tokens'
        ? 'length'
        : response.status;

  return {
    async text() {
      const response = await create(asking);
      return { text: response.output_text, finish: finishOf(response) };
    },
    async stream() {
      const stream = client.responses.stream({ model, store: false, ...asking });
      let pieces = 0;
      stream.on('response.output_text.delta', () => pieces++);
      const response = await stream.finalResponse();
      return { text: response.output_text, finish: finishOf(response), pieces };
    },
    async tools() {
      const input = [{ role: 'user', content: TASKS.weather }];
      const called = await create({ input, tools: [tool] });
      const calls = called.output.filter((item) => item.type === 'function_call');
      const results = calls.map((call) => ({
        type: 'function_call_output',
        call_id: call.call_id,
        output: runWeather(JSON.parse(call.arguments)),
      }));
      const answered = await create({ input: [...input, ...called.output, ...results], tools: [tool] });
      return {
        ids: calls.map((call) => call.call_id),
        calls: calls.map(({ name, arguments: text }) => ({ name, arguments: JSON.parse(text) })),
        text: answered.output_text,
      };
    },
    async structured() {
      const format = { type: 'json_schema', name: 'invoice', schema: TASKS.schema, strict: true };
      const response = await client.responses.parse({ model, store: false, input: TASKS.extraction, text: { format } });
      return { value: JSON.parse(response.output_text) };
    },
    async image() {
      const content = [
        { type: 'input_text', text: TASKS.describe },
        { type: 'input_image', image_url: TASKS.image.dataUrl, detail: 'auto' },
      ];
      return { text: (await create({ input: [{ role: 'user', content }] })).output_text };
    },
    async refusal() {
      const response = await create(asking, fault('refusal'));
      const parts = response.output.flatMap((item) => (item.type === 'message' ? item.content : []));
      const isFiltered = response.incomplete_details?.reason === 'content_filter';
      return {
        refused:
          isFiltered || parts.some((part) => part.type === 'refusal') || /can.t help/i.test(response.output_text),
      };
    },
    async length() {
      const response = await create({ input: TASKS.story, max_output_tokens: TASKS.outputTokens });
      return { finish: finishOf(response) };
    },
    async error() {
      const error = await create(asking, fault('503')).catch((thrown) => thrown);
      return { status: error.status, message: `${error.code} ${error.message}`, calls: counted.count() };
    },
    async abort() {
      const abort = new AbortController();
      const stream = await create({ ...asking, stream: true }, { signal: abort.signal, ...fault('stall:3') });
      let pieces = 0;
      let isComplete = false;
      for await (const event of stream) {
        isComplete ||= event.type === 'response.completed';
        if (event.type !== 'response.output_text.delta') continue;
        pieces++;
        abort.abort();
      }
      return { pieces, ended: isComplete ? 'complete' : 'aborted' };
    },
    async provenance() {
      const response = await create(asking);
      return { servedBy: response.candor.served_by, generation: response.id };
    },
  };
}

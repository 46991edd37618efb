// LangChain JS with its OpenAI integration.
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';

import { TASKS, runWeather } from './scenarios.mjs';

export function langChain({ baseUrl, model, provider, counted }) {
  const chat = (options = {}, headers = {}) =>
    new ChatOpenAI({
      model,
      apiKey: 'any',
      maxRetries: 0,
      __includeRawResponse: true,
      configuration: { baseURL: `${baseUrl}/v1`, fetch: counted.fetch, defaultHeaders: headers },
      ...options,
    });
  const asking = [new SystemMessage(TASKS.system), new HumanMessage(TASKS.question)];
  const fault = (name) => ({ 'x-candor-sim': `${provider}=${name}` });
  const finishOf = (message) => message.response_metadata.finish_reason;
  const tool = { type: 'function', function: TASKS.weatherTool };

  return {
    async text() {
      const message = await chat().invoke(asking);
      return { text: message.text, finish: finishOf(message) };
    },
    async stream() {
      let whole;
      let pieces = 0;
      for await (const piece of await chat().stream(asking)) {
        if (piece.text !== '') pieces++;
        whole = whole === undefined ? piece : whole.concat(piece);
      }
      return { text: whole.text, finish: finishOf(whole), pieces };
    },
    async tools() {
      const bound = chat().bindTools([tool]);
      const question = new HumanMessage(TASKS.weather);
      const called = await bound.invoke([question]);
      const calls = called.tool_calls ?? [];
      const results = calls.map((call) => new ToolMessage({ tool_call_id: call.id, content: runWeather(call.args) }));
      const answered = await bound.invoke([question, new AIMessage(called), ...results]);
      return {
        ids: calls.map((call) => call.id),
        calls: calls.map(({ name, args }) => ({ name, arguments: args })),
        text: answered.text,
      };
    },
    async structured() {
      const typed = chat().withStructuredOutput(TASKS.schema, { name: 'invoice', method: 'jsonSchema', strict: true });
      return { value: await typed.invoke(TASKS.extraction) };
    },
    async image() {
      const content = [
        { type: 'text', text: TASKS.describe },
        { type: 'image_url', image_url: { url: TASKS.image.dataUrl } },
      ];
      return { text: (await chat().invoke([new HumanMessage({ content })])).text };
    },
    async refusal() {
      const message = await chat({}, fault('refusal')).invoke(asking);
      const { refusal } = message.additional_kwargs.__raw_response.choices[0].message;
      const isRefused = finishOf(message) === 'content_filter' || Boolean(refusal);
      return { refused: isRefused || /can.t help/i.test(message.text) };
    },
    async length() {
      const message = await chat({ maxTokens: TASKS.outputTokens }).invoke([new HumanMessage(TASKS.story)]);
      return { finish: finishOf(message) };
    },
    async error() {
      const error = await chat({}, fault('503'))
        .invoke(asking)
        .catch((thrown) => thrown);
      return { status: error.status, message: `${error.code} ${error.message}`, calls: counted.count() };
    },
    async abort() {
      const abort = new AbortController();
      let pieces = 0;
      let ended = 'complete';
      try {
        for await (const piece of await chat({}, fault('stall:3')).stream(asking, { signal: abort.signal })) {
          if (piece.text === '') continue;
          pieces++;
          abort.abort();
        }
      } catch {
        ended = 'aborted';
      }
      return { pieces, ended };
    },
    async provenance() {
      const message = await chat().invoke(asking);
      const raw = message.additional_kwargs.__raw_response;
      return { servedBy: raw.candor.served_by, generation: raw.id };
    },
  };
}

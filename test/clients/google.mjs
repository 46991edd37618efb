// The official Google SDK, as for the Gemini API. It keeps of a body only what it knows, so it shows provenance by its headers.
import { GoogleGenAI } from '@google/genai';

import { TASKS, runWeather } from './scenarios.mjs';

const FINISH = { STOP: 'stop', MAX_TOKENS: 'length' };

export function google({ baseUrl, model, provider, counted }) {
  const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl } });
  counted.replaceGlobalFetch();
  const user = (parts) => [{ role: 'user', parts }];
  const fault = (name) => ({ httpOptions: { headers: { 'x-candor-sim': `${provider}=${name}` } } });
  const asking = (config = {}) => ({
    model,
    contents: TASKS.question,
    config: { systemInstruction: TASKS.system, ...config },
  });
  const finishOf = (response) =>
    FINISH[response.candidates?.[0]?.finishReason] ?? response.candidates?.[0]?.finishReason;
  const tools = [
    {
      functionDeclarations: [
        {
          name: TASKS.weatherTool.name,
          description: TASKS.weatherTool.description,
          parametersJsonSchema: TASKS.weatherTool.parameters,
        },
      ],
    },
  ];

  return {
    async text() {
      const response = await client.models.generateContent(asking());
      return { text: response.text ?? '', finish: finishOf(response) };
    },
    async stream() {
      let text = '';
      let pieces = 0;
      let finish;
      for await (const response of await client.models.generateContentStream(asking())) {
        if (response.text) pieces++;
        text += response.text ?? '';
        finish = finishOf(response) ?? finish;
      }
      return { text, pieces, finish };
    },
    async tools() {
      const contents = user([{ text: TASKS.weather }]);
      const called = await client.models.generateContent({ model, contents, config: { tools } });
      const calls = called.functionCalls ?? [];
      const results = calls.map((call) => ({
        functionResponse: { id: call.id, name: call.name, response: { output: runWeather(call.args) } },
      }));
      const history = [...contents, called.candidates[0].content, { role: 'user', parts: results }];
      const answered = await client.models.generateContent({ model, contents: history, config: { tools } });
      return {
        // Some of the vendor's models give calls no id: there it is their order that tells them apart.
        ids: calls.map((call, index) => call.id ?? index),
        calls: calls.map(({ name, args }) => ({ name, arguments: args })),
        text: answered.text ?? '',
      };
    },
    async structured() {
      const config = { responseMimeType: 'application/json', responseJsonSchema: TASKS.schema };
      const response = await client.models.generateContent({ model, contents: TASKS.extraction, config });
      return { value: JSON.parse(response.text ?? '') };
    },
    async image() {
      const picture = { inlineData: { mimeType: TASKS.image.mediaType, data: TASKS.image.base64 } };
      const response = await client.models.generateContent({
        model,
        contents: user([picture, { text: TASKS.describe }]),
      });
      return { text: response.text ?? '' };
    },
    async refusal() {
      const response = await client.models.generateContent(asking(fault('refusal')));
      const isBlocked = response.promptFeedback?.blockReason !== undefined || finishOf(response) === 'SAFETY';
      return { refused: isBlocked || /can.t help/i.test(response.text ?? '') };
    },
    async length() {
      const config = { maxOutputTokens: TASKS.outputTokens };
      const response = await client.models.generateContent({ model, contents: TASKS.story, config });
      return { finish: finishOf(response) };
    },
    async error() {
      const error = await client.models.generateContent(asking(fault('503'))).catch((thrown) => thrown);
      return { status: error.status, message: error.message, calls: counted.count() };
    },
    async abort() {
      const abort = new AbortController();
      let pieces = 0;
      let ended = 'complete';
      try {
        const config = { abortSignal: abort.signal, ...fault('stall:3') };
        for await (const response of await client.models.generateContentStream(asking(config))) {
          if (!response.text) continue;
          pieces++;
          abort.abort();
        }
      } catch {
        ended = 'aborted';
      }
      return { pieces, ended };
    },
    async provenance() {
      const response = await client.models.generateContent(asking());
      return {
        servedBy: response.sdkHttpResponse.headers['x-candor-served-by'],
        generation: response.responseId ?? response.sdkHttpResponse.headers['x-request-id'],
      };
    },
  };
}

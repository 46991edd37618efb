import type { JsonObject } from '../../src/core/json.ts';

/** A whole streamed answer as one vendor would send it, event by event. */
export interface UpstreamStream {
  readonly name: string;
  /** The provider that speaks its protocol, and the model to ask for. */
  readonly provider: string;
  readonly model: string;
  /** The bytes of each event with its blank line. */
  readonly events: readonly string[];
  /** Index of the first event with content. */
  readonly firstContent: number;
  /** Index of the event that is the protocol's terminal signal. */
  readonly terminal: number;
}

/** OpenAI Chat Completions: a text of these words. */
export function openAiStream(words: readonly string[]): UpstreamStream {
  const deltas = words.map((word) => openAiChunk({ content: `${word} ` }));
  return {
    name: 'OpenAI text',
    provider: 'openai',
    model: 'gpt-4o',
    events: [openAiChunk({ role: 'assistant', content: '' }), ...deltas, openAiChunk({}, 'stop'), OPENAI_USAGE, DONE],
    firstContent: 1,
    terminal: words.length + 1,
  };
}

/** OpenAI Chat Completions: one tool call whose arguments come in pieces. */
export function openAiToolStream(): UpstreamStream {
  const call = (details: JsonObject): string => openAiChunk({ tool_calls: [{ index: 0, ...details }] });
  return {
    name: 'OpenAI tool call',
    provider: 'openai',
    model: 'gpt-4o',
    events: [
      openAiChunk({ role: 'assistant', content: null }),
      call({ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
      call({ function: { arguments: '{"city":' } }),
      call({ function: { arguments: '"Oslo"}' } }),
      openAiChunk({}, 'tool_calls'),
      OPENAI_USAGE,
      DONE,
    ],
    firstContent: 1,
    terminal: 4,
  };
}

/** DeepSeek: reasoning, then a text; the usage rides on the finish. */
export function deepSeekStream(words: readonly string[]): UpstreamStream {
  const chunk = (delta: JsonObject, finish: string | null = null, usage: JsonObject | null = null): string =>
    data({
      id: 'ds-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'deepseek-chat',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      usage,
    });
  return {
    name: 'DeepSeek reasoning and text',
    provider: 'deepseek',
    model: 'deepseek-chat',
    events: [
      chunk({ role: 'assistant', content: null, reasoning_content: '' }),
      ': keep-alive\n\n',
      chunk({ content: null, reasoning_content: 'Thinking.' }),
      ...words.map((word) => chunk({ content: `${word} `, reasoning_content: null })),
      chunk({ content: '' }, 'stop', { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 }),
      DONE,
    ],
    firstContent: 2,
    terminal: words.length + 3,
  };
}

/** Anthropic Messages: a text of these words. */
export function anthropicStream(words: readonly string[]): UpstreamStream {
  return {
    name: 'Anthropic text',
    provider: 'anthropic',
    model: 'claude-opus',
    events: [
      MESSAGE_START,
      named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      named('ping', {}),
      ...words.map((word) =>
        named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: `${word} ` } }),
      ),
      named('content_block_stop', { index: 0 }),
      messageDelta('end_turn'),
      MESSAGE_STOP,
    ],
    firstContent: 3,
    terminal: words.length + 5,
  };
}

/** Anthropic Messages: one tool call whose arguments come in pieces. */
export function anthropicToolStream(): UpstreamStream {
  const fragment = (json: string): string =>
    named('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: json } });
  return {
    name: 'Anthropic tool call',
    provider: 'anthropic',
    model: 'claude-opus',
    events: [
      MESSAGE_START,
      named('content_block_start', {
        index: 0,
        content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
      }),
      fragment('{"city":'),
      fragment('"Oslo"}'),
      named('content_block_stop', { index: 0 }),
      messageDelta('tool_use'),
      MESSAGE_STOP,
    ],
    firstContent: 1,
    terminal: 6,
  };
}

/** Gemini: a text of these words, with the vendor's CRLF. The finish rides on the last piece. */
export function geminiStream(words: readonly string[]): UpstreamStream {
  return {
    name: 'Gemini text',
    provider: 'google',
    model: 'gemini-flash',
    events: words.map((word, index) =>
      geminiChunk([{ text: `${word} ` }], index === words.length - 1 ? 'STOP' : undefined),
    ),
    firstContent: 0,
    terminal: words.length - 1,
  };
}

/** One answer of each protocol in these words. */
export function textStreams(words: readonly string[]): readonly UpstreamStream[] {
  return [openAiStream(words), deepSeekStream(words), anthropicStream(words), geminiStream(words)];
}

/** One chunk of OpenAI's protocol. */
export function openAiChunk(delta: JsonObject, finish: string | null = null): string {
  return data({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
  });
}

/** One chunk of Gemini's protocol. */
export function geminiChunk(parts: readonly JsonObject[], finish?: string): string {
  const candidate = {
    content: { role: 'model', parts },
    index: 0,
    ...(finish === undefined ? {} : { finishReason: finish }),
  };
  const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 6, totalTokenCount: 11 };
  return `data: ${JSON.stringify({ candidates: [candidate], usageMetadata, modelVersion: 'gemini-2.5-flash', responseId: 'r1' })}\r\n\r\n`;
}

/** One event of Anthropic's protocol. */
export function named(type: string, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
}

/** An unnamed event. */
export function data(value: JsonObject): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function messageDelta(reason: string): string {
  return named('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 6 } });
}

export const DONE = 'data: [DONE]\n\n';
export const MESSAGE_STOP = named('message_stop', {});
export const MESSAGE_START = named('message_start', {
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-8',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 1 },
  },
});
const OPENAI_USAGE = data({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-4o-2024-08-06',
  choices: [],
  usage: { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 },
});

// What the upstreams of the benchmark answer: about 1 KB of text, or a stream of short tokens, in each protocol's own form.

/** Content events of one stream. */
export const STREAM_TOKENS = 100;

const WORDS = 'revenue grew while costs stayed flat and customers asked about latency pricing and data residency'.split(
  ' ',
);

/** Plain text of exactly this many characters. */
export function plainText(characters) {
  let text = '';
  for (let next = 0; text.length < characters; next++) text += `${WORDS[next % WORDS.length]} `;
  return text.slice(0, characters);
}

const TOKENS = Array.from({ length: STREAM_TOKENS }, (_, index) => ` ${WORDS[index % WORDS.length]}`);

const openAiChunk = (members) => ({
  id: 'chatcmpl-0123456789abcdefghijklmnop',
  object: 'chat.completion.chunk',
  created: 1730000000,
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  system_fingerprint: 'fp_a1b2c3d4e5',
  ...members,
});
const openAiDelta = (delta, finishReason) =>
  openAiChunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] });
const openAiUsage = {
  prompt_tokens: 250,
  completion_tokens: 120,
  total_tokens: 370,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
};
const unnamed = (data) => `data: ${data}\n\n`;
const named = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** Protocol → its whole answer as JSON and its stream as the texts of its events. */
export const ANSWERS = {
  openai: {
    whole: JSON.stringify({
      id: 'chatcmpl-0123456789abcdefghijklmnop',
      object: 'chat.completion',
      created: 1730000000,
      model: 'gpt-4o-2024-08-06',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: plainText(560), refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: openAiUsage,
      service_tier: 'default',
      system_fingerprint: 'fp_a1b2c3d4e5',
    }),
    events: [
      unnamed(JSON.stringify(openAiDelta({ role: 'assistant', content: '', refusal: null }, null))),
      ...TOKENS.map((content) => unnamed(JSON.stringify(openAiDelta({ content }, null)))),
      unnamed(JSON.stringify(openAiDelta({}, 'stop'))),
      unnamed(JSON.stringify(openAiChunk({ choices: [], usage: openAiUsage }))),
      unnamed('[DONE]'),
    ],
  },
  anthropic: {
    whole: JSON.stringify({
      id: 'msg_0123456789abcdefghijklmn',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-1-20250805',
      content: [{ type: 'text', text: plainText(560) }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 250,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 120,
        service_tier: 'standard',
      },
    }),
    events: [
      named({
        type: 'message_start',
        message: {
          id: 'msg_0123456789abcdefghijklmn',
          type: 'message',
          role: 'assistant',
          model: 'claude-opus-4-1-20250805',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 250, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
        },
      }),
      named({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      ...TOKENS.map((text) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
      named({ type: 'content_block_stop', index: 0 }),
      named({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 120 },
      }),
      named({ type: 'message_stop' }),
    ],
  },
};

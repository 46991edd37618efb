import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Adjustment } from '../../core/adjustment.ts';
import type { Capabilities, Feature, HintRule } from '../../core/capabilities.ts';
import type { Message } from '../../core/chat.ts';
import { CACHES_BY_ITSELF, NO_SUCH_PARAMETER, oneIdentifier, OPENAI_ONLY_HINTS } from '../hint-rules.ts';
import { defineOpenAiCompatible } from '../openai-compatible/define.ts';
import type { FittedMessages } from '../openai-compatible/encode.ts';

/** DeepSeek's API documentation (chat completion, JSON output, thinking mode), read 2026-11. */
const SOURCE = 'DeepSeek API documentation, 2026-11';

const FEATURES: ReadonlySet<Feature> = new Set<Feature>([
  'chat',
  'tools',
  'tool_choice_required',
  'tool_choice_named',
  'free_form_tool_arguments',
  'json_object',
  'json_with_tools',
  'stop',
  'stop_white_space',
  'empty_message',
  'system_after_start',
  'starts_with_assistant',
  'unknown_fields',
  'protocol_fields',
  'exact_numbers',
  'message_names',
  'reasoning_history',
]);

/** The alias that thinks; the vendor then accepts sampling parameters and ignores them. */
const THINKING_MODEL = /reasoner/;

const IGNORED: HintRule = { kind: 'drop', reason: 'the vendor ignores it in thinking mode' };
const SHARED_HINTS: Readonly<Record<string, HintRule>> = {
  ...OPENAI_ONLY_HINTS,
  ...oneIdentifier('user_id'),
  frequency_penalty: NO_SUCH_PARAMETER,
  presence_penalty: NO_SUCH_PARAMETER,
  seed: NO_SUCH_PARAMETER,
  prompt_cache_key: CACHES_BY_ITSELF,
};
const THINKING_HINTS: Readonly<Record<string, HintRule>> = {
  ...SHARED_HINTS,
  temperature: IGNORED,
  top_p: IGNORED,
  reasoning_effort: {
    kind: 'map',
    field: 'reasoning_effort',
    values: {
      minimal: { send: 'low', exact: false },
      low: { send: 'low', exact: true },
      medium: { send: 'high', exact: false },
      high: { send: 'high', exact: true },
      xhigh: { send: 'high', exact: false },
      max: { send: 'max', exact: true },
    },
  },
};
const CHAT_HINTS: Readonly<Record<string, HintRule>> = {
  ...SHARED_HINTS,
  temperature: { kind: 'pass', field: 'temperature' },
  top_p: { kind: 'pass', field: 'top_p' },
  reasoning_effort: { kind: 'drop', reason: 'this model does not think: ask deepseek-reasoner' },
};

function capabilities(modelId: string): Capabilities {
  const thinking = THINKING_MODEL.test(modelId);
  return {
    protocol: 'openai-chat',
    features: thinking ? FEATURES : new Set<Feature>([...FEATURES, 'logprobs']),
    emulates: new Set(['json_schema']),
    acceptsSchema: () => true,
    hints: thinking ? THINKING_HINTS : CHAT_HINTS,
    exclusiveHints: [],
    defaultOutputTokens: null,
    source: SOURCE,
  };
}

const JSON_WORD = 'Answer in JSON.';

/** The vendor refuses JSON mode unless the prompt says the word; the client's own words are left alone. */
function sayJson(messages: readonly Message[], adapted: AdaptedRequest): FittedMessages {
  if (adapted.responseFormat?.type !== 'json_object') return { messages, adjustments: [] };
  const said = messages.some((message) =>
    message.content.some((part) => part.type === 'text' && /json/i.test(part.text)),
  );
  if (said) return { messages, adjustments: [] };
  const word: Message = {
    role: 'system',
    path: null,
    original: null,
    name: null,
    content: [{ type: 'text', text: JSON_WORD }],
  };
  return {
    messages: [word, ...messages],
    adjustments: [
      {
        param: 'messages',
        asked: null,
        sent: JSON_WORD,
        kind: 'rewritten',
        reason: 'JSON mode of this vendor demands the word JSON in the prompt',
        at: 'deepseek',
      },
    ],
  };
}

/**
 * In thinking mode the vendor refuses a history whose tool-calling turns lack their reasoning, and
 * clients that keep only the protocol's own members have lost it: an empty one is sent in its place.
 */
function giveReasoning(fitted: FittedMessages): FittedMessages {
  const adjustments: Adjustment[] = [...fitted.adjustments];
  const messages = fitted.messages.map((message): Message => {
    if (message.role !== 'assistant' || message.toolCalls.length === 0 || message.reasoning !== null) return message;
    adjustments.push({
      param: `${message.path}.reasoning_content`,
      asked: null,
      sent: '',
      kind: 'defaulted',
      reason: 'the vendor demands the reasoning of a turn that called tools, and it did not come back',
      at: 'deepseek',
    });
    return { ...message, reasoning: '', original: null };
  });
  return adjustments.length === fitted.adjustments.length ? fitted : { messages, adjustments };
}

/** DeepSeek, Chat Completions with `reasoning_content`. */
export const deepseek = defineOpenAiCompatible({
  kind: 'deepseek',
  defaultUrl: 'https://api.deepseek.com',
  capabilities,
  encodeOptions: (modelId) => ({
    path: '/chat/completions',
    outputCap: 'max_tokens',
    leavesOutNeutral: true,
    developerRole: false,
    fitMessages: (messages, adapted) => {
      const worded = sayJson(messages, adapted);
      return THINKING_MODEL.test(modelId) ? giveReasoning(worded) : worded;
    },
  }),
  requestIdHeader: 'x-ds-trace-id',
});

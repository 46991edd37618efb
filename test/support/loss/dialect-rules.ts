import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { isSameJson, isWithin, valueAt } from '../json-leaves.ts';
import { UNSIGNED } from '../../../src/dialects/anthropic-messages/sealed-thinking.ts';
import type { Passage } from './losses.ts';
import type { PlaceTable } from './matrix-places.ts';
import {
  hasEmptyArguments,
  isAllowedSubset,
  isCachedUpTo,
  isCalled,
  isEnforced,
  isSameChoice,
  isStrict,
  isThinkingSaid,
  namesTool,
  saysJson,
  tellsThoughts,
  wordOf,
  lowerWord,
} from './vendor-words.ts';

/** What of one dialect's requests asks for nothing, where the rest is published, and what vendors say in other words. From the vendors' documents. */
export interface DialectRules {
  /** Members that speak to Candor or to the transport, not to the model. */
  readonly own: readonly string[];
  /** Values that are what the vendor does anyway, by path. */
  readonly neutral: readonly (readonly [path: RegExp, value: JsonValue])[];
  /** Words that only say of what kind their neighbours are. */
  readonly discriminators: RegExp;
  /** Who speaks at a path; `null` where nobody does. */
  readonly roleOf: (path: string, body: JsonObject) => string | null;
  /** The rows of the published matrix. */
  readonly places: PlaceTable;
  /** Where the format of the answer is said. */
  readonly format: RegExp;
  /** Whether a word of the client's stands in the vendor's body in the vendor's own words. */
  readonly isSaidOtherwise: (path: string, value: JsonValue, passage: Passage) => boolean;
}

/** Whether the leaf asks for anything. */
export function isAsked(path: string, value: JsonValue, { body, vendor }: Passage, rules: DialectRules): boolean {
  if (rules.own.some((own) => isWithin(path, own))) return false;
  if (rules.neutral.some(([pattern, neutral]) => pattern.test(path) && isSameJson(neutral, value))) return false;
  // DeepSeek's models tell what they think, always.
  if (vendor === 'deepseek' && /(includeThoughts|thinking\.display)$/.test(path) && value !== false) return false;
  // Without tools, or where none may be called, there is nothing to choose from.
  if (!/^(tool_choice|parallel_tool_calls|toolConfig)/.test(path)) return true;
  const hasTools = ((body['tools'] ?? []) as readonly JsonValue[]).length > 0;
  return hasTools && !(/parallel_tool/.test(path) && wordOf(body['tool_choice']) === 'none');
}

function messageRole(list: string): (path: string, body: JsonObject) => string | null {
  return (path, body) => {
    const message = new RegExp(`^${list}\\[\\d+\\]`).exec(path)?.[0];
    if (message === undefined) return null;
    const role = valueAt(body, `${message}.role`);
    if (role === 'developer') return 'system';
    if (role === 'model') return 'assistant';
    if (role === 'function') return 'tool';
    return typeof role === 'string' ? role : null;
  };
}

const OPENAI_NEUTRAL: DialectRules['neutral'] = [
  [/^temperature$/, 1],
  [/^top_p$/, 1],
  [/^n$/, 1],
  [/^(presence|frequency)_penalty$/, 0],
  [/^store$/, false],
  [/^logprobs$/, false],
  [/^service_tier$/, 'auto'],
  [/^service_tier$/, 'default'],
  [/^parallel_tool_calls$/, true],
  [/verbosity$/, 'medium'],
  [/strict$/, false],
  [/detail$/, 'auto'],
  [/^(metadata|logit_bias|tools)$/, {}],
];

const CHAT_MESSAGE = String.raw`^messages\[\d+\]`;

/** Chat Completions. */
export const CHAT_RULES: DialectRules = {
  own: ['model', 'stream', 'stream_options', 'candor'],
  neutral: [...OPENAI_NEUTRAL, [/^modalities\[0\]$/, 'text'], [/^response_format\.type$/, 'text']],
  discriminators: /(^messages\[\d+\].*\.type$|\.role$|^tools\[\d+\]\.type$|^prediction\.type$|input_audio\.format$)/,
  roleOf: messageRole('messages'),
  places: [
    [new RegExp(`${CHAT_MESSAGE}\\.content(\\[\\d+\\]\\.(text|refusal))?$`), 'text'],
    [new RegExp(`${CHAT_MESSAGE}\\.refusal$`), 'text'],
    [new RegExp(`${CHAT_MESSAGE}\\.name$`), 'messages[].name'],
    [/image_url\.url$/, 'image'],
    [/image_url\.detail$/, 'image_url.detail'],
    [/input_audio\.data$/, 'input_audio'],
    [/file\.file_data$/, 'file.file_data'],
    [/tool_calls\[\d+\]\.function\.arguments$|\.function_call\.arguments$/, 'messages[].tool_calls'],
    [/\.reasoning_content$/, 'messages[].reasoning_content'],
    [/^(tools\[\d+\]\.function|functions\[\d+\])\.name$/, 'tools[].function.name'],
    [/^(tools\[\d+\]\.function|functions\[\d+\])\.description$/, 'tools[].function.description'],
    [/^(tools\[\d+\]\.function|functions\[\d+\])\.parameters/, 'tools[].function.parameters'],
    [/^tools\[\d+\]\.function\.strict$/, 'tools[].function.strict'],
    [/^response_format\.json_schema\.schema/, 'response_format json_schema'],
  ],
  format: /^response_format/,
  isSaidOtherwise: (path, value, passage) => {
    const { sent, body } = passage;
    if (path === 'tool_choice' || path === 'function_call') return isSameChoice(value as string, sent);
    if (/^(tool_choice|function_call)\..*name$|^function_call\.name$/.test(path)) return namesTool(value, sent);
    if (/^tool_choice\..*(type|mode)$/.test(path)) return namesTool('tool_0', sent) || isAllowedSubset(body, sent);
    if (path === 'response_format.type') return saysJson(sent);
    if (/^messages.*(tool_calls\[\d+\]\.function|function_call)\.name$/.test(path)) return isCalled(value, sent);
    if (path === 'response_format.json_schema.strict') return isEnforced(passage);
    // A result is its call's, by whatever name.
    if (/^messages\[\d+\]\.name$/.test(path) && CHAT_RULES.roleOf(path, body) === 'tool') return isCalled(value, sent);
    if (path.endsWith('.prompt_cache_breakpoint.mode')) return isCachedUpTo(path, passage);
    return path.endsWith('arguments') && value === '{}' && hasEmptyArguments(sent);
  },
};

/** Responses. */
export const RESPONSES_RULES: DialectRules = {
  // An `id` and a `status` are of the vendor's own store, and an answer carries what a vendor wants back anyway.
  own: ['model', 'stream', 'stream_options', 'candor', 'store', 'include', 'truncation'],
  neutral: [
    ...OPENAI_NEUTRAL,
    [/^text\.format\.type$/, 'text'],
    [/^(text|reasoning)$/, {}],
    [/(annotations|logprobs|summary)$/, []],
  ],
  discriminators: /(^input\[\d+\].*\.(type|role|id|status)$|^tools\[\d+\]\.type$|input_audio\.format$)/,
  roleOf: (path, body) => {
    if (path === 'instructions') return 'system';
    const item = /^input\[\d+\]/.exec(path)?.[0];
    if (item === undefined) return path === 'input' ? 'user' : null;
    const type = valueAt(body, `${item}.type`);
    if (type === 'function_call_output') return 'tool';
    return type === 'function_call' || type === 'reasoning' ? 'assistant' : messageRole('input')(path, body);
  },
  places: [
    [/^(instructions|input)$/, 'text'],
    [/^input\[\d+\]\.(content|output)(\[\d+\]\.(text|refusal))?$/, 'text'],
    [/image_url$/, 'image'],
    [/\.detail$/, 'image_url.detail'],
    [/input_audio\.data$/, 'input_audio'],
    [/\.content\[\d+\]\.file_data$/, 'file.file_data'],
    [/^input\[\d+\]\.arguments$/, 'messages[].tool_calls'],
    [/^input\[\d+\]\.summary\[\d+\]\.text$/, 'messages[].reasoning_content'],
    [/^tools\[\d+\]\.name$/, 'tools[].function.name'],
    [/^tools\[\d+\]\.description$/, 'tools[].function.description'],
    [/^tools\[\d+\]\.parameters/, 'tools[].function.parameters'],
    [/^tools\[\d+\]\.strict$/, 'tools[].function.strict'],
    [/^text\.format\.schema/, 'response_format json_schema'],
  ],
  format: /^text\.format/,
  isSaidOtherwise: (path, value, passage) => {
    if (path === 'text.format.type') return saysJson(passage.sent);
    if (path === 'text.format.strict') return isEnforced(passage) || isStrict(passage);
    if (/^reasoning\.(generate_)?summary$/.test(path)) return tellsThoughts(value, passage.sent);
    if (/^input\[\d+\]\.name$/.test(path)) return isCalled(value, passage.sent);
    return CHAT_RULES.isSaidOtherwise(path, value, passage);
  },
};

/** Messages. */
export const MESSAGES_RULES: DialectRules = {
  own: ['model', 'stream', 'candor'],
  neutral: [
    [/^temperature$/, 1],
    [/^top_p$/, 1],
    [/^service_tier$/, 'auto'],
    [/strict$/, false],
    [/is_error$/, false],
    [/disable_parallel_tool_use$/, false],
    [/^tools\[\d+\]\.type$/, 'custom'],
    [/^(output_config|metadata)$/, {}],
    [/^stop_sequences$/, []],
    [/^thinking\.display$/, 'omitted'],
    // Candor's own word for thinking that no vendor has signed.
    [/\.signature$/, UNSIGNED],
    [/^messages\[\d+\]\.content\[\d+\]\.(thinking|content)$/, ''],
  ],
  discriminators: /(^(messages|system)\[\d+\].*\.(type|media_type)$|\.role$)/,
  roleOf: (path, body) => {
    if (isWithin(path, 'system')) return 'system';
    const block = /^messages\[\d+\]\.content\[\d+\]/.exec(path)?.[0];
    if (block !== undefined && valueAt(body, `${block}.type`) === 'tool_result') return 'tool';
    return messageRole('messages')(path, body);
  },
  places: [
    [/^system(\[\d+\]\.text)?$/, 'text'],
    [/^messages\[\d+\]\.content((\[\d+\]\.content)?\[\d+\]\.text)?$/, 'text'],
    [/^messages\[\d+\]\.content\[\d+\]\.content$/, 'text'],
    [/^messages\[\d+\]\.content\[\d+\]\.input(?!\w)/, 'messages[].tool_calls'],
    [/^messages\[\d+\]\.content\[\d+\]\.thinking$/, 'messages[].reasoning_content'],
    [/^tools\[\d+\]\.name$/, 'tools[].function.name'],
    [/^tools\[\d+\]\.description$/, 'tools[].function.description'],
    [/^tools\[\d+\]\.input_schema/, 'tools[].function.parameters'],
    [/^tools\[\d+\]\.strict$/, 'tools[].function.strict'],
    [/^output_config\.format\.schema/, 'response_format json_schema'],
  ],
  format: /^output_config\.format/,
  isSaidOtherwise: (path, value, passage) => {
    const { sent, request, body } = passage;
    if (path === 'tool_choice.type') {
      const word = value === 'any' ? 'required' : lowerWord(value);
      return isSameChoice(word, sent) || (value === 'tool' && namesTool('tool_0', sent));
    }
    if (path === 'tool_choice.name') return namesTool(value, sent);
    if (path.endsWith('.cache_control.type')) return isCachedUpTo(path, passage);
    if (path === 'output_config.format.type') return saysJson(sent);
    // The number beside it says it all, and an effort asked for.
    if (path === 'thinking.type' && value === 'enabled') return valueAt(body, 'thinking.budget_tokens') !== undefined;
    // An effort says how much to think, and so that there is thinking.
    if (path === 'thinking.type' && value === 'adaptive' && request.parameters['reasoning_effort'] !== undefined)
      return true;
    if (path === 'thinking.type') return isThinkingSaid(value, sent);
    if (/^messages.*\.name$/.test(path)) return isCalled(value, sent);
    if (path.endsWith('is_error'))
      return sent.nodesAt('/contents/*/parts/*/functionResponse/response/error').length > 0;
    return path.endsWith('input') && isSameJson(value, {}) && hasEmptyArguments(sent);
  },
};

/** generateContent. */
export const GEMINI_RULES: DialectRules = {
  own: ['candor', 'model'],
  neutral: [
    [/\.temperature$/, 1],
    [/\.topP$/, 1],
    [/\.candidateCount$/, 1],
    [/\.(presence|frequency)Penalty$/, 0],
    [/\.responseModalities\[0\]$/, 'TEXT'],
    [/\.responseMimeType$/, 'text/plain'],
    [/\.includeThoughts$/, false],
    [/\.(thought|responseLogprobs)$/, false],
    [/^systemInstruction\.role$/, 'user'],
    [/^(generationConfig(\.thinkingConfig)?|toolConfig)$/, {}],
    [/^(tools|safetySettings)$/, []],
    [/^serviceTier$/, 'standard'],
    [/^store$/, false],
  ],
  discriminators: /(\.mimeType$|\.role$|\.thought$)/,
  roleOf: (path, body) => {
    if (isWithin(path, 'systemInstruction')) return 'system';
    const part = /^contents\[\d+\]\.parts\[\d+\]/.exec(path)?.[0];
    if (part !== undefined && valueAt(body, `${part}.functionResponse`) !== undefined) return 'tool';
    return messageRole('contents')(path, body);
  },
  places: [
    [/^(systemInstruction|contents\[\d+\])\.parts\[\d+\]\.text$/, 'text'],
    [/\.functionResponse\.response(?!\w).*$/, 'text'],
    [/\.functionCall\.args(?!\w)/, 'messages[].tool_calls'],
    [/\.functionDeclarations\[\d+\]\.name$/, 'tools[].function.name'],
    [/\.functionDeclarations\[\d+\]\.description$/, 'tools[].function.description'],
    [/\.functionDeclarations\[\d+\]\.parameters(JsonSchema)?(?!\w)/, 'tools[].function.parameters'],
    [/^generationConfig\.response(Json)?Schema/, 'response_format json_schema'],
  ],
  format: /^generationConfig\.response(MimeType|(Json)?Schema)/,
  isSaidOtherwise: (path, value, { sent }) => {
    if (path.endsWith('.mode')) {
      const word = value === 'ANY' ? 'required' : lowerWord(value);
      return isSameChoice(word, sent) || namesTool('tool_0', sent);
    }
    if (/allowedFunctionNames/.test(path)) return namesTool(value, sent);
    if (path.endsWith('responseMimeType')) return saysJson(sent);
    if (/function(Call|Response)\.name$/.test(path)) return isCalled(value, sent);
    if (path.endsWith('includeThoughts')) return tellsThoughts(value, sent);
    if (path.endsWith('thinkingBudget') && value === 0) return isThinkingSaid('disabled', sent);
    if (path.endsWith('thinkingBudget') && value === -1)
      return isThinkingSaid('adaptive', sent) || sent.says('adaptive');
    return path.endsWith('args') && isSameJson(value, {}) && hasEmptyArguments(sent);
  },
};

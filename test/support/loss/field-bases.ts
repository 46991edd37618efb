import type { JsonObject } from '../../../src/core/json.ts';
import type { FieldOverride } from './field-cases.ts';

/** A request into which the fields of a dialect are put, and how those are that need more than a text. */
export interface FieldBase {
  readonly body: JsonObject;
  readonly overrides: Readonly<Record<string, FieldOverride>>;
}

const PICTURE = { type: 'base64', media_type: 'image/png', data: 'aGVsbG8=' };
const DOCUMENT = { type: 'base64', media_type: 'application/pdf', data: 'aGVsbG8=' };
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const USER = { role: 'user', content: 'Hello.' };

const CUSTOM_TOOL = {
  type: 'custom',
  custom: {
    name: 'free',
    description: '¤0¤',
    format: { type: 'grammar', grammar: { syntax: 'lark', definition: '¤1¤' } },
  },
};
const CUSTOM_CALL = { id: 'call_1', type: 'custom', custom: { name: 'free', input: '¤0¤' } };
const SPOKEN = { modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'alloy' } };

/** Chat Completions: what OpenAI alone has mostly comes in wholes, each of which holds several fields. */
export const CHAT_WHOLES: Readonly<Record<string, JsonObject>> = {
  'messages[].audio': { messages: [USER, { role: 'assistant', audio: { id: '¤0¤' } }, USER] },
  'messages[].tool_calls[].custom': {
    messages: [
      USER,
      { role: 'assistant', content: null, tool_calls: [CUSTOM_CALL] },
      { role: 'tool', tool_call_id: 'call_1', content: 'done' },
    ],
  },
  'messages[].content[].file.file_id': {
    messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: '¤0¤' } }] }],
  },
  tools: {
    messages: [USER],
    tools: [CUSTOM_TOOL],
    tool_choice: { type: 'custom', custom: { name: 'free' } },
  },
  audio: { messages: [USER], audio: SPOKEN.audio },
  modalities: { messages: [USER], ...SPOKEN },
  moderation: {
    messages: [USER],
    moderation: { model: '¤0¤', policy: { input: { mode: '¤1¤' }, output: { mode: '¤2¤' } } },
  },
  web_search_options: {
    messages: [USER],
    web_search_options: {
      search_context_size: 'low',
      user_location: { type: 'approximate', approximate: { city: '¤0¤' } },
    },
  },
  logit_bias: { messages: [USER], logit_bias: { '1234': -100 } },
  store: { messages: [USER], store: true },
  'stream_options.include_obfuscation': {
    messages: [USER],
    stream: true,
    stream_options: { include_usage: true, include_obfuscation: true },
  },
};

/** Messages. */
export const MESSAGES_BASE: FieldBase = {
  body: {
    model: 'any',
    max_tokens: 2000,
    system: [{ type: 'text', text: 'Be kind.' }],
    messages: [
      {
        role: 'user',
        content: [{ type: 'text', text: 'See.' }],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'tool_0', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'done' }] },
    ],
    tools: [{ name: 'tool_0', input_schema: SCHEMA }],
  },
  overrides: {
    'messages[].content[].citations…': { value: [{ type: 'char_location', cited_text: '¤0¤' }] },
    'messages[].content[].cache_control.ttl': {
      at: 'messages[0].content[0].cache_control',
      value: { type: 'ephemeral', ttl: '1h' },
    },
    'system[].cache_control.ttl': { at: 'system[0].cache_control', value: { type: 'ephemeral', ttl: '1h' } },
    'messages[].content[].source.file_id': {
      at: 'messages[0].content[1]',
      value: { type: 'image', source: { type: 'file', file_id: '¤0¤' } },
    },
    'messages[].content[].source.content…': {
      at: 'messages[0].content[1]',
      value: { type: 'document', source: { type: 'content', content: [{ type: 'text', text: '¤0¤' }] } },
    },
    'messages[].content[].transformations…': {
      at: 'messages[0].content[1]',
      value: { type: 'image', source: PICTURE, transformations: { sentinel: '¤0¤' } },
    },
    'messages[].content[].context': {
      at: 'messages[0].content[1]',
      value: { type: 'document', source: DOCUMENT, context: '¤0¤' },
    },
    'messages[].content[].caller…': { at: 'messages[1].content[0].caller', value: { type: '¤0¤' } },
    'messages[].content[].toolset_name': { at: 'messages[1].content[0].toolset_name' },
    'tools[].allowed_callers[]': { at: 'tools[0].allowed_callers', value: ['¤0¤'] },
    'tools[].defer_loading': { value: true },
    'tools[].eager_input_streaming': { value: true },
  },
};

const BLOB = { mimeType: 'image/png', data: 'aGVsbG8=' };
/** Where the vendor keeps files that were uploaded. */
const FILE = { mimeType: 'image/png', fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/a' };

/** generateContent. */
export const GEMINI_BASE: FieldBase = {
  body: {
    contents: [
      {
        role: 'user',
        parts: [{ text: 'See.' }],
      },
      { role: 'model', parts: [{ functionCall: { id: 'a', name: 'tool_0', args: {} } }] },
      {
        role: 'user',
        parts: [
          {
            functionResponse: {
              id: 'a',
              name: 'tool_0',
              response: { output: 'done' },
            },
          },
        ],
      },
    ],
    tools: [{ functionDeclarations: [{ name: 'tool_0', parametersJsonSchema: SCHEMA }] }],
  },
  overrides: {
    ...Object.fromEntries(
      ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'].map((name) => [
        `contents[].parts[].${name}…`,
        { at: `contents[0].parts[1]`, value: { [name]: { sentinel: '¤0¤' } } },
      ]),
    ),
    ...Object.fromEntries(
      ['partialArgs…', 'willContinue'].map((name) => [
        `contents[].parts[].functionCall.${name}`,
        { at: `contents[1].parts[0].functionCall.${name.replace('…', '')}`, value: [{ sentinel: '¤0¤' }] },
      ]),
    ),
    ...Object.fromEntries(
      ['willContinue', 'scheduling'].map((name) => [
        `contents[].parts[].functionResponse.${name}`,
        { at: `contents[2].parts[0].functionResponse.${name}` },
      ]),
    ),
    'contents[].parts[].functionResponse.parts[].inlineData.displayName': {
      at: 'contents[2].parts[0].functionResponse.parts',
      value: [{ inlineData: { ...BLOB, displayName: '¤0¤' } }],
    },
    'contents[].parts[].inlineData.displayName': {
      at: 'contents[0].parts[1]',
      value: { inlineData: { ...BLOB, displayName: '¤0¤' } },
    },
    'contents[].parts[].fileData.displayName': {
      at: 'contents[0].parts[1]',
      value: { fileData: { ...FILE, displayName: '¤0¤' } },
    },
    'contents[].parts[].functionResponse.parts[].fileData.displayName': {
      at: 'contents[2].parts[0].functionResponse.parts',
      value: [{ fileData: { ...FILE, displayName: '¤0¤' } }],
    },
    'safetySettings[]…': { at: 'safetySettings', value: [{ category: '¤0¤', threshold: '¤1¤' }] },
    store: { value: true },
  },
};

/** Responses. */
export const RESPONSES_BASE: FieldBase = {
  body: {
    model: 'any',
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'See.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Seen.', annotations: [] }] },
      { type: 'function_call', call_id: 'call_1', name: 'tool_0', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: [{ type: 'input_text', text: 'done' }] },
    ],
    tools: [{ type: 'function', name: 'tool_0', parameters: SCHEMA, strict: false }],
  },
  overrides: {
    'stream_options.include_obfuscation': { value: true },
    store: { value: true },
    background: { value: true },
    truncation: { value: 'auto' },
    max_tool_calls: { value: 3 },
    'tools[]': { at: 'tools[1]', value: { type: 'web_search', sentinel: '¤0¤' } },
    'tools[].defer_loading': { value: true },
    'tools[].allowed_callers': { value: ['¤0¤'] },
    'input[]': { at: 'input[4]', value: { type: 'web_search_call', id: '¤0¤' } },
    'input[].caller': { at: 'input[2].caller', value: { type: '¤0¤' } },
    'input[].namespace': { at: 'input[2].namespace' },
    'input[].content[].annotations': { at: 'input[1].content[0].annotations', value: [{ type: '¤0¤' }] },
    'input[].content[].file_id': { at: 'input[0].content[1]', value: { type: 'input_file', file_id: '¤0¤' } },
    'input[].output[].file_id': { at: 'input[3].output[1]', value: { type: 'input_file', file_id: '¤0¤' } },
  },
};

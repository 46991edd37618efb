import { HINT_PARAMETERS, type Feature } from '../core/capabilities.ts';

/** The vendors the matrix speaks of, by their kind. */
export const MATRIX_VENDORS = ['openai', 'anthropic', 'google', 'deepseek'] as const;

export type MatrixVendor = (typeof MATRIX_VENDORS)[number];

/** One field of a Chat Completions request. */
export interface MatrixField {
  readonly field: string;
  /** The contract it is part of: a model without the feature is not asked. Absent: every model has it, or it is a hint. */
  readonly feature?: Feature;
  /** The hint it is, whose rule the model's capabilities hold. */
  readonly hint?: string;
  /**
   * Where it stands in each vendor's body, as JSON pointers; `*` is any position. Several: in one of them, by the
   * model. Of a hint the capabilities say where. Absent: the vendor has no such place.
   */
  readonly pointers: Readonly<Partial<Record<MatrixVendor, readonly string[]>>>;
  /** What is said of it whenever it is not sent word for word. */
  readonly note?: Readonly<Partial<Record<MatrixVendor, string>>>;
}

/** One place for all vendors of OpenAI's protocol, which keep a field where it is. */
function everywhere(own: string, anthropic: string, google: string): MatrixField['pointers'] {
  return { openai: [own], anthropic: [anthropic], google: [google], deepseek: [own] };
}

const CONTENT = '/contents/*/parts/*';
const BLOCK = '/messages/*/content/*';
const PARTS: readonly MatrixField[] = [
  { field: 'messages[].content text', pointers: everywhere('/messages/*/content', `${BLOCK}/text`, `${CONTENT}/text`) },
  {
    field: 'messages[] system or developer, at the start',
    feature: 'instructions',
    pointers: everywhere('/messages/*/content', '/system/*/text', '/systemInstruction/parts/*/text'),
  },
  {
    field: 'messages[] system or developer, later',
    feature: 'system_after_start',
    pointers: {
      openai: ['/messages/*/content'],
      anthropic: ['/messages/*/content'],
      deepseek: ['/messages/*/content'],
    },
    note: { google: 'with `mid_system: hoist`, at the start', anthropic: 'with `mid_system: hoist`, at the start' },
  },
  {
    field: 'messages[].name',
    feature: 'message_names',
    pointers: { openai: ['/messages/*/name'], deepseek: ['/messages/*/name'] },
  },
  {
    field: 'image_url with data',
    feature: 'image_data',
    pointers: everywhere('/messages/*/content/*/image_url/url', `${BLOCK}/source/data`, `${CONTENT}/inlineData/data`),
  },
  {
    field: 'image_url with an address',
    feature: 'image_url',
    pointers: everywhere('/messages/*/content/*/image_url/url', `${BLOCK}/source/url`, `${CONTENT}/fileData/fileUri`),
  },
  {
    field: 'image_url.detail',
    feature: 'image_detail',
    pointers: {
      openai: ['/messages/*/content/*/image_url/detail'],
      deepseek: ['/messages/*/content/*/image_url/detail'],
    },
  },
  {
    field: 'input_audio',
    feature: 'audio_input',
    pointers: { openai: ['/messages/*/content/*/input_audio/data'], google: [`${CONTENT}/inlineData/data`] },
  },
  {
    field: 'file.file_data',
    feature: 'file_input',
    pointers: {
      openai: ['/messages/*/content/*/file/file_data'],
      anthropic: [`${BLOCK}/source/data`],
      google: [`${CONTENT}/inlineData/data`],
    },
  },
  { field: 'file.file_id', feature: 'protocol_fields', pointers: { openai: ['/messages/*/content/*/file/file_id'] } },
  {
    field: 'messages[].tool_calls',
    pointers: everywhere(
      '/messages/*/tool_calls/*/function/arguments',
      `${BLOCK}/input`,
      `${CONTENT}/functionCall/args`,
    ),
  },
  {
    field: 'messages[] tool',
    pointers: everywhere('/messages/*/content', `${BLOCK}/content`, `${CONTENT}/functionResponse/response/output`),
  },
  {
    field: 'messages[] tool, with an image',
    feature: 'image_in_tool_result',
    pointers: {
      anthropic: [`${BLOCK}/content/*/source/data`, `${BLOCK}/content/*/source/url`],
      google: [`${CONTENT}/functionResponse/parts/*/inlineData/data`],
    },
  },
  {
    field: 'messages[] assistant, last',
    feature: 'assistant_prefill',
    pointers: { openai: ['/messages/*/content'], anthropic: [`${BLOCK}/text`], deepseek: ['/messages/*/content'] },
  },
  {
    field: 'messages[].reasoning_content',
    feature: 'reasoning_history',
    pointers: { deepseek: ['/messages/*/reasoning_content'] },
  },
];

const FUNCTION = '/tools/*/functionDeclarations/*';
const TOOLS: readonly MatrixField[] = [
  {
    field: 'tools[].function.name',
    feature: 'tools',
    pointers: everywhere('/tools/*/function/name', '/tools/*/name', `${FUNCTION}/name`),
  },
  {
    field: 'tools[].function.description',
    feature: 'tools',
    pointers: everywhere('/tools/*/function/description', '/tools/*/description', `${FUNCTION}/description`),
  },
  {
    field: 'tools[].function.parameters',
    feature: 'tools',
    pointers: everywhere('/tools/*/function/parameters', '/tools/*/input_schema', `${FUNCTION}/parametersJsonSchema`),
  },
  {
    field: 'tools[].function.strict',
    feature: 'strict_tools',
    pointers: { openai: ['/tools/*/function/strict'], anthropic: ['/tools/*/strict'] },
  },
  { field: 'tools[].custom', feature: 'custom_tools', pointers: { openai: ['/tools/*/custom'] } },
  {
    field: 'tool_choice auto, none',
    pointers: everywhere('/tool_choice', '/tool_choice/type', '/toolConfig/functionCallingConfig/mode'),
  },
  {
    field: 'tool_choice required',
    feature: 'tool_choice_required',
    pointers: everywhere('/tool_choice', '/tool_choice/type', '/toolConfig/functionCallingConfig/mode'),
  },
  {
    field: 'tool_choice with one function',
    feature: 'tool_choice_named',
    pointers: everywhere(
      '/tool_choice/function/name',
      '/tool_choice/name',
      '/toolConfig/functionCallingConfig/allowedFunctionNames/*',
    ),
  },
  {
    field: 'tool_choice allowed_tools',
    feature: 'allowed_tools',
    pointers: {
      openai: ['/tool_choice/allowed_tools/tools/*/function/name'],
      anthropic: ['/tools/*/name'],
      google: ['/toolConfig/functionCallingConfig/allowedFunctionNames/*'],
      deepseek: ['/tools/*/function/name'],
    },
    note: { anthropic: 'only those tools are offered', deepseek: 'only those tools are offered' },
  },
  {
    field: 'parallel_tool_calls false',
    feature: 'single_tool_call',
    pointers: { openai: ['/parallel_tool_calls'], anthropic: ['/tool_choice/disable_parallel_tool_use'] },
  },
];

const CONFIG = '/generationConfig';
const PARAMETERS: readonly MatrixField[] = [
  {
    field: 'max_completion_tokens, max_tokens',
    pointers: {
      openai: ['/max_completion_tokens', '/max_tokens'],
      anthropic: ['/max_tokens'],
      google: [`${CONFIG}/maxOutputTokens`],
      deepseek: ['/max_tokens'],
    },
    note: { anthropic: 'absent: the most the model writes, said' },
  },
  { field: 'stop', feature: 'stop', pointers: everywhere('/stop', '/stop_sequences', `${CONFIG}/stopSequences`) },
  { field: 'n', feature: 'multiple_choices', pointers: { openai: ['/n'], google: [`${CONFIG}/candidateCount`] } },
  {
    field: 'logprobs',
    feature: 'logprobs',
    pointers: { openai: ['/logprobs'], google: [`${CONFIG}/responseLogprobs`], deepseek: ['/logprobs'] },
  },
  {
    field: 'top_logprobs',
    feature: 'logprobs',
    pointers: { openai: ['/top_logprobs'], google: [`${CONFIG}/logprobs`], deepseek: ['/top_logprobs'] },
  },
  { field: 'logit_bias', feature: 'logit_bias', pointers: { openai: ['/logit_bias'] } },
  {
    field: 'response_format json_object',
    feature: 'json_object',
    pointers: {
      openai: ['/response_format/type'],
      google: [`${CONFIG}/responseMimeType`],
      deepseek: ['/response_format/type'],
    },
  },
  {
    field: 'response_format json_schema',
    feature: 'json_schema',
    pointers: {
      openai: ['/response_format/json_schema/schema'],
      anthropic: ['/output_config/format/schema'],
      google: [`${CONFIG}/responseJsonSchema`, `${CONFIG}/responseSchema`],
    },
  },
  {
    field: 'service_tier',
    feature: 'service_tier',
    hint: 'service_tier',
    pointers: { openai: ['/service_tier'], anthropic: ['/service_tier'], google: ['/serviceTier'] },
  },
  { field: 'store', feature: 'store', pointers: { openai: ['/store'] } },
  { field: 'moderation', feature: 'moderation', pointers: { openai: ['/moderation'] } },
  { field: 'modalities with audio, audio', feature: 'audio_output', pointers: { openai: ['/modalities', '/audio'] } },
  { field: 'web_search_options', feature: 'web_search', pointers: { openai: ['/web_search_options'] } },
  { field: 'a member nobody knows', feature: 'unknown_fields', pointers: { openai: ['/*'], deepseek: ['/*'] } },
];

/** Every field of a Chat Completions request, from OpenAI's published types of November 2026. */
export const FIELD_MATRIX: readonly MatrixField[] = [
  ...PARTS,
  ...TOOLS,
  ...PARAMETERS,
  ...HINT_PARAMETERS.map((hint): MatrixField => ({ field: hint, hint, pointers: {} })),
];

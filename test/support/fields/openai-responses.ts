/**
 * What becomes of a member of a request. `mapped`: another protocol can be told it. `protocol`: nobody
 * but OpenAI can, so that no candidate is left. `refused`: refused as such. `bookkeeping`: a handle of
 * the vendor's store, or what an answer told its client; it says nothing to a model.
 */
export type Fate = 'mapped' | 'protocol' | 'refused' | 'bookkeeping';

/**
 * The members of a request to `POST /v1/responses` as OpenAI publishes them: `ResponseCreateParams` in the
 * types of its SDK 6.49.0, read 2026-11-22. `[]` stands for every item of a list. Of objects that only
 * have one fate as a whole (an item of a tool OpenAI runs), the object itself is listed.
 */
export const RESPONSES_FIELDS: Readonly<Record<string, Fate>> = {
  model: 'mapped',
  input: 'mapped',
  instructions: 'mapped',
  stream: 'mapped',
  'stream_options.include_obfuscation': 'protocol',
  store: 'refused',
  background: 'refused',
  previous_response_id: 'refused',
  conversation: 'refused',
  prompt: 'refused',
  truncation: 'refused',
  max_tool_calls: 'refused',
  context_management: 'protocol',
  moderation: 'protocol',
  'include[]': 'mapped',
  max_output_tokens: 'mapped',
  temperature: 'mapped',
  top_p: 'mapped',
  top_logprobs: 'mapped',
  parallel_tool_calls: 'mapped',
  metadata: 'mapped',
  user: 'mapped',
  safety_identifier: 'mapped',
  prompt_cache_key: 'mapped',
  prompt_cache_options: 'mapped',
  prompt_cache_retention: 'mapped',
  service_tier: 'mapped',
  'reasoning.effort': 'mapped',
  'reasoning.summary': 'mapped',
  'reasoning.generate_summary': 'mapped',
  'reasoning.context': 'protocol',
  'reasoning.mode': 'protocol',
  'text.verbosity': 'mapped',
  'text.format.type': 'mapped',
  'text.format.name': 'mapped',
  'text.format.description': 'mapped',
  'text.format.schema': 'mapped',
  'text.format.strict': 'mapped',
  tool_choice: 'mapped',
  'tool_choice.type': 'mapped',
  'tool_choice.name': 'mapped',
  'tool_choice.mode': 'mapped',
  'tool_choice.tools[].type': 'mapped',
  'tool_choice.tools[].name': 'mapped',
  'tools[]': 'protocol',
  'tools[].type': 'mapped',
  'tools[].name': 'mapped',
  'tools[].description': 'mapped',
  'tools[].parameters': 'mapped',
  'tools[].strict': 'mapped',
  'tools[].allowed_callers': 'protocol',
  'tools[].defer_loading': 'protocol',
  'tools[].output_schema': 'protocol',
  'input[]': 'protocol',
  'input[].type': 'mapped',
  'input[].role': 'mapped',
  'input[].id': 'bookkeeping',
  'input[].status': 'bookkeeping',
  'input[].phase': 'protocol',
  'input[].call_id': 'mapped',
  'input[].name': 'mapped',
  'input[].arguments': 'mapped',
  'input[].caller': 'protocol',
  'input[].namespace': 'protocol',
  'input[].extra_content': 'mapped',
  'input[].summary[].type': 'mapped',
  'input[].summary[].text': 'mapped',
  'input[].encrypted_content': 'mapped',
  'input[].output': 'mapped',
  ...partsOf('input[].content'),
  'input[].content[].refusal': 'mapped',
  'input[].content[].annotations': 'protocol',
  'input[].content[].logprobs': 'bookkeeping',
  'input[].content[].input_audio.data': 'mapped',
  'input[].content[].input_audio.format': 'mapped',
  ...partsOf('input[].output'),
};

/** What people and tools may say alike. */
function partsOf(list: string): Readonly<Record<string, Fate>> {
  const part = `${list}[]`;
  return {
    [list]: 'mapped',
    [`${part}.type`]: 'mapped',
    [`${part}.text`]: 'mapped',
    [`${part}.image_url`]: 'mapped',
    [`${part}.file_data`]: 'mapped',
    [`${part}.file_url`]: 'mapped',
    [`${part}.filename`]: 'mapped',
    [`${part}.file_id`]: 'protocol',
    [`${part}.detail`]: 'mapped',
    [`${part}.prompt_cache_breakpoint`]: 'mapped',
  };
}

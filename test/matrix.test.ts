import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { FIELD_MATRIX, MATRIX_VENDORS, type MatrixVendor } from '../src/catalog/field-matrix.ts';
import { cellOf, type MatrixCell } from '../src/catalog/matrix-cell.ts';
import { MODELS } from '../src/catalog/models/find-model.ts';
import type { JsonObject, JsonValue } from '../src/core/json.ts';
import type { Provider } from '../src/providers/provider.ts';
import { PROVIDERS } from '../src/providers/registry.ts';
import { planned, type Planned } from './support/planned-request.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

test('docs/matrix.md is what scripts/matrix-docs.mjs writes', () => {
  const script = join(root, 'scripts', 'matrix-docs.mjs');
  const result = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
});

test('every field has a name of its own', () => {
  expect(new Set(FIELD_MATRIX.map(({ field }) => field)).size).toBe(FIELD_MATRIX.length);
});

const IMAGE = 'data:image/png;base64,AAAA';
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const USER: JsonObject = { role: 'user', content: 'Hi' };
const TOOL: JsonObject = { type: 'function', function: { name: 'f', description: 'D', parameters: SCHEMA } };
const CALL: JsonObject = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":"x"}' } };

function part(value: JsonObject): readonly JsonValue[] {
  return [{ role: 'user', content: [{ type: 'text', text: 'look' }, value] }];
}

function ask(members: JsonObject, messages: readonly JsonValue[] = [USER]): JsonObject {
  return { model: 'task', messages, ...members };
}

function calling(content: JsonValue): JsonObject {
  const result = { role: 'tool', tool_call_id: 'c', content };
  return ask({ tools: [TOOL] }, [USER, { role: 'assistant', tool_calls: [CALL] }, result]);
}

function choosing(choice: JsonValue): JsonObject {
  return ask({ tools: [TOOL], tool_choice: choice });
}

const FUNCTION = { type: 'function', function: { name: 'f' } };

/** A request that asks for a field. A row without one fails. */
const REQUESTS: Readonly<Record<string, JsonObject>> = {
  'messages[].content text': ask({}),
  'messages[] system or developer, at the start': ask({}, [{ role: 'system', content: 's' }, USER]),
  'messages[] system or developer, later': ask({}, [USER, { role: 'system', content: 's' }]),
  'messages[].name': ask({}, [{ ...USER, name: 'ann' }]),
  'image_url with data': ask({}, part({ type: 'image_url', image_url: { url: IMAGE } })),
  'image_url with an address': ask({}, part({ type: 'image_url', image_url: { url: 'https://a.example/b.png' } })),
  'image_url.detail': ask({}, part({ type: 'image_url', image_url: { url: IMAGE, detail: 'high' } })),
  input_audio: ask({}, part({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } })),
  'file.file_data': ask({}, part({ type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } })),
  'file.file_id': ask({}, part({ type: 'file', file: { file_id: 'file-1' } })),
  'messages[].tool_calls': calling('r'),
  'messages[] tool': calling('r'),
  'messages[] tool, with an image': calling([{ type: 'image_url', image_url: { url: IMAGE } }]),
  'messages[] assistant, last': ask({}, [USER, { role: 'assistant', content: 'so' }]),
  'messages[].reasoning_content': ask({}, [USER, { role: 'assistant', content: 'a', reasoning_content: 'so' }, USER]),
  'tools[].function.name': ask({ tools: [TOOL] }),
  'tools[].function.description': ask({ tools: [TOOL] }),
  'tools[].function.parameters': ask({ tools: [TOOL] }),
  'tools[].function.strict': ask({
    tools: [{ type: 'function', function: { ...FUNCTION.function, strict: true, parameters: SCHEMA } }],
  }),
  'tools[].custom': ask({ tools: [{ type: 'custom', custom: { name: 'g' } }] }),
  'tool_choice auto, none': choosing('none'),
  'tool_choice required': choosing('required'),
  'tool_choice with one function': choosing(FUNCTION),
  'tool_choice allowed_tools': choosing({ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [FUNCTION] } }),
  'parallel_tool_calls false': ask({ tools: [TOOL], parallel_tool_calls: false }),
  'max_completion_tokens, max_tokens': ask({ max_completion_tokens: 2000 }),
  stop: ask({ stop: ['x'] }),
  n: ask({ n: 2 }),
  logprobs: ask({ logprobs: true }),
  top_logprobs: ask({ logprobs: true, top_logprobs: 3 }),
  logit_bias: ask({ logit_bias: { '5': 1 } }),
  'response_format json_object': ask({ response_format: { type: 'json_object' } }),
  'response_format json_schema': ask({
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema: SCHEMA } },
  }),
  service_tier: ask({ service_tier: 'default' }),
  store: ask({ store: true }),
  moderation: ask({ moderation: { model: 'm' } }),
  'modalities with audio, audio': ask({ modalities: ['text', 'audio'], audio: { voice: 'v', format: 'wav' } }),
  web_search_options: ask({ web_search_options: {} }),
  'a member nobody knows': ask({ x_member: 1 }),
  temperature: ask({ temperature: 0.5 }),
  top_p: ask({ top_p: 0.5 }),
  frequency_penalty: ask({ frequency_penalty: 0.5 }),
  presence_penalty: ask({ presence_penalty: 0.5 }),
  seed: ask({ seed: 7 }),
  reasoning_effort: ask({ reasoning_effort: 'high' }),
  verbosity: ask({ verbosity: 'low' }),
  prediction: ask({ prediction: { type: 'content', content: 'x' } }),
  user: ask({ user: 'ann' }),
  safety_identifier: ask({ safety_identifier: 'ann' }),
  metadata: ask({ metadata: { a: 'b' } }),
  prompt_cache_key: ask({ prompt_cache_key: 'k' }),
  prompt_cache_options: ask({ prompt_cache_options: { mode: 'explicit' } }),
  prompt_cache_retention: ask({ prompt_cache_retention: '24h' }),
};

/** Fields that other dialects ask for, which have no place in a Chat Completions request. */
const OF_OTHER_DIALECTS = ['top_k', 'reasoning_budget', 'reasoning_summary', 'include_thoughts'];

/** Whether anything stands at the pointer; `*` is any position. */
function stands(value: JsonValue | undefined, pointer: string): boolean {
  let found: readonly (JsonValue | undefined)[] = [value];
  for (const key of pointer.split('/').slice(1)) {
    found = found.flatMap((each) => {
      if (typeof each !== 'object' || each === null) return [];
      return key === '*' ? Object.values(each) : [(each as JsonObject)[key]];
    });
  }
  return found.some((each) => each !== undefined);
}

/** What became of a request that the cell does not say; `null`: it says all. */
function untruth(cell: MatrixCell, result: Planned): string | null {
  if ('refused' in result) {
    // Another part of the sample may be what the model lacks: tools, for a choice among them.
    const isOther = cell.fate !== '400' && result.reasons.length > 0;
    return result.refused === '400 unsupported_parameter' && (cell.fate === '400' || isOther) ? null : result.refused;
  }
  const isSaid = result.said.length > 0;
  if (cell.fate === '400') return 'it was sent';
  if (cell.fate !== 'map' && !isSaid) return 'nothing was said';
  // A note tells when it is not there.
  if (cell.pointers.length === 0 || (cell.note !== null && isSaid)) return null;
  const isThere = cell.pointers.some((pointer) => stands(result.sent, pointer));
  return isThere ? null : JSON.stringify(result.sent);
}

const ROWS = FIELD_MATRIX.filter(({ field }) => !OF_OTHER_DIALECTS.includes(field));
const NEWEST: Readonly<Record<MatrixVendor, readonly string[]>> = {
  openai: ['gpt-4o', 'gpt-5', 'o3', 'gpt-4o-audio-preview', 'o1-mini'],
  anthropic: ['claude-haiku-4-5', 'claude-opus-4-8', 'claude-opus-5-5', 'claude-3-haiku'],
  google: ['gemini-2.5-flash', 'gemini-3-pro', 'gemini-2.0-flash'],
  deepseek: ['deepseek-chat', 'deepseek-v4-flash', 'deepseek-flash'],
};

describe.each(MATRIX_VENDORS.flatMap((vendor) => NEWEST[vendor].map((model) => [vendor, model] as const)))(
  'the matrix is true of %s/%s',
  (vendor, model) => {
    const { capabilities } = PROVIDERS.get(vendor) as Provider;
    test.each(ROWS)('$field', (row) => {
      const cell = cellOf(row, vendor, capabilities(model));
      expect(untruth(cell, planned(`${vendor}/${model}`, REQUESTS[row.field] as JsonObject))).toBeNull();
    });
  },
);

test('every listed model has its limits in order, and a source', () => {
  for (const { rows } of Object.values(MODELS)) {
    for (const { id, contextTokens, outputTokens, source, asOf } of rows) {
      if (contextTokens !== null && outputTokens !== null) expect(outputTokens, id).toBeLessThanOrEqual(contextTokens);
      expect(source, id).not.toBe('');
      expect(asOf, id).toMatch(/^2026-\d\d-\d\d$/);
    }
  }
});

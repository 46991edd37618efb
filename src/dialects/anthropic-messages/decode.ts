import type { ArrivedRequest } from '../../core/client-dialect.ts';
import { UNNAMED_FORMAT, type ChatRequest, type OriginalRequest, type ResponseFormat } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import { stringMember, type JsonObject } from '../../core/json.ts';
import { MODEL_CHOOSES } from '../../core/reasoning.ts';
import { decodeAskedModel } from '../asked-model.ts';
import { decodeDirectives } from '../directives.ts';
import { refuseForbiddenMember } from '../forbidden-member.ts';
import { parseJsonBody } from '../json-body.ts';
import {
  optionalBoolean,
  optionalObject,
  optionalString,
  requireArray,
  requireNumber,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { noteMembers, noteParameter, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';
import { decodeMessages, decodeSystem } from './messages.ts';
import { decodeTools, decodeToolChoice } from './tools.ts';

/**
 * The members of a request: the types of @anthropic-ai/sdk 1.12, read 2026-11-22, and `temperature`, `top_p`
 * and `top_k`, which its versions before 1.0 had and older models still take. `mcp_servers` and
 * `context_management` are of the vendor's beta.
 */
const REQUEST = knownMembers(
  'model max_tokens messages system stop_sequences stream temperature top_p top_k thinking output_config metadata ' +
    'service_tier tools tool_choice candor',
  'cache_control container context_management diagnostics fallbacks inference_geo mcp_servers speed user_profile_id workspace_id',
);
/** Those of them that bear on the answer only (`MessageCountTokensParams` of the same types). */
const ANSWERING: ReadonlySet<string> = new Set([
  'max_tokens',
  'stop_sequences',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'metadata',
  'service_tier',
  'container',
  'diagnostics',
  'inference_geo',
]);
const METADATA = knownMembers('user_id');
const OUTPUT_CONFIG = knownMembers('effort format');
const FORMAT = knownMembers('type schema');
const THINKING = knownMembers('type budget_tokens display');
const MAX_TOKENS = 10_000_000;
const MAX_TOP_K = 1_000_000;

/**
 * Decodes a Messages request. Every member of the body ends up in the result: as a field, as a parameter, or
 * as a path in `unknownFields` or `protocolFields`.
 * @throws GatewayError for anything that cannot be meant
 */
export function decodeMessagesRequest(arrived: ArrivedRequest): ChatRequest {
  const original = parseJsonBody(arrived.body);
  requireNumber(original.json['max_tokens'], 'max_tokens', { min: 0, max: MAX_TOKENS, integer: true });
  return decodeRequest(original, arrived);
}

/**
 * Decodes a request whose prompt is only to be counted: what says how to answer is no part of it.
 * @throws GatewayError for anything that cannot be meant
 */
export function decodeCountTokens(arrived: ArrivedRequest): ChatRequest {
  const original = parseJsonBody(arrived.body);
  for (const name in original.json) {
    if (!ANSWERING.has(name)) continue;
    throw new GatewayError('unsupported_parameter', `tokens are counted without \`${name}\`: leave it out`, {
      param: name,
    });
  }
  return decodeRequest(original, arrived);
}

function decodeRequest(original: OriginalRequest, { headers, explain }: ArrivedRequest): ChatRequest {
  const { json } = original;
  const findings: Findings = { parameters: {}, parameterPaths: {}, unknownFields: [], protocolFields: [] };
  for (const name in json) refuseForbiddenMember(name);
  noteMembers(json, REQUEST, '', findings);
  const protocolHeaders = decodeHeaders(headers, findings);
  const tools = decodeTools(json['tools'], findings);
  const toolChoice = decodeToolChoice(json['tool_choice'], tools, findings);
  decodeNumbers(original, findings);
  decodeStop(json, findings);
  decodeThinking(json, findings);
  decodeMetadata(json, findings);
  decodeServiceTier(json, findings);
  return {
    dialect: 'anthropic-messages',
    asked: decodeAskedModel(json['model']),
    messages: [...decodeSystem(json['system'], findings), ...decodeMessages(json['messages'], original, findings)],
    tools,
    toolChoice,
    responseFormat: decodeFormat(json, findings),
    ...findings,
    protocolHeaders,
    embedding: null,
    stream: optionalBoolean(json['stream'], 'stream') ?? false,
    includeUsage: true,
    directives: decodeDirectives(headers, json['candor'], explain),
    original,
  };
}

/** What the vendor is asked for in headers: the version of its API, and what is not in that yet. */
function decodeHeaders(headers: ReadonlyMap<string, string>, findings: Findings): Readonly<Record<string, string>> {
  const version = headers.get('anthropic-version');
  const beta = headers.get('anthropic-beta');
  if (beta !== undefined) findings.protocolFields.push('anthropic-beta');
  return {
    ...(version === undefined ? {} : { 'anthropic-version': version }),
    ...(beta === undefined ? {} : { 'anthropic-beta': beta }),
  };
}

function decodeNumbers({ json, inexact }: OriginalRequest, findings: Findings): void {
  const note = (name: string, bounds: Parameters<typeof requireNumber>[2]): void => {
    const value = json[name] ?? null;
    if (value === null) return;
    if (inexact.has(name)) {
      throw new GatewayError('number_out_of_range', `\`${name}\` is a number that cannot be carried unchanged`, {
        param: name,
      });
    }
    noteParameter(name, requireNumber(value, name, bounds), name, findings);
  };
  note('temperature', { min: 0, max: 1, integer: false });
  note('top_p', { min: 0, max: 1, integer: false });
  note('top_k', { min: 0, max: MAX_TOP_K, integer: true });
  // No answer at all is a wish of its own: to have the prompt cached, which this vendor alone can be asked.
  if (json['max_tokens'] === 0) findings.protocolFields.push('max_tokens');
  else note('max_tokens', { min: 1, max: MAX_TOKENS, integer: true });
}

function decodeStop(json: JsonObject, findings: Findings): void {
  const value = json['stop_sequences'] ?? null;
  if (value === null) return;
  const sequences = requireArray(value, 'stop_sequences').map((entry, index) => {
    const path = `stop_sequences[${index}]`;
    const sequence = requireString(entry, path);
    if (sequence !== '') return sequence;
    throw new GatewayError('param_out_of_range', `\`${path}\` is empty`, { param: path });
  });
  if (sequences.length > 0) noteParameter('stop', sequences, 'stop_sequences', findings);
}

/** How much to think: a budget in tokens, none, or what the model likes where no effort is asked for. */
function decodeThinking(json: JsonObject, findings: Findings): void {
  const config = optionalObject(json['output_config'], 'output_config');
  if (config !== null) noteMembers(config, OUTPUT_CONFIG, 'output_config', findings);
  const effort = optionalString(config?.['effort'], 'output_config.effort');
  if (effort !== null) {
    requireWord(effort, 'output_config.effort', ['low', 'medium', 'high', 'xhigh', 'max']);
    noteParameter('reasoning_effort', effort, 'output_config.effort', findings);
  }
  const thinking = optionalObject(json['thinking'], 'thinking');
  if (thinking === null) return;
  noteMembers(thinking, THINKING, 'thinking', findings);
  const display = optionalString(thinking['display'], 'thinking.display');
  if (display !== null) {
    const isShown = requireWord(display, 'thinking.display', ['summarized', 'omitted']) === 'summarized';
    noteParameter('include_thoughts', isShown, 'thinking.display', findings);
  }
  switch (requireWord(thinking['type'], 'thinking.type', ['enabled', 'disabled', 'adaptive', 'between_tools'])) {
    case 'enabled': {
      const bounds = { min: 1, max: MAX_TOKENS, integer: true };
      const budget = requireNumber(thinking['budget_tokens'], 'thinking.budget_tokens', bounds);
      noteParameter('reasoning_budget', budget, 'thinking.budget_tokens', findings);
      return;
    }
    case 'disabled':
      noteParameter('reasoning_budget', 0, 'thinking.type', findings);
      return;
    case 'adaptive':
      if (effort === null) noteParameter('reasoning_budget', MODEL_CHOOSES, 'thinking.type', findings);
      return;
    case 'between_tools':
      findings.protocolFields.push('thinking.type');
  }
}

function decodeMetadata(json: JsonObject, findings: Findings): void {
  const metadata = optionalObject(json['metadata'], 'metadata');
  if (metadata === null) return;
  noteMembers(metadata, METADATA, 'metadata', findings);
  const user = optionalString(metadata['user_id'], 'metadata.user_id');
  if (user !== null) noteParameter('user', user, 'metadata.user_id', findings);
}

/** `auto` is what there is without it; the other word speaks of capacity bought from this vendor. */
function decodeServiceTier(json: JsonObject, findings: Findings): void {
  const tier = optionalString(json['service_tier'], 'service_tier');
  if (tier === null) return;
  if (requireWord(tier, 'service_tier', ['auto', 'standard_only']) !== 'auto')
    findings.protocolFields.push('service_tier');
}

function decodeFormat(json: JsonObject, findings: Findings): ResponseFormat | null {
  const path = 'output_config.format';
  const format = optionalObject(optionalObject(json['output_config'], 'output_config')?.['format'], path);
  if (format === null) return null;
  requireWord(format['type'], `${path}.type`, ['json_schema']);
  noteMembers(format, FORMAT, path, findings);
  const schema = requireObject(format['schema'], `${path}.schema`);
  const title = stringMember(schema, 'title');
  findings.parameterPaths['response_format'] = path;
  findings.parameterPaths['response_format.json_schema'] = path;
  return {
    type: 'json_schema',
    name: title !== null && /^[a-zA-Z0-9_-]{1,64}$/.test(title) ? title : UNNAMED_FORMAT,
    description: null,
    schema,
    // Every answer is checked against it; the strict mode of another vendor takes fewer schemas than this one's.
    strict: null,
  };
}

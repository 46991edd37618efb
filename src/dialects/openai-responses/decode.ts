import type { ChatRequest } from '../../core/chat.ts';
import type { ArrivedRequest } from '../../core/client-dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { noteMembers, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';
import { decodeAskedModel } from '../asked-model.ts';
import { decodeDirectives } from '../directives.ts';
import { refuseForbiddenMember } from '../forbidden-member.ts';
import { parseJsonBody } from '../json-body.ts';
import { optionalBoolean, optionalObject } from '../member-checks.ts';
import { decodeConversation } from './conversation.ts';
import { decodeFormat, decodeParameters } from './parameters.ts';
import { decodeTools, decodeToolChoice } from './tools.ts';

/**
 * The members of a request as OpenAI publishes them (the types of its SDK 6.49.0, read 2026-11-22).
 * Those of the second list speak of what OpenAI alone does, so that nobody else can be asked.
 */
const REQUEST = knownMembers(
  'model input instructions tools tool_choice text reasoning include max_output_tokens max_tool_calls temperature top_p ' +
    'top_logprobs parallel_tool_calls metadata user safety_identifier prompt_cache_key prompt_cache_options ' +
    'prompt_cache_retention service_tier stream stream_options store background previous_response_id conversation ' +
    'prompt truncation candor',
  'context_management moderation',
);
const STREAM_OPTIONS = knownMembers('', 'include_obfuscation');

/**
 * Decodes a request for a response. Every member ends up in the result as a field, as a parameter or
 * as a path among those that are unknown or of this protocol alone, or the request is refused. The
 * `id` and `status` of an item are handles of the vendor's own store and ask for nothing.
 * @throws GatewayError for anything that cannot be meant, or that needs a store
 */
export function decodeResponsesRequest({ body, headers, explain }: ArrivedRequest): ChatRequest {
  const original = parseJsonBody(body);
  const { json } = original;
  for (const name in json) refuseForbiddenMember(name);
  refuseState(json);
  refuseInexact(original.inexact);
  const findings: Findings = {
    parameters: {},
    parameterPaths: {
      messages: 'input',
      max_tokens: 'max_output_tokens',
      response_format: 'text.format',
      'response_format.json_schema': 'text.format',
    },
    unknownFields: [],
    protocolFields: [],
  };
  noteMembers(json, REQUEST, '', findings);
  const streamOptions = optionalObject(json['stream_options'], 'stream_options');
  if (streamOptions !== null) noteMembers(streamOptions, STREAM_OPTIONS, 'stream_options', findings);
  decodeParameters(json, findings);
  const tools = decodeTools(json['tools'], findings);
  return {
    dialect: 'openai-responses',
    asked: decodeAskedModel(json['model']),
    messages: decodeConversation(json, findings),
    tools,
    toolChoice: decodeToolChoice(json['tool_choice'], tools, findings),
    responseFormat: decodeFormat(json['text'], findings),
    ...findings,
    embedding: null,
    stream: optionalBoolean(json['stream'], 'stream') ?? false,
    includeUsage: true,
    directives: decodeDirectives(headers, json['candor'], explain),
    original,
  };
}

/** What only works where answers are stored, or where the vendor decides what is read. The vendor's default for `store` is true; here nothing is stored, and the answer says so. */
function refuseState(json: JsonObject): void {
  const refuse = (param: string, reason: string): never => {
    throw new GatewayError('unsupported_parameter', `\`${param}\` ${reason}`, { param });
  };
  const stateless = 'needs stored answers, and none are stored here: send the whole conversation in `input`';
  if ((json['previous_response_id'] ?? null) !== null) refuse('previous_response_id', stateless);
  if ((json['conversation'] ?? null) !== null) refuse('conversation', stateless);
  if ((json['prompt'] ?? null) !== null) refuse('prompt', 'names a template that lies at the vendor: send its text');
  if (optionalBoolean(json['store'], 'store') === true) {
    refuse('store', 'asks that the answer be stored, and none are stored here: leave it out or send false');
  }
  if (optionalBoolean(json['background'], 'background') === true) {
    refuse('background', 'asks for an answer that is fetched later, and none are stored here: ask for a stream');
  }
  if ((json['truncation'] ?? 'disabled') !== 'disabled') {
    refuse('truncation', 'lets the vendor leave out parts of the input: shorten it yourself, and leave this out');
  }
  if ((json['max_tool_calls'] ?? null) !== null) {
    refuse('max_tool_calls', 'bounds the tools a vendor runs itself, and there are none here: leave it out');
  }
}

/** Members that are written anew for every vendor: their numbers must outlive it. */
const REWRITTEN = ['tools', 'text', 'temperature', 'top_p', 'prompt_cache_options'];

/** Refuses a number that would reach the model as another one. */
function refuseInexact(inexact: ReadonlySet<string>): void {
  const name = REWRITTEN.find((member) => inexact.has(member));
  if (name === undefined) return;
  throw new GatewayError('number_out_of_range', `\`${name}\` holds a number that cannot be carried unchanged`, {
    param: name,
  });
}

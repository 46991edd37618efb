import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Adjustment } from '../../core/adjustment.ts';
import { applyHints } from '../../core/capabilities.ts';
import type { Tool } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { JsonValue } from '../../core/json.ts';
import { editAt } from '../../core/json-edit.ts';
import { JsonBuilder } from '../../core/json-path.ts';
import type { AnthropicTool, AnthropicToolChoice } from '../../wire/anthropic.ts';
import { namedSchema } from '../named-schema.ts';
import type { EncodedRequest } from '../provider.ts';
import { editRequest } from './edit-request.ts';
import { encodeMessages } from './messages.ts';

/** The version of the API that the encoder writes. */
const VERSION = '2023-06-01';
const HEADERS = ['content-type', 'application/json'] as const;

const PATH = '/v1/messages';

/** Encodes a request for `POST /v1/messages`: of a client of the same dialect it edits the bytes, for any other it writes them. */
export function encodeRequest(adapted: AdaptedRequest, deployment: Deployment): EncodedRequest {
  if (adapted.request.dialect !== 'anthropic-messages') return writeRequest(adapted, deployment);
  const { body, adjustments } = editRequest(adapted, deployment);
  return { path: PATH, headers: headersOf(adapted.request.protocolHeaders), body, adjustments };
}

/** The client's own version of the API and its betas go along with its own bytes. */
function headersOf(own: Readonly<Record<string, string>> = {}): readonly string[] {
  const { 'anthropic-version': version = VERSION, 'anthropic-beta': beta } = own;
  return [...HEADERS, 'anthropic-version', version, ...(beta === undefined ? [] : ['anthropic-beta', beta])];
}

function writeRequest(adapted: AdaptedRequest, deployment: Deployment): EncodedRequest {
  const { request, parameters } = adapted;
  const conversation = encodeMessages(adapted.messages);
  const hints = applyHints(parameters, deployment.capabilities, deployment.kind, adapted.request.parameters);
  const adjustments: Adjustment[] = [...conversation.adjustments, ...hints.adjustments];
  const body = new JsonBuilder();
  body.set('model', deployment.modelId);
  body.set('max_tokens', outputCap(adapted, deployment, adjustments));
  if (conversation.system.length > 0) body.set('system', conversation.system);
  body.set('messages', conversation.messages);
  if (adapted.tools.length > 0) body.set('tools', adapted.tools.map(encodeTool));
  const choice = encodeToolChoice(adapted);
  if (choice !== null) body.set('tool_choice', choice);
  if (parameters['stop'] !== undefined) body.set('stop_sequences', parameters['stop']);
  if (adapted.responseFormat?.type === 'json_schema') {
    const named = namedSchema(adapted.responseFormat, deployment.kind);
    if (named.schema !== null) body.set('output_config.format', { type: 'json_schema', schema: named.schema });
    adjustments.push(...named.adjustments);
  }
  for (const [path, value] of hints.fields) body.set(path, value);
  if (request.stream) body.set('stream', true);
  let bytes: Buffer = Buffer.from(JSON.stringify(body.build()));
  for (const { path, json } of conversation.exactInputs) bytes = editAt(bytes, path, Buffer.from(json));
  return { path: PATH, headers: headersOf(), body: bytes, adjustments };
}

/** The vendor demands a cap, so one is chosen, and said, where the client named none. */
function outputCap(adapted: AdaptedRequest, deployment: Deployment, adjustments: Adjustment[]): JsonValue {
  const asked = adapted.parameters['max_completion_tokens'] ?? adapted.parameters['max_tokens'];
  if (asked !== undefined) return asked;
  const sent = deployment.capabilities.defaultOutputTokens;
  adjustments.push({
    param: 'max_tokens',
    asked: null,
    sent,
    kind: 'defaulted',
    reason: 'this vendor demands a cap',
    at: deployment.kind,
  });
  return sent;
}

function encodeTool(tool: Tool): AnthropicTool {
  return {
    name: tool.name,
    ...(tool.description === null ? {} : { description: tool.description }),
    input_schema: tool.parameters ?? { type: 'object' },
    ...(tool.strict === true ? { strict: true } : {}),
  };
}

function encodeToolChoice(adapted: AdaptedRequest): AnthropicToolChoice | null {
  const { tools, toolChoice } = adapted;
  if (tools.length === 0) return null;
  const single = adapted.parameters['parallel_tool_calls'] === false ? { disable_parallel_tool_use: true } : {};
  switch (toolChoice?.mode) {
    case 'none':
      return { type: 'none' };
    case 'required':
      return { type: 'any', ...single };
    case 'named':
      return { type: 'tool', name: toolChoice.name, ...single };
    case 'auto':
      return { type: 'auto', ...single };
    case 'allowed':
      // A vendor that lacks it is offered only those tools.
      throw new TypeError('a choice among some of the tools cannot be sent to Anthropic');
    case undefined:
      return 'disable_parallel_tool_use' in single ? { type: 'auto', ...single } : null;
  }
}

import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Adjustment } from '../../core/adjustment.ts';
import { applyHints, featureOfParameter, isHint } from '../../core/capabilities.ts';
import type { Message, ResponseFormat } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { splice, type Edit } from '../../core/splice.ts';
import type { EncodedRequest } from '../provider.ts';
import { encodeMessage } from './messages.ts';

/** Where vendors of the protocol differ in what they take. */
export interface EncodeOptions {
  readonly path: string;
  /** The one name of the output cap this model takes; `null`: it takes both. */
  readonly outputCap: 'max_tokens' | 'max_completion_tokens' | null;
  /** Whether the vendor knows the `developer` role. */
  readonly developerRole: boolean;
  /** Members this vendor needs beside the client's own. */
  readonly extra: JsonObject;
  /** Last change of the messages, where the vendor demands one. */
  readonly fitMessages: (messages: readonly Message[], adapted: AdaptedRequest) => FittedMessages;
}

export interface FittedMessages {
  /** The very same array when nothing changed. */
  readonly messages: readonly Message[];
  readonly adjustments: readonly Adjustment[];
}

const HEADERS = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream'] as const;

/** What becomes of one outermost member: a new value, or nothing. */
type Changes = Map<string, JsonValue | undefined>;

/**
 * Encodes a request of the same protocol by changing only what must change. When that is no more
 * than the model's name and `stream_options`, the client's own bytes are spliced.
 */
export function encodeChat(adapted: AdaptedRequest, deployment: Deployment, options: EncodeOptions): EncodedRequest {
  const { original } = adapted.request;
  const changes: Changes = new Map();
  const adjustments: Adjustment[] = [];
  changes.set('model', deployment.modelId);
  changeStreamOptions(adapted, changes);
  changeParameters(adapted, deployment, options, changes, adjustments);
  changeMessages(adapted, deployment, options, changes, adjustments);
  if (adapted.responseFormat !== adapted.request.responseFormat) {
    changes.set('response_format', encodeFormat(adapted.responseFormat));
  }
  if (Object.hasOwn(original.json, 'candor')) changes.set('candor', undefined);
  for (const [name, value] of Object.entries(options.extra)) changes.set(name, value);
  return { path: options.path, headers: HEADERS, body: encodeBody(adapted, changes), adjustments };
}

function changeStreamOptions(adapted: AdaptedRequest, changes: Changes): void {
  if (!adapted.request.stream || adapted.request.includeUsage) return;
  const asked = adapted.request.original.json['stream_options'];
  changes.set('stream_options', { ...(asked as JsonObject | null | undefined), include_usage: true });
}

function changeParameters(
  adapted: AdaptedRequest,
  deployment: Deployment,
  options: EncodeOptions,
  changes: Changes,
  adjustments: Adjustment[],
): void {
  const { parameters } = adapted;
  const sentByClient = adapted.request.parameters;
  const hints = applyHints(parameters, deployment.capabilities, deployment.kind, adapted.request.parameters);
  adjustments.push(...hints.adjustments);
  for (const name in parameters) {
    const value = parameters[name] as JsonValue;
    if (isHint(name)) {
      if (hints.fields.get(name) !== value) changes.set(name, undefined);
    } else if (lacks(deployment, name)) {
      changes.set(name, undefined);
    } else if (value !== sentByClient[name]) {
      changes.set(name, value);
    }
  }
  for (const [field, value] of hints.fields) {
    if (sentByClient[field] !== value) changes.set(field, value);
  }
  renameOutputCap(adapted, deployment, options, changes, adjustments);
}

/** A contract parameter the model lacks is here only with its neutral value: leaving it out changes nothing. */
function lacks(deployment: Deployment, parameter: string): boolean {
  const feature = featureOfParameter(parameter);
  return feature !== null && !deployment.capabilities.features.has(feature);
}

function renameOutputCap(
  adapted: AdaptedRequest,
  deployment: Deployment,
  options: EncodeOptions,
  changes: Changes,
  adjustments: Adjustment[],
): void {
  if (options.outputCap === null) return;
  const other = options.outputCap === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  const asked = adapted.parameters[other];
  if (asked === undefined) return;
  changes.set(other, undefined);
  changes.set(options.outputCap, asked);
  adjustments.push({
    param: other,
    asked,
    sent: asked,
    kind: 'renamed',
    reason: `this model calls it ${options.outputCap}`,
    at: deployment.kind,
  });
}

function changeMessages(
  adapted: AdaptedRequest,
  deployment: Deployment,
  options: EncodeOptions,
  changes: Changes,
  adjustments: Adjustment[],
): void {
  const fitted = options.fitMessages(adapted.messages, adapted);
  adjustments.push(...fitted.adjustments);
  const hasDeveloper = !options.developerRole && fitted.messages.some((message) => message.role === 'developer');
  if (fitted.messages === adapted.request.messages && !hasDeveloper) return;
  const encoded = fitted.messages.map((message) => {
    const wire = message.original ?? encodeMessage(message);
    if (message.role !== 'developer' || options.developerRole) return wire;
    adjustments.push({
      param: `${message.path}.role`,
      asked: 'developer',
      sent: 'system',
      kind: 'renamed',
      reason: 'this vendor has no developer role',
      at: deployment.kind,
    });
    return { ...wire, role: 'system' };
  });
  changes.set('messages', encoded);
}

function encodeFormat(format: ResponseFormat | null): JsonValue | undefined {
  return format === null ? undefined : { type: format.type };
}

function encodeBody(adapted: AdaptedRequest, changes: Changes): Buffer {
  return spliceBody(adapted, changes) ?? changedBody(adapted, changes);
}

/** The body put together anew; a member that does not change keeps its bytes, and with them every digit of its numbers. */
function changedBody(adapted: AdaptedRequest, changes: Changes): Buffer {
  const { bytes, spans } = adapted.request.original;
  const pieces: Buffer[] = [];
  const put = (name: string, value: Buffer): void => {
    pieces.push(Buffer.from(`${pieces.length === 0 ? '{' : ','}${JSON.stringify(name)}:`), value);
  };
  for (const [name, [start, end]] of spans) {
    const value = changes.get(name);
    if (!changes.has(name)) put(name, bytes.subarray(start, end));
    else if (value !== undefined) put(name, Buffer.from(JSON.stringify(value)));
  }
  for (const [name, value] of changes) {
    if (!spans.has(name) && value !== undefined) put(name, Buffer.from(JSON.stringify(value)));
  }
  return Buffer.concat([...pieces, Buffer.from('}')]);
}

/** The client's bytes with members replaced or appended; `null` when a change is not of that kind. */
function spliceBody(adapted: AdaptedRequest, changes: Changes): Buffer | null {
  const { bytes, spans } = adapted.request.original;
  const edits: Edit[] = [];
  for (const [name, value] of changes) {
    const span = spans.get(name);
    if (name !== 'model' && name !== 'stream_options') {
      if (value === undefined && span === undefined) continue;
      return null;
    }
    if (span !== undefined) {
      edits.push({ start: span[0], end: span[1], bytes: Buffer.from(JSON.stringify(value)) });
      continue;
    }
    const end = bytes.lastIndexOf('}');
    edits.push({ start: end, end, bytes: Buffer.from(`,${JSON.stringify(name)}:${JSON.stringify(value)}`) });
  }
  return splice(bytes, edits);
}

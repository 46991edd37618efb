import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Adjustment } from '../../core/adjustment.ts';
import { applyHints, featureOfParameter, isHint } from '../../core/capabilities.ts';
import type { Message, ResponseFormat } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { editMembers } from '../../core/json-edit.ts';
import { locateMembers } from '../../core/json-scan.ts';
import type { EncodedRequest } from '../provider.ts';
import { encodeMessage } from './messages.ts';

/** Where vendors of the protocol differ in what they take. */
export interface EncodeOptions {
  readonly path: string;
  /** The one name of the output cap this model takes; `null`: it takes both. */
  readonly outputCap: 'max_tokens' | 'max_completion_tokens' | null;
  /** Whether neutral values of parameters the model lacks are left out: a vendor that does not know them might refuse them. */
  readonly leavesOutNeutral: boolean;
  /** Whether the vendor knows the `developer` role. */
  readonly developerRole: boolean;
  /** Last change of the messages, where the vendor demands one. */
  readonly fitMessages: (messages: readonly Message[], adapted: AdaptedRequest) => FittedMessages;
}

export interface FittedMessages {
  /** The very same array when nothing changed. */
  readonly messages: readonly Message[];
  readonly adjustments: readonly Adjustment[];
}

const HEADERS = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream'] as const;

/** What becomes of the outermost members that change: the JSON of the new value, or `null` where the member goes. */
type Changes = Map<string, Buffer | null>;

/**
 * Encodes a request of the same protocol by editing the client's own bytes, member by member. What
 * need not change keeps its bytes, whatever they say.
 */
export function encodeChat(adapted: AdaptedRequest, deployment: Deployment, options: EncodeOptions): EncodedRequest {
  const { original } = adapted.request;
  const changes: Changes = new Map();
  const adjustments: Adjustment[] = [];
  changes.set('model', jsonOf(deployment.modelId));
  changeStreamOptions(adapted, changes);
  changeParameters(adapted, deployment, options, changes, adjustments);
  changeMessages(adapted, options, changes, adjustments);
  if (adapted.responseFormat !== adapted.request.responseFormat) {
    changes.set('response_format', encodeFormat(adapted.responseFormat));
  }
  changes.set('candor', null);
  const body = editMembers(original.bytes, original.spans, changes);
  return { path: options.path, headers: HEADERS, body, adjustments };
}

function changeStreamOptions(adapted: AdaptedRequest, changes: Changes): void {
  if (!adapted.request.stream || adapted.request.includeUsage) return;
  const { bytes, json, spans } = adapted.request.original;
  const span = spans.get('stream_options');
  const asked = span !== undefined && json['stream_options'] !== null ? bytes.subarray(...span) : Buffer.from('{}');
  changes.set('stream_options', editMembers(asked, locateMembers(asked), new Map([['include_usage', jsonOf(true)]])));
}

function jsonOf(value: JsonValue): Buffer {
  return Buffer.from(JSON.stringify(value));
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
      if (hints.fields.get(name) !== value) changes.set(name, null);
    } else if (options.leavesOutNeutral && lacks(deployment, name)) {
      changes.set(name, null);
    } else if (value !== sentByClient[name]) {
      changes.set(name, jsonOf(value));
    }
  }
  for (const [field, value] of hints.fields) {
    if (sentByClient[field] !== value) changes.set(field, jsonOf(value));
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
  changes.set(other, null);
  changes.set(options.outputCap, jsonOf(asked));
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
  options: EncodeOptions,
  changes: Changes,
  adjustments: Adjustment[],
): void {
  const fitted = options.fitMessages(adapted.messages, adapted);
  adjustments.push(...fitted.adjustments);
  const isRenamed = (message: Message): boolean => message.role === 'developer' && !options.developerRole;
  if (fitted.messages === adapted.request.messages && !fitted.messages.some(isRenamed)) return;
  const originals = originalMessages(adapted);
  const encoded = fitted.messages.map((message) => {
    // The developer is who instructs, as the system is: another word for it, not another meaning.
    const own = message.original === null ? undefined : originals.get(message.original);
    const bytes = own ?? jsonOf(message.original ?? encodeMessage(message));
    return isRenamed(message) ? editMembers(bytes, locateMembers(bytes), SYSTEM_ROLE) : bytes;
  });
  const pieces = encoded.flatMap((message, index) => [index === 0 ? OPEN : COMMA, message]);
  changes.set('messages', Buffer.concat([...pieces, CLOSE]));
}

const SYSTEM_ROLE: Changes = new Map([['role', Buffer.from('"system"')]]);
const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

/** The client's messages with the bytes it wrote them in. */
function originalMessages(adapted: AdaptedRequest): ReadonlyMap<JsonObject, Buffer> {
  const { bytes, json, spans } = adapted.request.original;
  const span = spans.get('messages');
  const list = span === undefined ? EMPTY : bytes.subarray(...span);
  const messages = json['messages'] as readonly JsonObject[];
  const found = new Map<JsonObject, Buffer>();
  for (const [index, place] of locateMembers(list)) {
    const message = messages[Number(index)];
    if (message !== undefined) found.set(message, list.subarray(...place));
  }
  return found;
}

const EMPTY = Buffer.alloc(0);

function encodeFormat(format: ResponseFormat | null): Buffer | null {
  return format === null ? null : jsonOf({ type: format.type });
}

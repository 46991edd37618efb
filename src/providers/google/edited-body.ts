import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Adjustment } from '../../core/adjustment.ts';
import { applyHints, isHint } from '../../core/capabilities.ts';
import { clientPath, type ContentPart, type Message } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { editAt, editMembers } from '../../core/json-edit.ts';
import { protoKey, protoMember, protoPath } from '../../core/proto-names.ts';
import { startsAnew } from '../sent-turns.ts';
import { editContents } from './edited-contents.ts';
import { contractField, schemaField } from './parameters.ts';
import type { VendorBody } from './written-body.ts';

const EMPTY = Buffer.from('{}');

/**
 * The client's own body, edited member by member. What need not change keeps its bytes and its spelling,
 * whatever it says.
 */
export function editBody(adapted: AdaptedRequest, deployment: Deployment): VendorBody {
  const { request } = adapted;
  const { bytes, json, spans } = request.original;
  const fields = new Map<string, JsonValue | null>();
  const adjustments = changeParameters(adapted, deployment, fields);
  changeFormat(adapted, deployment.modelId, fields);
  const changes = new Map<string, Buffer | null>([
    ['candor', null],
    ['model', null],
  ]);
  for (const [path, value] of fields) changeField(path, value, adapted, changes);
  if (startsAnew(request, adapted.messages)) {
    const parts = systemParts(adapted.messages);
    const member = parts.length === 0 ? null : jsonOf({ ...systemMember(json), parts });
    changes.set(protoKey(json, 'systemInstruction'), member);
  }
  const contents = editContents(adapted, deployment);
  if (contents.bytes !== null) changes.set('contents', contents.bytes);
  return { body: editMembers(bytes, spans, changes), adjustments: [...adjustments, ...contents.adjustments] };
}

function jsonOf(value: JsonValue): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Notes which fields differ from what the client wrote: as the model takes its hints, and as the config changed its parameters. */
function changeParameters(
  adapted: AdaptedRequest,
  deployment: Deployment,
  fields: Map<string, JsonValue | null>,
): readonly Adjustment[] {
  const { parameters, request } = adapted;
  const { json } = request.original;
  const hints = applyHints(parameters, deployment.capabilities, deployment.kind, request.parameters);
  const put = (path: string, value: JsonValue | null): void => {
    if (JSON.stringify(valueAt(json, path)) !== JSON.stringify(value)) fields.set(path, value);
  };
  for (const name of Object.keys(request.parameters)) {
    // What the client wrote for a hint goes, unless the model takes it there.
    const path = clientPath(request, name);
    if (isHint(name) && !hints.fields.has(canonical(path, hints.fields))) fields.set(path, null);
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (isHint(name) || value === request.parameters[name]) continue;
    const written = contractField(name, value);
    if (written !== null) put(written.field, written.value);
  }
  for (const [path, value] of hints.fields) if (!isSameWord(valueAt(json, path), value)) put(path, value);
  return hints.adjustments;
}

/** The vendor takes its words in either case. */
function isSameWord(written: JsonValue | undefined, value: JsonValue): boolean {
  return typeof written === 'string' && typeof value === 'string' && written.toUpperCase() === value.toUpperCase();
}

/** The field that this path spells, of those there are. */
function canonical(path: string, fields: ReadonlyMap<string, JsonValue>): string {
  const plain = path.replaceAll('_', '').toLowerCase();
  return [...fields.keys()].find((field) => field.toLowerCase() === plain) ?? path;
}

function valueAt(json: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = json;
  for (const name of path.split('.')) value = isJsonObject(value) ? protoMember(value, name) : undefined;
  return value;
}

/** A schema may be sent in words the vendor enforces; of one that is asked for in the prompt nothing is left. */
function changeFormat(
  { responseFormat, request }: AdaptedRequest,
  modelId: string,
  fields: Map<string, JsonValue | null>,
): void {
  if (responseFormat === request.responseFormat) return;
  const isJson = responseFormat !== null && responseFormat.type !== 'text';
  fields.set('generationConfig.responseMimeType', isJson ? 'application/json' : null);
  fields.set('generationConfig.responseSchema', null);
  fields.set('generationConfig.responseJsonSchema', null);
  if (responseFormat?.type === 'json_schema') fields.set(schemaField(modelId), responseFormat.schema);
}

/** Edits the outermost member in which the path lies. */
function changeField(
  path: string,
  value: JsonValue | null,
  { request }: AdaptedRequest,
  changes: Map<string, Buffer | null>,
): void {
  const { bytes, json, spans } = request.original;
  const [key = path, ...rest] = protoPath(json, path).split('.');
  const written = value === null ? null : jsonOf(value);
  if (rest.length === 0) {
    changes.set(key, written);
    return;
  }
  const span = spans.get(key);
  const isThere = span !== undefined && json[key] !== null;
  if (!isThere && written === null) return;
  const member = changes.get(key) ?? (isThere ? bytes.subarray(...span) : EMPTY);
  changes.set(key, editAt(member, rest, written));
}

function systemMember(json: JsonObject): JsonObject {
  const member = protoMember(json, 'systemInstruction');
  return isJsonObject(member) ? member : {};
}

/** The client's own parts as it wrote them, between the texts that were added. */
function systemParts(messages: readonly Message[]): readonly JsonValue[] {
  return messages.flatMap((message) => {
    if (message.role !== 'system' && message.role !== 'developer') return [];
    const own = message.original?.['parts'];
    return Array.isArray(own) ? (own as readonly JsonValue[]) : message.content.map(textPart);
  });
}

function textPart(part: ContentPart): JsonObject {
  if (part.type !== 'text') throw new TypeError('only texts are added to the system section');
  return { text: part.text };
}

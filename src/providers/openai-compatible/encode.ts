import type { AdaptedRequest } from '../../core/adapted-request.ts';
import { applyHints, featureOfParameter, isHint } from '../../core/capabilities.ts';
import type { Deployment } from '../../core/deployment.ts';
import { droppedUnknown } from '../../core/dropped-unknown.ts';
import type { JsonValue } from '../../core/json.ts';
import { editMembers } from '../../core/json-edit.ts';
import { locateMembers } from '../../core/json-scan.ts';
import type { EncodedRequest } from '../provider.ts';
import { jsonOf, RequestDraft } from './draft.ts';
import type { EncodeOptions } from './encode-options.ts';
import { fitMessages } from './fit-messages.ts';
import { encodeFormat, encodeToolChoice, encodeTools, fitOwnTools } from './tools.ts';

const HEADERS = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream'] as const;

/**
 * Encodes a request. The bytes of a client of the same protocol are edited member by member: what need
 * not change stays as it is, whatever it says. A client's of another dialect are written anew.
 */
export function encodeChat(adapted: AdaptedRequest, deployment: Deployment, options: EncodeOptions): EncodedRequest {
  const draft = new RequestDraft(adapted, deployment, options.path);
  draft.set('model', deployment.modelId);
  if (draft.isOwn) changeOwn(draft, options);
  else writeOthers(draft);
  fitParameters(draft, options);
  fitMessages(draft, options);
  options.fit?.(draft);
  return { path: draft.path, headers: HEADERS, body: draft.body(), adjustments: draft.adjustments };
}

/** What of a client's own body is not the model's, or is said in another way now. */
function changeOwn(draft: RequestDraft, options: EncodeOptions): void {
  const { adapted } = draft;
  draft.remove('candor');
  askForUsage(draft, options);
  fitOwnTools(draft);
  leaveOutNoTools(draft);
  if (adapted.responseFormat !== adapted.request.responseFormat) {
    if (adapted.responseFormat === null) draft.remove('response_format');
    else draft.set('response_format', encodeFormat(adapted.responseFormat));
    draft.adjustments.push(...droppedUnknown(adapted.request, 'response_format', draft.deployment.kind));
  }
}

/** An empty list of tools asks for nothing, nor does what is said of calling them; vendors refuse it. */
function leaveOutNoTools(draft: RequestDraft): void {
  const { tools } = draft.adapted.request.original.json;
  if (!Array.isArray(tools) || tools.length > 0) return;
  for (const member of ['tools', 'tool_choice', 'parallel_tool_calls']) draft.remove(member);
}

/** The usage of a stream is asked for always: the record has it, whether the client gets to see it or not. */
function askForUsage(draft: RequestDraft, { leavesOutNeutral }: EncodeOptions): void {
  const { request } = draft.adapted;
  const asked = draft.written('stream_options');
  const isNull = request.original.json['stream_options'] === null;
  if (!request.stream) return;
  const wish = asked === null || isNull ? NO_OPTIONS : asked;
  const known = locateMembers(wish);
  // Not to obfuscate is what vendors do that cannot.
  const isMoot = leavesOutNeutral && known.has('include_obfuscation') && !isProtocolField(draft);
  if (request.includeUsage && !isMoot) return;
  const changes = new Map<string, Buffer | null>([['include_usage', jsonOf(true)]]);
  if (isMoot) changes.set('include_obfuscation', null);
  draft.setJson('stream_options', editMembers(wish, known, changes));
}

function isProtocolField({ adapted }: RequestDraft): boolean {
  return adapted.request.protocolFields.includes('stream_options.include_obfuscation');
}

const NO_OPTIONS = Buffer.from('{}');

/** The members of a body for a client that speaks another dialect. */
function writeOthers(draft: RequestDraft): void {
  const { request, responseFormat, tools, toolChoice } = draft.adapted;
  if (request.stream) {
    draft.set('stream', true);
    draft.set('stream_options', { include_usage: true });
  }
  if (tools.length > 0) draft.set('tools', encodeTools(tools));
  if (toolChoice !== null && tools.length > 0) draft.set('tool_choice', encodeToolChoice(toolChoice, tools));
  if (responseFormat !== null) draft.set('response_format', encodeFormat(responseFormat));
}

function fitParameters(draft: RequestDraft, options: EncodeOptions): void {
  const { adapted, deployment } = draft;
  const { parameters } = adapted;
  const { request } = adapted;
  // Of what a client of another dialect asks, nothing stands in the body yet; nor does what only follows from its request.
  const isWritten = (name: string): boolean => draft.isOwn && Object.hasOwn(request.original.json, name);
  const written = (name: string): JsonValue | undefined => (isWritten(name) ? request.parameters[name] : undefined);
  const hints = applyHints(parameters, deployment.capabilities, deployment.kind, adapted.request.parameters);
  draft.adjustments.push(...hints.adjustments);
  for (const name in parameters) {
    const value = parameters[name] as JsonValue;
    if (isHint(name) || Object.hasOwn(deployment.capabilities.hints, name)) {
      if (hints.fields.get(name) !== value) draft.remove(name);
    } else if (options.leavesOutNeutral && lacks(deployment, name)) {
      draft.remove(name);
    } else if (value !== written(name)) {
      draft.set(name, value);
    }
  }
  for (const [field, value] of hints.fields) {
    if (written(field) !== value) draft.set(field, value);
  }
  renameOutputCap(draft, options);
}

/** A contract parameter the model lacks is here only with its neutral value: leaving it out changes nothing. */
function lacks({ capabilities }: Deployment, parameter: string): boolean {
  const feature = featureOfParameter(parameter);
  return feature !== null && !capabilities.features.has(feature);
}

function renameOutputCap(draft: RequestDraft, { outputCap }: EncodeOptions): void {
  if (outputCap === null) return;
  const other = outputCap === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  const asked = draft.adapted.parameters[other];
  if (asked === undefined) return;
  draft.remove(other);
  draft.set(outputCap, asked);
  // Whoever speaks another dialect calls it otherwise anyway.
  if (!draft.isOwn) return;
  draft.adjust(other, { asked, sent: asked, kind: 'renamed', reason: `this model calls it ${outputCap}` });
}

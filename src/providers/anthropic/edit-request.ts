import type { AdaptedRequest } from '../../core/adapted-request.ts';
import { applyHints, isHint } from '../../core/capabilities.ts';
import { clientPath, type Message, type Parameters } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import { droppedUnknown } from '../../core/dropped-unknown.ts';
import type { JsonValue } from '../../core/json.ts';
import { editAt, editMembers } from '../../core/json-edit.ts';
import { bytesUnder } from '../../core/json-scan.ts';
import { isInstruction } from '../../core/late-instructions.ts';
import { sentTurns, startsAnew } from '../sent-turns.ts';
import { editHistory, type EditedRequest } from './edit-history.ts';

/**
 * Fits a request that is of this protocol already: the client's bytes, in which nothing is touched but what
 * the config, or the model, changes.
 */
export function editRequest(adapted: AdaptedRequest, deployment: Deployment): EditedRequest {
  const { request } = adapted;
  const { bytes, spans } = request.original;
  const named = editMembers(
    bytes,
    spans,
    new Map([
      ['model', jsonOf(deployment.modelId)],
      ['candor', null],
    ]),
  );
  const instructions = leadingInstructions(adapted);
  const count = (request.original.json['messages'] as readonly JsonValue[]).length;
  const turns = sentTurns(request, adapted.messages, count);
  const history = editHistory(named, request.original.json, { ...instructions, turns }, deployment.kind);
  const parameters = editParameters(history.body, adapted, deployment);
  const { system } = instructions;
  const instructed = system === null ? parameters.body : editAt(parameters.body, ['system'], system.json);
  const isFormatGone = request.responseFormat !== null && adapted.responseFormat?.type !== 'json_schema';
  const gone = isFormatGone ? droppedUnknown(request, 'output_config.format', deployment.kind) : [];
  return {
    body: editFormat(instructed, adapted),
    adjustments: [...history.adjustments, ...parameters.adjustments, ...gone],
  };
}

function jsonOf(value: JsonValue): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Where the vendor has a contract parameter that the config may set. */
const CONTRACT_PATHS: Readonly<Record<string, string>> = {
  max_tokens: 'max_tokens',
  max_completion_tokens: 'max_tokens',
  stop: 'stop_sequences',
};

function editParameters(body: Buffer, adapted: AdaptedRequest, deployment: Deployment): EditedRequest {
  const { parameters, request } = adapted;
  const { capabilities, kind } = deployment;
  const asked = request.parameters;
  const all = applyHints(parameters, capabilities, kind, asked);
  // What the client calls its user here is in the vendor's own form already.
  const adjustments = all.adjustments.filter(({ param }) => param !== 'user' || parameters['user'] !== asked['user']);
  const isChanged = (name: string): boolean =>
    parameters[name] !== asked[name] || adjustments.some(({ param }) => param === name);
  const kept = Object.fromEntries(Object.entries(parameters).filter(([name]) => !isChanged(name)));
  const keptFields = applyHints(kept, capabilities, kind, asked).fields;
  const fields = new Map([...all.fields].filter(([field]) => !keptFields.has(field)));
  const changed = Object.keys({ ...asked, ...parameters }).filter(isChanged);
  for (const name of changed) {
    if (!isHint(name) && capabilities.hints[name] === undefined) setContract(name, parameters, fields);
  }
  let edited = body;
  for (const name of changed) {
    if (asked[name] === undefined || CONTRACT_PATHS[name] !== undefined) continue;
    const path = clientPath(request, name);
    // Thinking without its budget is no thinking of this protocol.
    const gone = name === 'reasoning_budget' && !fields.has('thinking.type') ? 'thinking' : path;
    if (fields.has(path)) continue;
    edited = editAt(edited, gone.split('.'), null);
    if (gone === 'thinking') adjustments.push(...droppedUnknown(request, gone, kind));
  }
  for (const [field, value] of fields) edited = editAt(edited, field.split('.'), jsonOf(value));
  return { body: edited, adjustments };
}

/** What the config makes of a parameter that is no hint; one the vendor lacks has left the plan. */
function setContract(name: string, parameters: Parameters, fields: Map<string, JsonValue>): void {
  const value = parameters[name];
  const path = CONTRACT_PATHS[name];
  if (path !== undefined && value !== undefined) fields.set(path, value);
  if (name === 'parallel_tool_calls' && typeof value === 'boolean') {
    fields.set('tool_choice.disable_parallel_tool_use', !value);
  }
}

/** What stands beside the conversation, where that is not what the client put there. */
interface LeadingInstructions {
  /** `null`: what the client said stays as it is; `json` is `null` where nothing is said any more. */
  readonly system: { readonly json: Buffer | null } | null;
  /** The positions of messages that go there from the midst of the conversation. */
  readonly moved: ReadonlySet<number>;
}

/** What the config says around the client's own instructions, and those of the client that it moves there. */
function leadingInstructions({ request, messages }: AdaptedRequest): LeadingInstructions {
  const moved = new Set<number>();
  if (!startsAnew(request, messages)) return { system: null, moved };
  const own = new Set(leading(request.messages));
  const pieces = leading(messages).map((message) => {
    if (message.path === 'system') return ownBlocks(request, ['system']);
    if (message.path === null) return textBlocks(message);
    if (own.has(message)) return '';
    const index = /^messages\[(\d+)\]$/.exec(message.path)?.[1] ?? '';
    moved.add(Number(index));
    return ownBlocks(request, ['messages', index, 'content']);
  });
  const blocks = pieces.filter((piece) => piece !== '').join(',');
  return { system: { json: blocks === '' ? null : Buffer.from(`[${blocks}]`) }, moved };
}

function leading(messages: readonly Message[]): readonly Message[] {
  const end = messages.findIndex((message) => !isInstruction(message));
  return end < 0 ? messages : messages.slice(0, end);
}

function textBlocks(message: Message): string {
  const texts = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.map((text) => JSON.stringify({ type: 'text', text })).join(',');
}

/** The client's own blocks at this place, as it wrote them. */
function ownBlocks({ original }: AdaptedRequest['request'], keys: readonly string[]): string {
  const written = bytesUnder(original.bytes, keys)?.toString('utf8') ?? '';
  return written.startsWith('"') ? `{"type":"text","text":${written}}` : written.slice(1, -1).trim();
}

/** The format as the vendor takes it; it goes where it is asked for in the prompt instead. */
function editFormat(body: Buffer, { request, responseFormat }: AdaptedRequest): Buffer {
  if (responseFormat === request.responseFormat) return body;
  if (responseFormat?.type !== 'json_schema') return editAt(body, ['output_config', 'format'], null);
  return editAt(body, ['output_config', 'format', 'schema'], jsonOf(responseFormat.schema));
}

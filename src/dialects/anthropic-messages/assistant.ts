import type { AssistantMessage, ContentPart, ExtraContent, OriginalRequest, ToolCall } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { textAt } from '../../core/json-scan.ts';
import { ReturnedExtra } from '../../core/returned-extra.ts';
import { openExtra } from '../../core/sealed-extra.ts';
import { requireObject, requireString } from '../member-checks.ts';
import { decodeBlock, type PlacedBlock } from './blocks.ts';
import { noteMembers, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';
import { SEALED_TOOL_CALLS } from './sealed-thinking.ts';
import { noteThinkingPaths } from './thinking-paths.ts';

const TOOL_USE = knownMembers('type id name input', 'cache_control caller toolset_name');
const THINKING = knownMembers('type thinking signature');
const REDACTED = knownMembers('type data');

/** What the blocks of an assistant's turn come to. */
interface Turn {
  readonly content: ContentPart[];
  readonly toolCalls: ToolCall[];
  readonly reasoning: string[];
  /** Where each stands. */
  readonly thinking: string[];
  /** What the vendor of this protocol has signed, and what others have sealed into signatures. */
  readonly extra: ReturnedExtra;
}

/**
 * Decodes an assistant's turn. Thinking that Candor sealed for another vendor is opened again; what
 * the vendor of this protocol has signed is kept as it is. @throws GatewayError
 */
export function decodeAssistant(
  message: JsonObject,
  blocks: readonly PlacedBlock[],
  path: string,
  original: OriginalRequest,
  findings: Findings,
): AssistantMessage {
  const turn: Turn = { content: [], toolCalls: [], reasoning: [], thinking: [], extra: new ReturnedExtra() };
  for (const { block, at } of blocks) {
    if (block['type'] === 'tool_use') {
      const call = `${path}.tool_calls[${turn.toolCalls.length}]`;
      findings.parameterPaths[call] = at;
      findings.parameterPaths[`${call}.function`] = at;
      turn.toolCalls.push(decodeToolUse(block, at, original, findings));
    } else if (block['type'] === 'thinking') readThinking(block, at, turn, findings);
    else if (block['type'] === 'redacted_thinking') {
      noteMembers(block, REDACTED, at, findings);
      turn.extra.add({ anthropic: { thinking_blocks: [block] } }, () => `${at}.data`);
    } else turn.content.push(decodeBlock(block, at, findings));
  }
  const { [SEALED_TOOL_CALLS]: ofToolCalls, ...extraContent } = turn.extra.content ?? {};
  const toolCalls = turn.toolCalls.map((call) => withExtra(call, ofToolCalls?.[call.id]));
  noteThinkingPaths(path, { ...turn, toolCalls }, findings.parameterPaths);
  return {
    role: 'assistant',
    path,
    original: message,
    name: null,
    content: turn.content,
    toolCalls,
    reasoning: turn.reasoning.length === 0 ? null : turn.reasoning.join(''),
    ...(Object.keys(extraContent).length === 0 ? {} : { extraContent }),
  };
}

function readThinking(block: JsonObject, path: string, turn: Turn, findings: Findings): void {
  noteMembers(block, THINKING, path, findings);
  const thinking = requireString(block['thinking'], `${path}.thinking`);
  if (thinking !== '') turn.reasoning.push(thinking);
  const sealed = openExtra(requireString(block['signature'], `${path}.signature`));
  if (thinking !== '') turn.thinking.push(`${path}.thinking`);
  turn.extra.add(sealed ?? { anthropic: { thinking_blocks: [block] } }, () => `${path}.signature`);
}

function withExtra(call: ToolCall, extra: JsonValue | undefined): ToolCall {
  return isJsonObject(extra) && Object.values(extra).every(isJsonObject)
    ? { ...call, extraContent: extra as ExtraContent }
    : call;
}

function decodeToolUse(block: JsonObject, path: string, original: OriginalRequest, findings: Findings): ToolCall {
  noteMembers(block, TOOL_USE, path, findings);
  const id = requireString(block['id'], `${path}.id`);
  const input = requireObject(block['input'], `${path}.input`);
  const written = original.inexact.has('messages') ? textAt(original.bytes, `${path}.input`) : null;
  const name = requireString(block['name'], `${path}.name`);
  if (name === '') throw new GatewayError('invalid_messages', `\`${path}.name\` is empty`, { param: `${path}.name` });
  return { id, name, arguments: written ?? JSON.stringify(input), argumentsPath: `${path}.input` };
}

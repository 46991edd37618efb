import type { ContentPart, Message, OriginalRequest, SystemMessage, ToolMessage } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { optionalBoolean, requireArray, requireObject, requireString, requireWord } from '../member-checks.ts';
import { decodeAssistant } from './assistant.ts';
import { blocksOf, cacheBreakpoint, decodeBlock, type PlacedBlock } from './blocks.ts';
import { noteMembers, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';

const MESSAGE = knownMembers('role content');
const TOOL_RESULT = knownMembers('type tool_use_id content is_error cache_control', 'toolset_name');

/** Decodes `system`, which is a text or blocks of it. @throws GatewayError */
export function decodeSystem(value: JsonValue | undefined, findings: Findings): readonly SystemMessage[] {
  if (value === undefined || value === null) return [];
  const content = decodeTexts(value, 'system', findings);
  for (const member of ['content', 'role']) findings.parameterPaths[`system.${member}`] = 'system';
  return content.length === 0 ? [] : [{ role: 'system', path: 'system', original: null, name: null, content }];
}

function decodeTexts(value: JsonValue, path: string, findings: Findings): readonly ContentPart[] {
  return blocksOf(value, path).map(({ block, at }) => {
    const part = decodeBlock(block, at, findings);
    if (part.type === 'text') return part;
    throw new GatewayError('invalid_messages', `\`${at}\` must be a block of text`, { param: `${at}.type` });
  });
}

/** Decodes `messages`. The results in a user's turn become messages of their own, in front of the rest of it. @throws GatewayError */
export function decodeMessages(
  value: JsonValue | undefined,
  original: OriginalRequest,
  findings: Findings,
): readonly Message[] {
  const list = requireArray(value, 'messages');
  if (list.length === 0) {
    throw new GatewayError('invalid_messages', '`messages` is empty: send at least one message', { param: 'messages' });
  }
  const messages = list.flatMap((entry, index) => decodeMessage(entry, `messages[${index}]`, original, findings));
  checkToolResults(messages);
  return messages;
}

function decodeMessage(
  value: JsonValue,
  path: string,
  original: OriginalRequest,
  findings: Findings,
): readonly Message[] {
  const message = requireObject(value, path);
  const role = requireWord(message['role'], `${path}.role`, ['user', 'assistant', 'system']);
  noteMembers(message, MESSAGE, path, findings);
  const at = `${path}.content`;
  const blocks = blocksOf(message['content'], at);
  if (blocks.length === 0) {
    throw new GatewayError('invalid_messages', `\`${at}\` is empty: send text or at least one block`, { param: at });
  }
  if (role === 'assistant') return [decodeAssistant(message, blocks, path, original, findings)];
  if (role === 'user') return decodeUser(message, blocks, path, findings);
  const content = decodeTexts(message['content'] as JsonValue, at, findings);
  return [{ role: 'system', path, original: message, name: null, content }];
}

function decodeUser(
  message: JsonObject,
  blocks: readonly PlacedBlock[],
  path: string,
  findings: Findings,
): readonly Message[] {
  const results: ToolMessage[] = [];
  const content: ContentPart[] = [];
  for (const { block, at } of blocks) {
    if (block['type'] !== 'tool_result') content.push(decodeBlock(block, at, findings));
    else if (content.length === 0) results.push(decodeResult(block, at, findings));
    else {
      throw new GatewayError('invalid_messages', `\`${at}\` must stand before what else its message says`, {
        param: at,
      });
    }
  }
  if (content.length === 0) return results;
  return [...results, { role: 'user', path, original: message, name: null, content }];
}

function decodeResult(block: JsonObject, path: string, findings: Findings): ToolMessage {
  noteMembers(block, TOOL_RESULT, path, findings);
  const isError = optionalBoolean(block['is_error'], `${path}.is_error`);
  findings.parameterPaths[`${path}.tool_call_id`] = `${path}.tool_use_id`;
  const at = `${path}.content`;
  const given = block['content'] ?? '';
  const content = blocksOf(given, at).map((placed) => decodeBlock(placed.block, placed.at, findings));
  const last = content.pop();
  // The end of a result is the end of its last part.
  if (last !== undefined) content.push({ ...last, ...cacheBreakpoint(block, path, findings) });
  return {
    role: 'tool',
    path,
    original: block,
    name: null,
    toolCallId: requireString(block['tool_use_id'], `${path}.tool_use_id`),
    content,
    ...(isError === null ? {} : { isError }),
  };
}

/** Each call must be answered in the turn after it, as the protocol demands. */
function checkToolResults(messages: readonly Message[]): void {
  let open = new Set<string>();
  const requireAnswered = (path: string): void => {
    if (open.size === 0) return;
    throw new GatewayError('invalid_messages', `the tool calls ${[...open].join(', ')} have no result`, {
      param: path,
    });
  };
  for (const message of messages) {
    if (message.role === 'tool') {
      if (open.delete(message.toolCallId)) continue;
      throw new GatewayError('invalid_messages', `no tool call \`${message.toolCallId}\` stands before this result`, {
        param: `${message.path}.tool_use_id`,
      });
    }
    if (message.role === 'system') continue;
    requireAnswered(message.path ?? 'messages');
    if (message.role !== 'assistant') continue;
    open = new Set(message.toolCalls.map((call) => call.id));
    if (open.size < message.toolCalls.length) {
      throw new GatewayError('invalid_messages', 'two tool calls of one message have the same id', {
        param: `${message.path}.content`,
      });
    }
  }
  requireAnswered('messages');
}

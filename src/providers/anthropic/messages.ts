import { createHash } from 'node:crypto';

import type { Adjustment } from '../../core/adjustment.ts';
import type { AssistantMessage, ContentPart, Message, SystemMessage, ToolMessage } from '../../core/chat.ts';
import { parseJson, type JsonValue } from '../../core/json.ts';
import { partPath } from '../../core/part-path.ts';
import type { AnthropicBlock, AnthropicMessage, AnthropicTextBlock } from '../../wire/anthropic.ts';
import { MessageAdjustments } from '../message-adjustments.ts';

export interface EncodedMessages {
  readonly system: readonly AnthropicTextBlock[];
  readonly messages: readonly AnthropicMessage[];
  readonly adjustments: readonly Adjustment[];
}

/**
 * The conversation in Anthropic's form: system messages beside it, neighbours of one role joined
 * into one turn with their blocks kept apart, tool results in the order of the calls.
 */
export function encodeMessages(messages: readonly Message[]): EncodedMessages {
  const system: AnthropicTextBlock[] = [];
  const turns: { role: 'user' | 'assistant'; content: AnthropicBlock[] }[] = [];
  const adjustments = new MessageAdjustments('anthropic');
  const push = (role: 'user' | 'assistant', blocks: readonly AnthropicBlock[]): void => {
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: [...blocks] });
  };
  messages.forEach((message, index) => {
    adjustments.dropName(message);
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(...encodeSystem(message, adjustments));
        break;
      case 'user':
        push(
          'user',
          message.content.flatMap((part, at) => encodePart(part, partPath(message, at), adjustments)),
        );
        break;
      case 'assistant':
        push('assistant', encodeAssistant(message, adjustments));
        break;
      case 'tool':
        noteRenamedId(`${message.path}.tool_call_id`, message.toolCallId, adjustments);
        if (messages[index - 1]?.role !== 'tool') push('user', encodeResults(messages, index));
        break;
    }
  });
  return { system, messages: turns, adjustments: adjustments.list };
}

/** Blocks beside the conversation. The plan and the dialect let nothing but text come this far. */
function encodeSystem(message: SystemMessage, adjustments: MessageAdjustments): readonly AnthropicTextBlock[] {
  return message.content.flatMap((part, at) =>
    encodePart(part, partPath(message, at), adjustments).filter((block) => block.type === 'text'),
  );
}

function encodePart(part: ContentPart, path: string, adjustments: MessageAdjustments): readonly AnthropicBlock[] {
  adjustments.flatten(part, path);
  switch (part.type) {
    case 'text':
      if (part.text === '') {
        adjustments.drop(path, '', 'this vendor takes no empty text');
        return [];
      }
      return [{ type: 'text', text: part.text }];
    case 'refusal':
      return [{ type: 'text', text: part.refusal }];
    case 'image':
      return [
        {
          type: 'image',
          source:
            part.source.kind === 'url'
              ? { type: 'url', url: part.source.url }
              : { type: 'base64', media_type: part.source.mediaType, data: part.source.base64 },
        },
      ];
    case 'audio':
    case 'file':
    case 'native':
      // The plan has left out every candidate that lacks the part's feature, and this vendor lacks both.
      throw new TypeError('a part of the client’s own protocol cannot be sent to Anthropic');
  }
}

function encodeAssistant(message: AssistantMessage, adjustments: MessageAdjustments): readonly AnthropicBlock[] {
  adjustments.dropReasoning(message);
  message.toolCalls.forEach((call, at) => noteRenamedId(`${message.path}.tool_calls[${at}].id`, call.id, adjustments));
  return [
    ...message.content.flatMap((part, at) => encodePart(part, partPath(message, at), adjustments)),
    ...message.toolCalls.map((call) => ({
      type: 'tool_use' as const,
      id: wireId(call.id),
      name: call.name,
      input: parseJson(call.arguments) as JsonValue,
    })),
  ];
}

/** The run of tool messages from `start`, as results in the order in which the assistant made the calls. */
function encodeResults(messages: readonly Message[], start: number): readonly AnthropicBlock[] {
  const results: ToolMessage[] = [];
  for (let at = start; messages[at]?.role === 'tool'; at++) results.push(messages[at] as ToolMessage);
  const caller = messages.slice(0, start).findLast((message) => message.role === 'assistant');
  const order = caller?.role === 'assistant' ? caller.toolCalls.map((call) => call.id) : [];
  return results
    .toSorted((a, b) => order.indexOf(a.toolCallId) - order.indexOf(b.toolCallId))
    .map((result) => {
      const texts = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
      const content =
        texts.length === 1 ? (texts[0] as string) : texts.map((text) => ({ type: 'text' as const, text }));
      return { type: 'tool_result' as const, tool_use_id: wireId(result.toolCallId), content };
    });
}

const WIRE_ID = /^[a-zA-Z0-9_-]+$/;

/** The vendor takes letters, digits, dash and underscore; another vendor's id gives way to a hash of it. */
function wireId(id: string): string {
  return WIRE_ID.test(id) ? id : `id_${createHash('sha256').update(id).digest('hex').slice(0, 24)}`;
}

function noteRenamedId(param: string, id: string, adjustments: MessageAdjustments): void {
  const sent = wireId(id);
  if (sent === id) return;
  adjustments.rename(param, id, sent, 'this vendor takes no such characters in ids');
}

import type { Adjustment } from '../../core/adjustment.ts';
import type { AssistantMessage, ContentPart, Message, ToolMessage } from '../../core/chat.ts';
import { parseJson, type JsonValue } from '../../core/json.ts';
import { partPath } from '../../core/part-path.ts';
import type { GeminiContent, GeminiPart } from '../../wire/gemini.ts';
import { MessageAdjustments } from '../message-adjustments.ts';

export interface EncodedContents {
  readonly system: readonly GeminiPart[];
  readonly contents: readonly GeminiContent[];
  readonly adjustments: readonly Adjustment[];
}

/** The conversation in Gemini's form: system beside it, neighbours of one role joined, results named by their call. */
export function encodeContents(messages: readonly Message[]): EncodedContents {
  const system: GeminiPart[] = [];
  const contents: { role: 'user' | 'model'; parts: GeminiPart[] }[] = [];
  const adjustments = new MessageAdjustments('google');
  const toolNames = new Map<string, string>();
  const push = (role: 'user' | 'model', parts: readonly GeminiPart[]): void => {
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) contents.push({ role, parts: [...parts] });
  };
  for (const message of messages) {
    if (message.name !== toolName(message, toolNames)) adjustments.dropName(message);
    const encode = (): readonly GeminiPart[] =>
      message.content.flatMap((part, at) => encodePart(part, partPath(message, at), adjustments));
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(...encode());
        break;
      case 'user':
        push('user', encode());
        break;
      case 'assistant':
        for (const call of message.toolCalls) toolNames.set(call.id, call.name);
        push('model', [...encode(), ...encodeCalls(message, adjustments)]);
        break;
      case 'tool':
        push('user', [encodeResult(message, toolName(message, toolNames) ?? message.toolCallId)]);
        break;
    }
  }
  return { system, contents, adjustments: adjustments.list };
}

/** The tool whose result the message is, which this vendor wants named. */
function toolName(message: Message, toolNames: ReadonlyMap<string, string>): string | null {
  return message.role === 'tool' ? (toolNames.get(message.toolCallId) ?? null) : null;
}

function encodePart(part: ContentPart, path: string, adjustments: MessageAdjustments): readonly GeminiPart[] {
  adjustments.flatten(part, path);
  switch (part.type) {
    case 'text':
      return [{ text: part.text }];
    case 'refusal':
      return [{ text: part.refusal }];
    case 'image':
      if (part.source.kind === 'data')
        return [{ inlineData: { mimeType: part.source.mediaType, data: part.source.base64 } }];
      break;
    case 'audio':
    case 'file':
    case 'native':
      break;
  }
  // The plan has left out every candidate that lacks the part's feature, and this vendor lacks these.
  throw new TypeError(`a part of type ${part.type} cannot be sent to Gemini`);
}

function encodeCalls(message: AssistantMessage, adjustments: MessageAdjustments): readonly GeminiPart[] {
  adjustments.dropReasoning(message);
  return message.toolCalls.map((call) => ({
    functionCall: { id: call.id, name: call.name, args: parseJson(call.arguments) as JsonValue },
  }));
}

function encodeResult(message: ToolMessage, name: string): GeminiPart {
  return { functionResponse: { id: message.toolCallId, name, response: { output: textOf(message.content) } } };
}

function textOf(content: readonly ContentPart[]): string | readonly string[] {
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.length === 1 ? (texts[0] as string) : texts;
}

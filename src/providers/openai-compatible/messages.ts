import type { ContentPart, Message, ToolCall } from '../../core/chat.ts';
import type { JsonObject } from '../../core/json.ts';

/** A canonical message in the protocol's own form. A single text part becomes a plain string. */
export function encodeMessage(message: Message): JsonObject {
  const content = isOneText(message) ? textOf(message) : message.content.map(encodeMarked);
  const name = message.name === null ? {} : { name: message.name };
  switch (message.role) {
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: content.length === 0 ? '' : content, ...name };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content.length === 0 ? null : content,
        ...name,
        ...(message.reasoning === null ? {} : { reasoning_content: message.reasoning }),
        ...(message.toolCalls.length === 0 ? {} : { tool_calls: encodeToolCalls(message.toolCalls) }),
      };
    default:
      return { role: message.role, content, ...name };
  }
}

/** The calls of a turn in the protocol's form. */
export function encodeToolCalls(calls: readonly ToolCall[]): readonly JsonObject[] {
  return calls.map(({ id, name, arguments: written, kind }) =>
    kind === 'custom'
      ? { id, type: 'custom', custom: { name, input: written } }
      : { id, type: 'function', function: { name, arguments: written } },
  );
}

/** Whether the content is one text and nothing else, which the protocol has as a plain string. */
export function isOneText({ content }: Message): boolean {
  return content.length === 1 && content[0]?.type === 'text' && content[0].cacheBreakpoint === undefined;
}

/** The texts of a message, with nothing between them. */
export function textOf({ content }: Message): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function encodeMarked(part: ContentPart): JsonObject {
  const encoded = encodePart(part);
  return part.cacheBreakpoint === undefined ? encoded : { ...encoded, prompt_cache_breakpoint: { mode: 'explicit' } };
}

function encodePart(part: ContentPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'refusal', refusal: part.refusal };
    case 'native':
      return part.native;
    case 'audio':
      return {
        type: 'input_audio',
        input_audio: { data: part.base64, format: part.mediaType.slice(part.mediaType.indexOf('/') + 1) },
      };
    case 'file': {
      // Addresses of files are not of this protocol: the plan has left its models out.
      if (part.source.kind === 'url') throw new TypeError('a file by its address cannot be sent in this protocol');
      const data = `data:${part.source.mediaType};base64,${part.source.base64}`;
      return {
        type: 'file',
        file: { file_data: data, ...(part.filename === null ? {} : { filename: part.filename }) },
      };
    }
    case 'image': {
      const url =
        part.source.kind === 'url' ? part.source.url : `data:${part.source.mediaType};base64,${part.source.base64}`;
      return { type: 'image_url', image_url: { url, ...(part.detail === null ? {} : { detail: part.detail }) } };
    }
  }
}

import type { ContentPart, Message } from '../../core/chat.ts';
import type { OpenAiToolCall } from '../../wire/openai-chat.ts';
import type { JsonObject } from '../../core/json.ts';

/** A canonical message in the protocol's own form. A single text part becomes a plain string. */
export function encodeMessage(message: Message): JsonObject {
  const only = message.content.length === 1 ? message.content[0] : undefined;
  const content = only?.type === 'text' ? only.text : message.content.map(encodePart);
  switch (message.role) {
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: message.toolCallId,
        content,
        ...(message.name === null ? {} : { name: message.name }),
      };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content.length === 0 ? null : content,
        ...(message.name === null ? {} : { name: message.name }),
        ...(message.reasoning === null ? {} : { reasoning_content: message.reasoning }),
        ...(message.toolCalls.length === 0
          ? {}
          : {
              tool_calls: message.toolCalls.map((call): OpenAiToolCall => ({
                id: call.id,
                type: 'function',
                function: { name: call.name, arguments: call.arguments },
              })),
            }),
      };
    default:
      return { role: message.role, content, ...(message.name === null ? {} : { name: message.name }) };
  }
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

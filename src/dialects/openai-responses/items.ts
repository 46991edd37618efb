import type { Logprobs } from '../../core/answer.ts';
import type { ExtraContent, ToolCall } from '../../core/chat.ts';
import type { JsonValue } from '../../core/json.ts';
import { sealExtra } from '../../core/sealed-extra.ts';
import type {
  ResponsesFunctionCall,
  ResponsesItemStatus,
  ResponsesMessage,
  ResponsesReasoning,
  ResponsesRefusalPart,
  ResponsesTextPart,
} from '../../wire/openai-responses.ts';

const PREFIX = { message: 'msg', function_call: 'fc', reasoning: 'rs' } as const;

/** The id of an item: of its generation and its place, so that no two are alike. */
export function itemId(type: keyof typeof PREFIX, generationId: string, outputIndex: number): string {
  return `${PREFIX[type]}_${generationId.replace(/^gen_/, '')}_${outputIndex}`;
}

export function textPart(text: string, logprobs: readonly JsonValue[]): ResponsesTextPart {
  return { type: 'output_text', annotations: [], logprobs, text };
}

export function refusalPart(refusal: string): ResponsesRefusalPart {
  return { type: 'refusal', refusal };
}

export function messageItem(
  id: string,
  status: ResponsesItemStatus,
  content: ResponsesMessage['content'],
): ResponsesMessage {
  return { id, type: 'message', status, role: 'assistant', content };
}

/** What the vendor wants back with the call stands in the open, where clients that send items back keep it. */
export function callItem(id: string, status: ResponsesItemStatus, call: ToolCall): ResponsesFunctionCall {
  return {
    id,
    type: 'function_call',
    status,
    arguments: call.arguments,
    call_id: call.id,
    name: call.name,
    ...(call.extraContent === undefined ? {} : { extra_content: call.extraContent }),
  };
}

/** @param summary `null`: the model let nothing of it be seen */
export function reasoningItem(id: string, summary: string | null, extra: ExtraContent | null): ResponsesReasoning {
  return {
    id,
    type: 'reasoning',
    summary: summary === null ? [] : [{ type: 'summary_text', text: summary }],
    ...(extra === null ? {} : { encrypted_content: sealExtra(extra) }),
  };
}

/** The text and the refusal of an answer as parts of one message. */
export function messageContent(
  text: string | null,
  refusal: string | null,
  logprobs: Logprobs | undefined,
): ResponsesMessage['content'] {
  return [
    ...(text === null || text === '' ? [] : [textPart(text, logprobs?.content ?? [])]),
    ...(refusal === null || refusal === '' ? [] : [refusalPart(refusal)]),
  ];
}

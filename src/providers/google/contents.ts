import type { Adjustment } from '../../core/adjustment.ts';
import type { AssistantMessage, ContentPart, MediaSource, Message, ToolCall, ToolMessage } from '../../core/chat.ts';
import { parseJson, type JsonObject, type JsonValue } from '../../core/json.ts';
import { partPath } from '../../core/part-path.ts';
import { thoughtSignature, unsignedCalls } from '../../core/thought-signatures.ts';
import type { GeminiContent, GeminiPart } from '../../wire/gemini.ts';
import { MessageAdjustments } from '../message-adjustments.ts';
import { standInSignature } from './signatures.ts';

export interface EncodedContents {
  readonly system: readonly GeminiPart[];
  readonly contents: readonly GeminiContent[];
  readonly adjustments: readonly Adjustment[];
}

/**
 * The conversation in Gemini's form: system beside it, neighbours of one role joined, results named by their call and in its order.
 * @param wantsSignatures whether the model takes no call back that is not signed
 * @param at the kind of the provider, which adjustments name
 */
export function encodeContents(messages: readonly Message[], wantsSignatures: boolean, at: string): EncodedContents {
  const encoder = new ContentsEncoder(messages, wantsSignatures, at);
  for (const message of messages) encoder.add(message);
  return encoder.result();
}

/** Writes one conversation. Holds its state. */
class ContentsEncoder {
  readonly #system: GeminiPart[] = [];
  readonly #contents: { readonly role: 'user' | 'model'; readonly parts: GeminiPart[] }[] = [];
  readonly #at: string;
  readonly #adjustments: MessageAdjustments;
  readonly #toolNames = new Map<string, string>();
  readonly #unsigned: ReadonlyMap<AssistantMessage, ToolCall>;
  /** Results of the last turn's calls, which wait until all have come. */
  #results: { readonly id: string; readonly part: GeminiPart }[] = [];
  #calls: readonly ToolCall[] = [];

  constructor(messages: readonly Message[], wantsSignatures: boolean, at: string) {
    this.#at = at;
    this.#adjustments = new MessageAdjustments(at);
    this.#unsigned = wantsSignatures ? unsignedCalls(messages) : new Map();
  }

  add(message: Message): void {
    if (message.role !== 'tool') this.#flushResults();
    if (message.name !== toolName(message, this.#toolNames)) this.#adjustments.dropName(message);
    switch (message.role) {
      case 'system':
      case 'developer':
        this.#system.push(...this.#parts(message));
        break;
      case 'user':
        this.#push('user', this.#parts(message));
        break;
      case 'assistant':
        this.#assistant(message);
        break;
      case 'tool':
        this.#results.push({ id: message.toolCallId, part: this.#result(message) });
        break;
    }
  }

  result(): EncodedContents {
    this.#flushResults();
    return { system: this.#system, contents: this.#contents, adjustments: this.#adjustments.list };
  }

  #push(role: 'user' | 'model', parts: readonly GeminiPart[]): void {
    const last = this.#contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) this.#contents.push({ role, parts: [...parts] });
  }

  /** The vendor matches results to calls without an id by their order. */
  #flushResults(): void {
    const place = (id: string): number => this.#calls.findIndex((call) => call.id === id);
    const parts = this.#results.toSorted((a, b) => place(a.id) - place(b.id)).map(({ part }) => part);
    this.#results = [];
    this.#push('user', parts);
  }

  #assistant(message: AssistantMessage): void {
    for (const call of message.toolCalls) this.#toolNames.set(call.id, call.name);
    this.#calls = message.toolCalls;
    this.#adjustments.dropReasoning(message);
    const parts = this.#parts(message);
    const signature = thoughtSignature(message.extraContent);
    if (signature !== null) sign(parts, signature);
    this.#push('model', [...parts, ...message.toolCalls.map((call) => this.#call(call, message))]);
    this.#dropForeign(message);
  }

  #parts(message: Message): GeminiPart[] {
    return message.content.map((part, at) => this.#part(part, partPath(message, at)));
  }

  #part(part: ContentPart, path: string): GeminiPart {
    this.#adjustments.flatten(part, path);
    this.#adjustments.dropBreakpoint(part, path);
    switch (part.type) {
      case 'text':
        return { text: part.text };
      case 'refusal':
        return { text: part.refusal };
      case 'image':
        return encodeMedia(part.source);
      case 'audio':
        return { inlineData: { mimeType: part.mediaType, data: part.base64 } };
      case 'file':
        if (part.filename !== null)
          this.#adjustments.drop(`${path}.file.filename`, part.filename, 'this vendor has no names of files');
        return encodeMedia(part.source);
      case 'native':
        // The plan has left out every candidate that does not speak the part's protocol.
        throw new TypeError('a part of another protocol cannot be sent to Gemini');
    }
  }

  #call(call: ToolCall, message: AssistantMessage): GeminiPart {
    const functionCall = { id: call.id, name: call.name, args: parseJson(call.arguments) as JsonValue };
    const own = thoughtSignature(call.extraContent);
    if (own !== null) return { functionCall, thoughtSignature: own };
    if (this.#unsigned.get(message) !== call) return { functionCall };
    const { signature, adjustment } = standInSignature(message, this.#at);
    this.#adjustments.list.push(adjustment);
    return { functionCall, thoughtSignature: signature };
  }

  #dropForeign(message: AssistantMessage): void {
    const reason = 'what another vendor wants back means nothing to this one';
    const drop = (holder: Pick<AssistantMessage, 'extraContent'>, path: string): void => {
      for (const [kind, content] of Object.entries(holder.extraContent ?? {})) {
        const { thought_signature: signature, ...rest } = content;
        const isOwn = kind === 'google' && typeof signature === 'string';
        if (!isOwn) this.#adjustments.drop(`${path}.extra_content.${kind}`, content, reason);
        else if (Object.keys(rest).length > 0) {
          this.#adjustments.drop(`${path}.extra_content.${kind}`, rest, 'this vendor takes one signature back');
        }
      }
    };
    drop(message, String(message.path));
    message.toolCalls.forEach((call, index) => drop(call, `${message.path}.tool_calls[${index}]`));
  }

  #result(message: ToolMessage): GeminiPart {
    const name = toolName(message, this.#toolNames) ?? message.toolCallId;
    const texts = message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    const said = texts.length === 1 ? (texts[0] as string) : texts;
    const response: JsonObject = message.isError === true ? { error: said } : { output: said };
    const media = message.content.flatMap((part, at) => {
      const encoded = this.#part(part, partPath(message, at));
      return part.type === 'text' ? [] : [encoded];
    });
    return {
      functionResponse: { id: message.toolCallId, name, response, ...(media.length === 0 ? {} : { parts: media }) },
    };
  }
}

/** The signature of an answer stands on its last part of text. */
function sign(parts: GeminiPart[], thoughtSignature: string): void {
  const last = parts.pop() ?? { text: '' };
  parts.push({ ...last, thoughtSignature });
}

/** The tool whose result the message is, which this vendor wants named. */
function toolName(message: Message, toolNames: ReadonlyMap<string, string>): string | null {
  return message.role === 'tool' ? (toolNames.get(message.toolCallId) ?? null) : null;
}

const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
};

function encodeMedia(source: MediaSource): GeminiPart {
  if (source.kind === 'data') return { inlineData: { mimeType: source.mediaType, data: source.base64 } };
  const mimeType = TYPES[/\.(\w+)$/.exec(new URL(source.url).pathname)?.[1]?.toLowerCase() ?? ''];
  return { fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri: source.url } };
}

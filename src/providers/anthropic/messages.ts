import type { Adjustment } from '../../core/adjustment.ts';
import type { AssistantMessage, ContentPart, Message, SystemMessage, ToolCall, ToolMessage } from '../../core/chat.ts';
import { parseJson, type JsonValue } from '../../core/json.ts';
import { NO_SCAN_LIMITS, scanJson } from '../../core/json-scan.ts';
import { isInstruction } from '../../core/late-instructions.ts';
import { partPath } from '../../core/part-path.ts';
import type { AnthropicBlock, AnthropicMessage, AnthropicTextBlock } from '../../wire/anthropic.ts';
import { MessageAdjustments } from '../message-adjustments.ts';
import { BlockEncoder } from './blocks.ts';
import { returnedThinking, withThinking } from './thinking-blocks.ts';
import { noteRenamedId, wireId } from './wire-id.ts';

export interface EncodedMessages {
  readonly system: readonly AnthropicTextBlock[];
  readonly messages: readonly AnthropicMessage[];
  /** Inputs of tools with numbers that would not outlive being written again: where each stands, and its own text. */
  readonly exactInputs: readonly { readonly path: readonly string[]; readonly json: string }[];
  readonly adjustments: readonly Adjustment[];
}

/**
 * The conversation in Anthropic's form: leading system messages beside it, neighbours of one role joined
 * into one turn with their blocks kept apart, tool results in the order of the calls.
 */
export function encodeMessages(messages: readonly Message[]): EncodedMessages {
  return new Conversation(messages).encode();
}

class Conversation {
  readonly #messages: readonly Message[];
  readonly #adjustments = new MessageAdjustments('anthropic');
  readonly #blocks: BlockEncoder;
  readonly #system: AnthropicTextBlock[] = [];
  readonly #turns: { role: AnthropicMessage['role']; content: AnthropicBlock[] }[] = [];
  readonly #exactInputs = new Map<AnthropicBlock, string>();
  /** System messages in the middle, until what may not be parted by them has been told. */
  #waiting: { readonly message: SystemMessage; isMoved: boolean }[] = [];

  constructor(messages: readonly Message[]) {
    this.#messages = messages;
    const parts = messages.flatMap((message): readonly ContentPart[] => message.content);
    this.#blocks = new BlockEncoder(parts, this.#adjustments);
  }

  encode(): EncodedMessages {
    this.#messages.forEach((message, index) => this.#message(message, index));
    this.#placeWaiting();
    if (this.#messages.at(-1)?.role === 'assistant') this.#trimPrefill();
    const exactInputs = this.#turns.flatMap(({ content }, turn) =>
      content.flatMap((block, at) => {
        const json = this.#exactInputs.get(block);
        return json === undefined ? [] : [{ path: ['messages', String(turn), 'content', String(at), 'input'], json }];
      }),
    );
    return { system: this.#system, messages: this.#turns, exactInputs, adjustments: this.#adjustments.list };
  }

  #message(message: Message, index: number): void {
    this.#adjustments.dropName(message);
    switch (message.role) {
      case 'system':
      case 'developer':
        if (this.#messages.slice(0, index).every(isInstruction)) this.#system.push(...this.#texts(message));
        else this.#waiting.push({ message, isMoved: false });
        return;
      case 'user':
        this.#placeWaiting();
        this.#push('user', this.#parts(message));
        return;
      case 'assistant':
        this.#placeWaiting();
        this.#push('assistant', this.#assistant(message));
        return;
      case 'tool':
        noteRenamedId(`${message.path}.tool_call_id`, message.toolCallId, this.#adjustments);
        for (const waiting of this.#waiting) waiting.isMoved = true;
        if (this.#messages.slice(0, index).findLast((before) => !isInstruction(before))?.role !== 'tool') {
          this.#push('user', this.#results(index));
        }
    }
  }

  #push(role: AnthropicMessage['role'], blocks: readonly AnthropicBlock[]): void {
    const last = this.#turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) this.#turns.push({ role, content: [...blocks] });
  }

  /** The vendor has no place for instructions between a tool call and its result. */
  #placeWaiting(): void {
    for (const { message, isMoved } of this.#waiting) {
      const texts = this.#texts(message);
      this.#push('system', texts);
      if (!isMoved) continue;
      const said = texts.map((block) => block.text);
      this.#adjustments.rewrite(`${message.path}`, said, said, 'sent after the results of the tool calls before it');
    }
    this.#waiting = [];
  }

  #parts(message: Message): readonly AnthropicBlock[] {
    return message.content.flatMap((part, at) => this.#blocks.encode(part, partPath(message, at)));
  }

  /** The plan and the dialects let nothing but text come this far. */
  #texts(message: SystemMessage): readonly AnthropicTextBlock[] {
    return this.#parts(message).filter((block) => block.type === 'text');
  }

  #assistant(message: AssistantMessage): readonly AnthropicBlock[] {
    const thinking = returnedThinking(message, this.#adjustments);
    message.toolCalls.forEach((call, at) => {
      noteRenamedId(`${message.path}.tool_calls[${at}].id`, call.id, this.#adjustments);
    });
    const calls = message.toolCalls.map((call) => this.#toolUse(call));
    return withThinking<AnthropicBlock>([...this.#parts(message), ...calls], thinking);
  }

  #toolUse({ id, name, arguments: written }: ToolCall): AnthropicBlock {
    const block: AnthropicBlock = { type: 'tool_use', id: wireId(id), name, input: parseJson(written) as JsonValue };
    const scan = scanJson(Buffer.from(written), NO_SCAN_LIMITS);
    if (scan.problem === null && scan.inexact.size > 0) this.#exactInputs.set(block, written);
    return block;
  }

  /** The run of results from `start`, in the order in which the assistant made the calls. */
  #results(start: number): readonly AnthropicBlock[] {
    const results: ToolMessage[] = [];
    for (const message of this.#messages.slice(start)) {
      if (message.role === 'tool') results.push(message);
      else if (!isInstruction(message)) break;
    }
    const caller = this.#messages.slice(0, start).findLast((message) => message.role === 'assistant');
    const order = caller?.role === 'assistant' ? caller.toolCalls.map((call) => call.id) : [];
    return results
      .toSorted((a, b) => order.indexOf(a.toolCallId) - order.indexOf(b.toolCallId))
      .map((result) => this.#result(result));
  }

  #result(result: ToolMessage): AnthropicBlock {
    const [only, ...others] = result.content;
    const isPlain = only?.type === 'text' && only.cacheBreakpoint === undefined && others.length === 0;
    return {
      type: 'tool_result',
      tool_use_id: wireId(result.toolCallId),
      // A tool may have nothing to say; only a block of text must not be empty.
      content: isPlain ? only.text : this.#parts(result),
      ...(result.isError === true ? { is_error: true } : {}),
    };
  }

  /** The vendor refuses the beginning of an answer that ends with white space. */
  #trimPrefill(): void {
    const turn = this.#turns.at(-1);
    const last = turn?.content.at(-1);
    if (turn?.role !== 'assistant' || last?.type !== 'text') return;
    const text = last.text.trimEnd();
    if (text === last.text) return;
    const path = `${this.#messages.at(-1)?.path}.content`;
    this.#adjustments.rewrite(path, last.text, text, 'this vendor takes no white space at the end of a begun answer');
    turn.content.pop();
    if (text !== '') turn.content.push({ ...last, text });
    else if (turn.content.length === 0) this.#turns.pop();
  }
}

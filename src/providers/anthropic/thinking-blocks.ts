import type { AssistantMessage, ExtraContent } from '../../core/chat.ts';
import { arrayMember, isJsonObject, stringMember, type JsonObject } from '../../core/json.ts';
import type { AnthropicThinkingBlock } from '../../wire/anthropic.ts';
import type { MessageAdjustments } from '../message-adjustments.ts';

/** The provider's kind, under which what it wants back travels. */
const KIND = 'anthropic';

/** Whether the block is the model's thinking, signed or hidden: the vendor wants it back as it was, and in its place. */
export function isThinking(block: JsonObject): boolean {
  return block['type'] === 'thinking' || block['type'] === 'redacted_thinking';
}

/**
 * What is to come back with an answer: its thinking blocks, unread, and where they stood among its
 * blocks unless that was in front of all others. `null`: it has none that are signed.
 */
export function thinkingContent(blocks: readonly JsonObject[]): ExtraContent | null {
  const positions = blocks.flatMap((block, index) => (isSigned(block) ? [index] : []));
  if (positions.length === 0) return null;
  const thinking_blocks = positions.map((index) => blocks[index] as JsonObject);
  const isInFront = positions.every((position, index) => position === index);
  return { [KIND]: { thinking_blocks, ...(isInFront ? {} : { positions }) } };
}

function isSigned(block: JsonObject): boolean {
  return isThinking(block) && (stringMember(block, 'signature') ?? stringMember(block, 'data') ?? '') !== '';
}

/** Thinking blocks that a client gives back, each with its place among the blocks of its turn. */
export interface ReturnedThinking {
  readonly blocks: readonly AnthropicThinkingBlock[];
  readonly positions: readonly number[];
}

/** The vendor's own thinking in a turn. What is of others, or was never signed, is left out and noted. */
export function returnedThinking(message: AssistantMessage, adjustments: MessageAdjustments): ReturnedThinking {
  const path = message.path ?? 'messages';
  const own = message.extraContent?.[KIND] ?? {};
  const blocks = arrayMember(own, 'thinking_blocks').filter(
    (block): block is AnthropicThinkingBlock => isJsonObject(block) && isSigned(block),
  );
  const positions = arrayMember(own, 'positions').filter((position) => typeof position === 'number');
  dropForeign(message.extraContent, path, blocks.length > 0, adjustments);
  const unsigned = arrayMember(own, 'thinking_blocks').filter((block) => !blocks.some((kept) => kept === block));
  const { thinking_blocks: _blocks, positions: _positions, ...others } = own;
  const rest = { ...others, ...(unsigned.length === 0 ? {} : { thinking_blocks: unsigned }) };
  if (blocks.length > 0 && Object.keys(rest).length > 0) {
    adjustments.drop(`${path}.extra_content.${KIND}`, rest, 'it holds no signed thinking');
  }
  message.toolCalls.forEach((call, at) => {
    dropForeign(call.extraContent, `${path}.tool_calls[${at}]`, false, adjustments);
  });
  const said = blocks.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('');
  if (message.reasoning !== null && message.reasoning !== said) adjustments.dropReasoning(message);
  return { blocks, positions: positions.length === blocks.length ? positions : blocks.map((_, index) => index) };
}

function dropForeign(
  extra: ExtraContent | undefined,
  path: string,
  hasOwn: boolean,
  adjustments: MessageAdjustments,
): void {
  for (const [kind, content] of Object.entries(extra ?? {})) {
    if (kind === KIND && hasOwn) continue;
    const reason =
      kind === KIND ? 'it holds no signed thinking' : 'another vendor’s signatures mean nothing to this one';
    adjustments.drop(`${path}.extra_content.${kind}`, content, reason);
  }
}

/** The blocks of a turn with its thinking in its places among them. */
export function withThinking<Block>(
  blocks: readonly Block[],
  thinking: { readonly blocks: readonly Block[]; readonly positions: readonly number[] },
): readonly Block[] {
  const placed = [...blocks];
  thinking.blocks.forEach((block, index) => placed.splice(thinking.positions[index] ?? 0, 0, block));
  return placed;
}

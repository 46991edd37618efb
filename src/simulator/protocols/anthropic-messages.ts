import { type JsonObject, objectMember, stringMember } from '../../core/json.ts';
import type { CalledTool, Question, ReceivedImage, Turn } from '../question.ts';
import { isOwnSignature } from './anthropic-signature.ts';
import { RequestRefused } from './protocol.ts';
import { encodedImage, objectsOf, shown } from './read.ts';

interface Merged {
  readonly role: 'user' | 'assistant' | 'system';
  readonly blocks: JsonObject[];
}

/** Reads the conversation as Anthropic does: turns of one role merge, every call is answered in the turn after it. @throws RequestRefused */
export function readAnthropicMessages(body: JsonObject, isNewest: boolean): Pick<Question, 'system' | 'turns'> {
  const merged = mergedMessages(body, isNewest);
  if (merged.length === 0) refuse('messages: at least one message is required');
  if (merged[0]?.role !== 'user') refuse('messages: first message must use the "user" role');
  const last = merged.at(-1);
  if (last?.role === 'assistant') {
    if (isNewest)
      refuse('This model does not support assistant message prefill. The conversation must end with a user message.');
    if (/\s$/.test(textOf(last.blocks)))
      refuse('messages: final assistant content cannot end with trailing whitespace');
  }
  const system: string[] = [systemText(body)];
  const turns: Turn[] = [];
  let open: readonly CalledTool[] = [];
  merged.forEach((message, index) => {
    if (message.role === 'system') {
      system.push(textOf(message.blocks));
      return;
    }
    if (message.role === 'assistant') checkThinking(message, index);
    open = message.role === 'assistant' ? readAssistant(message, open, turns) : readUser(message, index, open, turns);
  });
  if (open.length > 0) missingResults(merged.length - 1, open);
  return { system: system.filter((text) => text !== '').join('\n'), turns };
}

function mergedMessages(body: JsonObject, isNewest: boolean): readonly Merged[] {
  const merged: Merged[] = [];
  objectsOf(body['messages']).forEach((message, index) => {
    const role = message['role'];
    if (role !== 'user' && role !== 'assistant' && role !== 'system')
      refuse(`messages.${index}.role: Input should be 'user' or 'assistant'`);
    if (role === 'system' && (!isNewest || merged.at(-1)?.role !== 'user')) {
      refuse(
        isNewest
          ? `messages.${index}: a system message must follow a user turn`
          : `messages.${index}.role: role 'system' is not supported on this model`,
      );
    }
    const content = message['content'];
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : objectsOf(content);
    if (blocks.length === 0)
      refuse(
        `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
      );
    if (blocks.some((block) => block['type'] === 'text' && block['text'] === ''))
      refuse(`messages.${index}: text content blocks must be non-empty`);
    const previous = merged.at(-1);
    if (previous?.role === role) previous.blocks.push(...blocks);
    else merged.push({ role, blocks: [...blocks] });
  });
  return merged;
}

/** Thinking comes back as this vendor signed it, or not at all. */
function checkThinking(message: Merged, index: number): void {
  message.blocks.forEach((block, at) => {
    if (block['type'] !== 'thinking' || isOwnSignature(stringMember(block, 'signature') ?? '')) return;
    refuse(`messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block`);
  });
}

function readAssistant(message: Merged, open: readonly CalledTool[], turns: Turn[]): readonly CalledTool[] {
  const calls = message.blocks
    .filter((block) => block['type'] === 'tool_use')
    .map((block) => ({
      id: idOf(block, 'id'),
      name: stringMember(block, 'name') ?? '',
      arguments: JSON.stringify(block['input'] ?? {}),
    }));
  turns.push({ role: 'assistant', text: textOf(message.blocks), calls });
  return [...open, ...calls];
}

function readUser(message: Merged, index: number, open: readonly CalledTool[], turns: Turn[]): readonly CalledTool[] {
  const results = message.blocks.filter((block) => block['type'] === 'tool_result');
  const answered = new Set<string>();
  for (const result of results) {
    const id = idOf(result, 'tool_use_id');
    const call = open.find((candidate) => candidate.id === id);
    if (call === undefined) {
      refuse(
        `messages.${index}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    answered.add(id);
    turns.push({ role: 'tool', text: resultText(result), call });
  }
  const missing = open.filter((call) => !answered.has(call.id));
  if (missing.length > 0) missingResults(index - 1, missing);
  const text = textOf(message.blocks);
  const images = message.blocks.flatMap((block, at) => readImage(block, `messages.${index}.content.${at}`));
  if (text !== '' || images.length > 0) turns.push({ role: 'user', text, images });
  return [];
}

function missingResults(index: number, calls: readonly CalledTool[]): never {
  const ids = calls.map((call) => call.id).join(', ');
  return refuse(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}

function idOf(block: JsonObject, member: string): string {
  const id = stringMember(block, member) ?? '';
  if (!/^[\w-]+$/.test(id)) refuse(`messages: ${member}: String should match pattern '^[a-zA-Z0-9_-]+$'`);
  return id;
}

function readImage(block: JsonObject, path: string): readonly ReceivedImage[] {
  if (!['text', 'image', 'tool_result', 'document'].includes(stringMember(block, 'type') ?? ''))
    refuse(`${path}.type: Input tag '${shown(block['type'])}' is not expected in a user turn`);
  const source = block['type'] === 'image' ? objectMember(block, 'source') : null;
  if (source === null) return [];
  if (source['type'] === 'url') return [{ mediaType: 'unknown', bytes: null }];
  const mediaType = stringMember(source, 'media_type') ?? '';
  if (!/^image\/(?:jpeg|png|gif|webp)$/.test(mediaType))
    refuse(`${path}.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`);
  return [encodedImage(mediaType, stringMember(source, 'data') ?? '')];
}

function resultText(result: JsonObject): string {
  return typeof result['content'] === 'string' ? result['content'] : textOf(objectsOf(result['content']));
}

function textOf(blocks: readonly JsonObject[]): string {
  return blocks
    .filter((block) => block['type'] === 'text')
    .map((block) => stringMember(block, 'text') ?? '')
    .join('\n');
}

function systemText(body: JsonObject): string {
  const system = body['system'];
  if (system === undefined || typeof system === 'string') return system ?? '';
  const blocks = objectsOf(system);
  if (blocks.some((block) => block['type'] !== 'text' || block['text'] === ''))
    refuse('system: text content blocks must be non-empty');
  return textOf(blocks);
}

function refuse(message: string): never {
  throw new RequestRefused(400, message);
}

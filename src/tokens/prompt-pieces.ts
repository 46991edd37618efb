import type { ContentPart, ImagePart, Message, ToolCall } from '../core/chat.ts';
import type { CountedPrompt } from './token-count.ts';

/** A prompt taken apart into what is counted each in its own way. */
export interface PromptPieces {
  /** Texts the model reads as they are. */
  readonly texts: readonly string[];
  /** JSON that every vendor writes anew in a form of its own: tools, calls, schemas. */
  readonly structures: readonly string[];
  /** The marks around messages and roles, as OpenAI documents them. */
  readonly frameTokens: number;
  readonly hasTools: boolean;
  readonly images: readonly ImagePart[];
  /** Files, sounds and parts of one protocol alone: nobody knows what they count. */
  readonly uncounted: number;
  /** Whether it is messages of plain text and nothing else, whose frame is documented. */
  readonly isPlain: boolean;
}

/** Three marks and a role. Source: OpenAI's cookbook, "How to count tokens", for gpt-4o. */
const MESSAGE_TOKENS = 4;
const NAME_TOKENS = 1;
/** What primes the answer. */
const REPLY_TOKENS = 3;

/** Takes a prompt apart; copies no text. */
export function piecesOf(prompt: CountedPrompt): PromptPieces {
  const found = new Found();
  for (const message of prompt.messages) addMessage(message, found);
  for (const { name, description, parameters } of prompt.tools)
    found.structures.push(JSON.stringify({ name, description, parameters }));
  const format = prompt.responseFormat;
  if (format?.type === 'json_schema')
    found.structures.push(JSON.stringify({ description: format.description, schema: format.schema }));
  const isChat = (prompt.embedding ?? null) === null;
  for (const input of prompt.embedding?.inputs ?? []) addInput(input, found);
  const { texts, structures, images, uncounted } = found;
  return {
    texts,
    structures,
    frameTokens: found.frameTokens + (isChat ? REPLY_TOKENS + prompt.messages.length * MESSAGE_TOKENS : 0),
    hasTools: prompt.tools.length > 0,
    images,
    uncounted,
    isPlain: found.isPlain && structures.length === 0 && (format === null || format.type === 'text'),
  };
}

class Found {
  readonly texts: string[] = [];
  readonly structures: string[] = [];
  readonly images: ImagePart[] = [];
  uncounted = 0;
  frameTokens = 0;
  isPlain = true;
}

function addMessage(message: Message, found: Found): void {
  if (message.name !== null) {
    found.frameTokens += NAME_TOKENS;
    found.texts.push(message.name);
  }
  // How vendors put several parts of text together is not documented.
  if (message.content.length > 1 || message.role === 'tool') found.isPlain = false;
  for (const part of message.content) addPart(part, found);
  if (message.role !== 'assistant') return;
  for (const call of message.toolCalls) addCall(call, found);
  if (message.reasoning === null) return;
  found.texts.push(message.reasoning);
  found.isPlain = false;
}

/** What is embedded has no frame; some of it comes as tokens already. */
function addInput(input: string | readonly number[], found: Found): void {
  if (typeof input === 'string') found.texts.push(input);
  else found.frameTokens += input.length;
}

function addCall(call: ToolCall, found: Found): void {
  found.structures.push(call.name, call.arguments);
}

function addPart(part: ContentPart, found: Found): void {
  if (part.type === 'text') {
    found.texts.push(part.text);
    return;
  }
  found.isPlain = false;
  if (part.type === 'image') found.images.push(part);
  else if (part.type === 'refusal') found.texts.push(part.refusal);
  else found.uncounted++;
}

import type { JsonObject } from '../core/json.ts';

/** The vendors the simulator can stand in for. */
export type SimulatedKind = 'openai' | 'anthropic' | 'google' | 'vertex' | 'deepseek' | 'openai-compatible';

export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
}

export interface CalledTool {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

export interface ReceivedImage {
  readonly mediaType: string;
  /** Size of the decoded image; `null` when only its address came. */
  readonly bytes: number | null;
}

export type Turn =
  | { readonly role: 'user'; readonly text: string; readonly images: readonly ReceivedImage[] }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly CalledTool[] }
  | { readonly role: 'tool'; readonly text: string; readonly call: CalledTool };

export type AnswerFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | { readonly type: 'json_schema'; readonly schema: JsonObject };

export type ToolUse =
  | { readonly mode: 'auto' | 'none' | 'required' }
  | { readonly mode: 'named'; readonly name: string };

/** A request of any of the protocols, as far as it decides the answer. */
export interface Question {
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly OfferedTool[];
  readonly toolUse: ToolUse;
  readonly parallelCalls: boolean;
  readonly format: AnswerFormat;
  /** Cap of tokens, reasoning included; `null`: the model's own. */
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  /** Whether reasoning comes before the answer. */
  readonly reasoning: 'none' | 'shown' | 'hidden';
  /** How many answers were asked for. */
  readonly choices: number;
  readonly stream: boolean;
  /** Whether a stream tells its usage, where the protocol lets the client choose. */
  readonly streamUsage: boolean;
  readonly logprobs: boolean;
}

/** Everything written in the prompt, in order, as one text. */
export function promptText(question: Question): string {
  return [question.system, ...question.turns.map((turn) => turn.text)].filter((text) => text !== '').join('\n');
}

/** The prompt and everything that decides the answer, as one text. Equal requests give equal texts. */
export function promptIdentity(question: Question): string {
  const { system, turns, tools, toolUse, parallelCalls, format } = question;
  return JSON.stringify([system, turns, tools, toolUse, parallelCalls, format]);
}

/** The user's last turn; empty when there is none. */
export function lastUserText(question: Question): string {
  return question.turns.findLast((turn) => turn.role === 'user')?.text ?? '';
}

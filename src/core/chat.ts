import type { JsonObject, JsonValue } from './json.ts';
import type { Span } from './json-scan.ts';
import type { NanoUsd } from './money.ts';
import type { TimeOfDay } from './time-of-day.ts';

/** The wire formats clients speak. */
export type DialectId =
  | 'openai-chat'
  | 'openai-responses'
  | 'openai-embeddings'
  | 'anthropic-messages'
  | 'gemini-generate';

interface PartBase {
  /** Where the part stands in the client's request, where that is not told by its message and its position. */
  readonly path?: string;
  /** Whether the client asks that the prompt be cached up to here; a hint. */
  readonly cacheBreakpoint?: true;
}

export interface TextPart extends PartBase {
  readonly type: 'text';
  readonly text: string;
}

export type ImageDetail = 'auto' | 'low' | 'high' | 'original';

/** Bytes that travel in the request, or an address that is passed on: Candor fetches nothing. */
export type MediaSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'data'; readonly mediaType: string; readonly base64: string };

export interface ImagePart extends PartBase {
  readonly type: 'image';
  readonly source: MediaSource;
  readonly detail: ImageDetail | null;
}

/** Speech or other sound, in the request itself. */
export interface AudioPart extends PartBase {
  readonly type: 'audio';
  /** `audio/wav`, `audio/mp3` … */
  readonly mediaType: string;
  readonly base64: string;
}

/** A document, mostly a PDF. */
export interface FilePart extends PartBase {
  readonly type: 'file';
  readonly source: MediaSource;
  /** A hint to the model; `null`: the client gave none. */
  readonly filename: string | null;
}

/** An assistant's earlier refusal, as OpenAI keeps it in history. */
export interface RefusalPart extends PartBase {
  readonly type: 'refusal';
  readonly refusal: string;
}

/** A part only the client's own protocol understands: carried as it came. */
export interface NativePart extends PartBase {
  readonly type: 'native';
  readonly native: JsonObject;
}

export type ContentPart = TextPart | ImagePart | AudioPart | FilePart | RefusalPart | NativePart;

/**
 * What vendors hand out with an answer for themselves, to be given back unread: signed reasoning and
 * the like, by the provider's kind. On OpenAI's protocols it is the member `extra_content`.
 */
export type ExtraContent = Readonly<Record<string, JsonObject>>;

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** The arguments exactly as the model wrote them: JSON text, not a value. */
  readonly arguments: string;
  /** Where the client wrote the arguments; absent: where OpenAI's protocol has them. */
  readonly argumentsPath?: string;
  /** `custom`: the arguments are free text for a custom tool, which OpenAI alone has. Absent: a function's. */
  readonly kind?: 'custom';
  readonly extraContent?: ExtraContent;
}

interface MessageBase {
  /** Where the message stands in the client's request (`messages[3]`); `null` when Candor wrote it. */
  readonly path: string | null;
  /** The message as the client wrote it, in the client's dialect; `null` once changed. */
  readonly original: JsonObject | null;
  /** Who speaks, or for a result which tool; a hint. */
  readonly name: string | null;
}

export interface SystemMessage extends MessageBase {
  readonly role: 'system' | 'developer';
  readonly content: readonly ContentPart[];
}

export interface UserMessage extends MessageBase {
  readonly role: 'user';
  readonly content: readonly ContentPart[];
}

export interface AssistantMessage extends MessageBase {
  readonly role: 'assistant';
  readonly content: readonly ContentPart[];
  readonly toolCalls: readonly ToolCall[];
  /** The reasoning of that turn (`reasoning_content`), where the client gave it back. */
  readonly reasoning: string | null;
  readonly extraContent?: ExtraContent;
}

export interface ToolMessage extends MessageBase {
  readonly role: 'tool';
  readonly toolCallId: string;
  readonly content: readonly ContentPart[];
  /** Whether the client says that the tool failed, which some protocols can say and others cannot. Absent: it says nothing. */
  readonly isError?: boolean;
}

export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

export interface Tool {
  readonly name: string;
  readonly description: string | null;
  /** JSON Schema of the arguments; `null` when the tool takes none. */
  readonly parameters: JsonObject | null;
  readonly strict: boolean | null;
  /** A custom tool, which OpenAI alone has: it takes free text, in this format (`null`: any). Absent: a function. */
  readonly custom?: { readonly format: JsonObject | null };
}

export type ToolChoice =
  | { readonly mode: 'auto' | 'none' | 'required' }
  | { readonly mode: 'named'; readonly name: string }
  /** Of the tools, these may be called; `required`: one of them must be. */
  | { readonly mode: 'allowed'; readonly names: readonly string[]; readonly required: boolean };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly description: string | null;
      /** `null`: the client named a format without a schema. */
      readonly schema: JsonObject | null;
      readonly strict: boolean | null;
    };

/** The name of a format that its client gave none, being of a dialect whose formats have no name. */
export const UNNAMED_FORMAT = 'answer';

/**
 * The parameters of a request that are single values, under OpenAI's names: the words that
 * clients, config files and adjustments share. Only what the client sent is present. Of other vendors'
 * are `top_k` and `reasoning_budget`: tokens to reason with, 0 for none, -1 for as many as the model likes.
 */
export type Parameters = Readonly<Record<string, JsonValue>>;

/** What the client asked of Candor itself, by header or in the body's `candor` member. */
export interface Directives {
  readonly route: string | null;
  readonly fallback: 'certified' | 'degraded' | 'off' | null;
  readonly timeoutMs: number | null;
  /** What the whole request may cost at most, in nano-USD; `null`: no limit. */
  readonly maxCostNanoUsd: NanoUsd | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Faults one request meets, by simulated provider or model (development only). */
  readonly simulate: readonly SimulatedFault[];
  /** `false`: the plain vendor shape, without the `candor` member. */
  readonly candorBody: boolean;
  readonly traceparent: string | null;
  /** `null`: answer it. Otherwise nothing is sent, and the client hears what would be. */
  readonly dryRun: DryRun | null;
}

/** What a request that is only to be explained takes as given. */
export interface DryRun {
  /** Providers, models or deployments that are taken to be out. */
  readonly outages: readonly string[];
  readonly prices: readonly AssumedPrice[];
  /** The time of day whose prices count; `null`: those of now. */
  readonly clock: TimeOfDay | null;
  /** How many tokens the prompt is taken to have; `null`: not known. */
  readonly promptTokens: number | null;
  /** How many an answer is taken to have where none was measured; `null`: not known. */
  readonly answerTokens: number | null;
}

/** A price that is taken to be another: `price.deepseek.in=0.5`. */
export interface AssumedPrice {
  /** The provider, model or deployment. */
  readonly name: string;
  /** Of prompts or of answers. */
  readonly side: 'in' | 'out';
  readonly usdPerMillion: number;
}

/** One fault a single request is to meet: `openai=503`, `deepseek=cut:12`. */
export interface SimulatedFault {
  readonly target: string;
  readonly fault: string;
}

/** One chat request, the same for every dialect it may have come in. Never changed after decoding. */
export interface ChatRequest {
  readonly dialect: DialectId;
  /** What the client put in `model`: a route, a model, or `provider/model`. */
  readonly asked: string;
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | null;
  readonly responseFormat: ResponseFormat | null;
  readonly parameters: Parameters;
  /** Where the dialect calls a parameter otherwise than OpenAI does: its name here to its path in the client's body. */
  readonly parameterPaths: Readonly<Record<string, string>>;
  /** Paths of members Candor does not know: they pass within the protocol, and bind across. */
  readonly unknownFields: readonly string[];
  /** Paths of members of the client's protocol that no other protocol has: they pass within it, and bind across. */
  readonly protocolFields: readonly string[];
  /** Headers of the client's protocol that a provider of the same protocol is sent too, under lower-case names. */
  readonly protocolHeaders?: Readonly<Record<string, string>>;
  /** What to embed, when that is what is asked; `null`: a chat. */
  readonly embedding: EmbeddingInput | null;
  readonly stream: boolean;
  /** Whether the client asked for the usage chunk of a stream. */
  readonly includeUsage: boolean;
  readonly directives: Directives;
  readonly original: OriginalRequest;
}

/** Texts to be turned into vectors. */
export interface EmbeddingInput {
  /** Each a text, or the tokens of one. */
  readonly inputs: readonly (string | readonly number[])[];
  /** How long the vectors shall be; `null`: as long as the model makes them. */
  readonly dimensions: number | null;
  /** How the client reads numbers: as JSON, or as the base64 of little-endian 32-bit floats. */
  readonly encodingFormat: 'float' | 'base64';
}

/** Whether the tools are declared as `functions`, as the protocol first called them: one is called at a time, and answers say so in a form of their own. */
export function usesFunctions({ dialect, original }: Pick<ChatRequest, 'dialect' | 'original'>): boolean {
  return dialect === 'openai-chat' && Array.isArray(original.json['functions']);
}

/** The client's path of a parameter, or of something inside one, by its name here. */
export function clientPath({ parameterPaths }: Pick<ChatRequest, 'parameterPaths'>, name: string): string {
  for (let end = name.length; end > 0; end = Math.max(name.lastIndexOf('.', end - 1), name.lastIndexOf('[', end - 1))) {
    const outer = name.slice(0, end);
    if (Object.hasOwn(parameterPaths, outer)) return parameterPaths[outer] + name.slice(end);
  }
  return name;
}

/** The client's bytes, untouched, and the one parse of them. */
export interface OriginalRequest {
  readonly bytes: Buffer;
  readonly json: JsonObject;
  /** Where each top-level member's value stands in `bytes`. */
  readonly spans: ReadonlyMap<string, Span>;
  /** The top-level members that hold a number which would not outlive being read and written again. */
  readonly inexact: ReadonlySet<string>;
}

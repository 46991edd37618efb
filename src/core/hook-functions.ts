import type { FinishReason } from './answer.ts';
import type { Message } from './chat.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { GenerationRecord, Verdict, VerdictOutcome } from './record.ts';

/** What the author of a `candor.config.ts` writes: functions of the config. Whatever they are given is frozen. */
export interface HookFunctions<Model extends string = string, Route extends string = string> {
  /** Chooses the route of a request for `model: auto`, before the rules. */
  readonly task?: TaskHook<Route> | undefined;
  /** Changes the prompt of one model, by its name. */
  readonly prompt?: { readonly [Name in Model]?: PromptHook | undefined } | undefined;
  /** Changes the parameters of one model, by its name. */
  readonly params?: { readonly [Name in Model]?: ParamsHook | undefined } | undefined;
  /** Checks of answers, which routes ask for by name: `validate: [{ hook: 'name' }]`. */
  readonly validate?: Readonly<Record<string, ValidateHook>> | undefined;
  /** A raw score of an answer: one feature of its confidence, never a probability by itself. */
  readonly confidence?: ConfidenceHook | undefined;
  /** Hears of every generation that has ended. Nobody waits for it. */
  readonly onRecord?: RecordHook | undefined;
}

/** One message, as far as it is text. */
export interface HookMessage {
  readonly role: Message['role'];
  readonly text: string;
}

/** A text the client sent along, and where it stands in the request. */
export interface HookText {
  readonly path: string;
  readonly role: Message['role'];
  readonly text: string;
}

/** A check that the answer before did not pass. */
export interface InvalidNote {
  readonly validator: string;
  readonly reason: string | null;
  /** Where in the answer; `null`: all of it. */
  readonly place: string | null;
}

/** What a hook knows of the attempt it is called for. No secret is in it. */
export interface HookContext {
  /** `null`: the client named a model. */
  readonly route: string | null;
  readonly model: string;
  /** `<provider>/<model>`. */
  readonly deployment: string;
  /** Which attempt of the request this is, from 1. */
  readonly attempt: number;
  /** What the client put in `model`. */
  readonly asked: string;
  readonly stream: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** What was wrong with the answer before; `null`: no answer of this request was refused. */
  readonly lastInvalid: readonly InvalidNote[] | null;
  /** Why another model answers than usually; `null`: the usual one does. */
  readonly reason: string | null;
}

/** A prompt that is about to be sent. It does not change: each method gives another one. */
export interface PromptDraft {
  readonly messages: readonly HookMessage[];
  /** With another text of the system section: all instructions before the conversation, paragraph by paragraph. */
  system(change: (text: string) => string): PromptDraft;
  /** With another text of the last message of the user. */
  user(change: (text: string) => string): PromptDraft;
  /** With one more instruction at the end of the system section. */
  append(text: string): PromptDraft;
  /** With one more instruction at its beginning. */
  prepend(text: string): PromptDraft;
}

export type PromptHook = (prompt: PromptDraft, context: HookContext) => PromptDraft | Promise<PromptDraft>;

/** The parameters of a request, under OpenAI's names. */
export interface HookParameters {
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly frequency_penalty?: number | undefined;
  readonly presence_penalty?: number | undefined;
  readonly seed?: number | undefined;
  readonly max_tokens?: number | undefined;
  readonly max_completion_tokens?: number | undefined;
  readonly reasoning_effort?: string | undefined;
  readonly [name: string]: JsonValue | undefined;
}

export type ParamsHook = (parameters: HookParameters, context: HookContext) => HookParameters | Promise<HookParameters>;

/** What a task is chosen by. */
export interface TaskRequest {
  readonly messages: readonly HookMessage[];
  /** Names of the tools that are offered. */
  readonly tools: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly stream: boolean;
  /** About how many tokens the prompt has; `null`: not known. */
  readonly tokens: number | null;
}

/** The name of a route, or nothing: then the rules choose. */
export type TaskHook<Route extends string = string> = (
  request: TaskRequest,
) => Route | undefined | Promise<Route | undefined>;

/** An answer as hooks read it. */
export interface HookAnswer {
  /** `null`: the model wrote no text. */
  readonly text: string | null;
  /** The text as JSON; `undefined`: it is none. Read when it is asked for. */
  readonly json: JsonValue | undefined;
  /** Arguments are JSON text, as the model wrote them. */
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly finish: FinishReason;
}

/** What a check came to; made by its context. */
export interface HookVerdict {
  readonly outcome: VerdictOutcome;
  readonly reason: string | null;
  readonly place?: string;
  readonly evidence?: readonly JsonValue[];
}

export interface ValidateContext extends HookContext {
  /** What the model was given to go by: every text of the request but its own earlier answers. */
  readonly context: readonly HookText[];
  ok(): HookVerdict;
  /**
   * @param reason stays in the record for ever: put what quotes people or models into `evidence`, which can be erased
   * @param finding `place`: where in the answer (`text:120-141`, a JSON pointer)
   */
  invalid(reason: string, finding?: { readonly evidence?: readonly JsonValue[]; readonly place?: string }): HookVerdict;
  /** Nobody can tell; never a pass. */
  unknown(reason: string): HookVerdict;
}

export type ValidateHook = (answer: HookAnswer, context: ValidateContext) => HookVerdict | Promise<HookVerdict>;

export interface ConfidenceContext extends HookContext {
  readonly checks: readonly Verdict[];
  readonly signals: JsonObject;
}

/** A number from 0 to 1, or `null`: it has nothing to say. */
export type ConfidenceHook = (answer: HookAnswer, context: ConfidenceContext) => number | null | Promise<number | null>;

/** What it returns is of no interest; a promise it gives is watched for failing. */
export type RecordHook = (record: GenerationRecord) => unknown;

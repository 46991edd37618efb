import {
  choiceOf,
  type Answer,
  type AnswerChoice,
  type AnswerPart,
  type FinishReason,
  type Logprobs,
  type ToolCallStart,
} from './answer.ts';
import type { ExtraContent, ToolCall } from './chat.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Usage, UsageReport } from './usage.ts';

/** How the parts of one answer are collected. */
export interface AssemblerOptions {
  /** Without content, the answer tells how it ended only: text, reasoning and refusal are `null`, tool calls none. */
  readonly keepsContent: boolean;
  /** How many answers were asked for: it is complete when so many have ended. */
  readonly choices: number;
}

const WHOLE: AssemblerOptions = { keepsContent: true, choices: 1 };

/** Collects the parts of one answer. Holds state for one attempt; never shared. */
export class AnswerAssembler {
  readonly #options: AssemblerOptions;
  #model: string | null = null;
  #choices: OpenChoice[] = [];
  #usage: UsageReport | null = null;
  #contentCharacters = 0;
  /** What the vendor wants back before it goes on, where it has only paused. */
  #resume: JsonValue | undefined;

  constructor(options: AssemblerOptions = WHOLE) {
    this.#options = options;
  }

  /** Takes the next part, in the order of arrival. */
  add(part: AnswerPart): void {
    switch (part.type) {
      case 'model':
        this.#model = part.model;
        break;
      case 'usage':
        this.#usage = part.report;
        break;
      case 'restart':
        this.#model = null;
        this.#choices = [];
        this.#usage = null;
        this.#resume = undefined;
        break;
      default:
        if (part.type === 'finish') this.#resume = part.resume;
        this.#contentCharacters += this.#choice(choiceOf(part)).add(part);
    }
  }

  #choice(index: number): OpenChoice {
    return (this.#choices[index] ??= new OpenChoice(this.#options.keepsContent));
  }

  /** Characters of content so far: the base of an estimate where an answer was cut. */
  get contentCharacters(): number {
    return this.#contentCharacters;
  }

  get model(): string | null {
    return this.#model;
  }

  get usage(): Usage | null {
    return this.#usage?.usage ?? null;
  }

  /** Whether the vendor has said how the answer ends: all of them, where several were asked for. */
  get finished(): boolean {
    for (let index = 0; index < this.#options.choices; index++) if (!this.isFinished(index)) return false;
    return true;
  }

  /** Whether the vendor has said how this one of several answers ends. */
  isFinished(choice: number): boolean {
    return this.#choices[choice]?.finish !== undefined;
  }

  /** The answer, once its finish has come; `null` before. */
  answer(flags: readonly string[]): Answer | null {
    if (!this.finished) return null;
    const [first, ...alternatives] = this.#choices.slice(0, this.#options.choices).map((choice) => choice.close());
    if (first === undefined) return null;
    return {
      model: this.#model,
      text: first.text,
      reasoning: first.reasoning,
      refusal: first.refusal,
      toolCalls: first.toolCalls,
      extraContent: first.extraContent,
      finishReason: first.finishReason,
      finishNative: first.finishNative,
      ...(first.logprobs === undefined ? {} : { logprobs: first.logprobs }),
      ...(this.#resume === undefined ? {} : { resume: this.#resume }),
      alternatives,
      embeddings: null,
      usage: this.usage,
      native: null,
      flags: this.#usage === null ? flags : [...flags, ...this.#usage.flags],
    };
  }
}

interface OpenToolCall {
  readonly start: ToolCallStart;
  readonly fragments: string[];
  extraContent: ExtraContent | null;
}

/** One of the answers while it comes. */
class OpenChoice {
  readonly #keepsContent: boolean;
  readonly #text: string[] = [];
  readonly #reasoning: string[] = [];
  readonly #refusal: string[] = [];
  readonly #toolCalls: OpenToolCall[] = [];
  readonly #logprobs: Logprobs[] = [];
  #extraContent: ExtraContent | null = null;
  finish: { readonly reason: FinishReason; readonly native: string } | undefined;

  constructor(keepsContent: boolean) {
    this.#keepsContent = keepsContent;
  }

  /** @returns how many characters of content the part has */
  add(part: AnswerPart): number {
    switch (part.type) {
      case 'text':
        return this.#keep(this.#text, part.text);
      case 'reasoning':
        return this.#keep(this.#reasoning, part.text);
      case 'refusal':
        return this.#keep(this.#refusal, part.text);
      case 'tool-call-start':
        if (this.#keepsContent) this.#toolCalls[part.index] = { start: part, fragments: [], extraContent: null };
        return 0;
      case 'tool-call-arguments':
        this.#toolCalls[part.index]?.fragments.push(part.fragment);
        return part.fragment.length;
      case 'extra':
        if (this.#keepsContent) this.#addExtra(part.toolCall, part.content);
        return 0;
      case 'logprobs':
        if (this.#keepsContent) this.#logprobs.push(part.logprobs);
        return 0;
      case 'finish':
        this.finish = { reason: part.reason, native: part.native };
        return 0;
      default:
        return 0;
    }
  }

  #keep(pieces: string[], text: string): number {
    if (this.#keepsContent) pieces.push(text);
    return text.length;
  }

  #addExtra(toolCall: number | null, content: ExtraContent): void {
    if (toolCall === null) {
      this.#extraContent = mergeExtra(this.#extraContent, content);
      return;
    }
    const call = this.#toolCalls[toolCall];
    if (call !== undefined) call.extraContent = mergeExtra(call.extraContent, content);
  }

  close(): AnswerChoice {
    if (this.finish === undefined) throw new TypeError('an answer was closed before it had finished');
    return {
      text: joined(this.#text),
      reasoning: joined(this.#reasoning),
      refusal: joined(this.#refusal),
      toolCalls: this.#toolCalls.map(closeToolCall),
      extraContent: this.#extraContent,
      ...(this.#logprobs.length === 0 ? {} : { logprobs: joinedLogprobs(this.#logprobs) }),
      finishReason: this.finish.reason,
      finishNative: this.finish.native,
    };
  }
}

function joined(pieces: readonly string[]): string | null {
  return pieces.length === 0 ? null : pieces.join('');
}

/** The lists of all pieces, each in the order of arrival; `null` where no piece has one. */
export function joinedLogprobs(pieces: readonly Logprobs[]): Logprobs {
  const all = (of: 'content' | 'refusal'): readonly JsonValue[] | null => {
    const lists = pieces.flatMap((piece) => (piece[of] === null ? [] : [piece[of]]));
    return lists.length === 0 ? null : lists.flat();
  };
  return { content: all('content'), refusal: all('refusal') };
}

function closeToolCall({ start, fragments, extraContent }: OpenToolCall): ToolCall {
  return {
    id: start.id,
    name: start.name,
    arguments: fragments.join(''),
    ...(start.kind === undefined ? {} : { kind: start.kind }),
    ...(extraContent === null ? {} : { extraContent }),
  };
}

/** Two pieces of what one provider wants back are one object; of one member the later piece counts. */
export function mergeExtra(known: ExtraContent | null, added: ExtraContent): ExtraContent {
  if (known === null) return added;
  const merged: Record<string, JsonObject> = { ...known };
  for (const [provider, content] of Object.entries(added)) merged[provider] = { ...merged[provider], ...content };
  return merged;
}

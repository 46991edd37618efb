import type { AnswerChoice } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { HookAccess } from '../core/hooks.ts';
import type { JudgeAccess } from '../core/judging.ts';
import type { OutputHabits } from './recovery/output-habits.ts';
import type { JsonReader, JsonReading, ParseLevel, UnreadableJson } from './recovery/read-json.ts';
import type { SuppliedContext } from './supplied-context.ts';
import type { Subject } from './validator.ts';

/** How answers are to be read as JSON, and what is known of this one beside its content. */
export interface ReadingTerms {
  readonly reader: JsonReader;
  readonly habits: OutputHabits;
  /** Whether recovered JSON may take the place of the text. */
  readonly repairs: boolean;
  /** Of its output cap; `null`: not known. */
  readonly outputShare: number | null;
  readonly hooks: HookAccess;
  readonly judges: JudgeAccess;
}

const NOT_AS_IT_STANDS: UnreadableJson = { problem: 'it would have to be repaired' };

/** One answer while it is judged. Its text is read as JSON when somebody asks for that, and only once. */
export class ReadAnswer implements Subject {
  readonly answer: AnswerChoice;
  readonly request: ChatRequest;
  readonly context: SuppliedContext;
  readonly outputShare: number | null;
  readonly hooks: HookAccess;
  readonly judges: JudgeAccess;
  readonly #terms: ReadingTerms;
  #reading: JsonReading | UnreadableJson | null = null;

  constructor(answer: AnswerChoice, request: ChatRequest, context: SuppliedContext, terms: ReadingTerms) {
    this.answer = answer;
    this.request = request;
    this.context = context;
    this.outputShare = terms.outputShare;
    this.hooks = terms.hooks;
    this.judges = terms.judges;
    this.#terms = terms;
  }

  readonly json = (): JsonReading | UnreadableJson => {
    const { reader, habits, repairs } = this.#terms;
    this.#reading ??= reader.read(this.answer.text ?? '', habits);
    const isRefused = 'level' in this.#reading && this.#reading.level > 0 && !repairs;
    return isRefused ? NOT_AS_IT_STANDS : this.#reading;
  };

  /** How far the text was from JSON; `null`: it cannot be read so. `undefined`: nobody asked for JSON. */
  get parseLevel(): ParseLevel | null | undefined {
    if (this.#reading === null) return undefined;
    return 'level' in this.#reading ? this.#reading.level : null;
  }

  /** The JSON that takes the place of the text; `null` where the text stays. */
  get recovered(): string | null {
    const isRecovered = this.#reading !== null && 'level' in this.#reading && this.#reading.level > 0;
    return isRecovered && this.#terms.repairs ? (this.#reading as JsonReading).text : null;
  }
}

import type {
  ContentPart,
  ExtraContent,
  Message,
  SystemMessage,
  ToolCall,
  ToolMessage,
  UserMessage,
} from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import { ReturnedExtra } from '../../core/returned-extra.ts';
import type { Reasoning } from './reasoning.ts';

/** What the model said in a row, while its items are read. */
interface OpenTurn {
  path: string;
  hasText: boolean;
  readonly content: ContentPart[];
  readonly toolCalls: ToolCall[];
  readonly reasoning: string[];
  readonly places: TurnPlaces;
  readonly extra: ReturnedExtra;
  /** What was thought after the text: of this turn, unless another text follows, of which it then is. */
  later: Thought[];
}

/** Where the client wrote what is put together in one message. */
interface TurnPlaces {
  readonly reasoning: string[];
  readonly calls: string[];
}

interface Thought {
  readonly reasoning: Reasoning;
  readonly path: string;
}

/**
 * Makes messages of items, in their order. Each call must have its result before the conversation
 * goes on, as every vendor demands.
 */
export class Turns {
  readonly #messages: Message[];
  readonly #paths: Record<string, string>;
  #turn: OpenTurn | null = null;
  /** The calls that wait for their results. */
  readonly #waiting = new Set<string>();

  /**
   * @param messages what stands before the first item
   * @param paths takes where the client wrote what elsewhere stands in a message: the path there to its own
   */
  constructor(messages: readonly Message[], paths: Record<string, string>) {
    this.#messages = [...messages];
    this.#paths = paths;
  }

  /** Takes what others than the model say. */
  add(message: UserMessage | SystemMessage): void {
    this.#close();
    if (message.role === 'user') this.#requireResults(String(message.path));
    this.#messages.push(message);
  }

  /**
   * Takes a message of the model. A second one in a row is a message of its own, unless calls stand between
   * them: their results come after all that was said beside them.
   */
  addText(content: readonly ContentPart[], extraContent: ExtraContent | null, path: string): void {
    const before = this.#turn;
    const isBesideCalls = before !== null && before.toolCalls.length > 0;
    if (before?.hasText === true && !isBesideCalls) {
      const { later } = before;
      before.later = [];
      this.#close();
      for (const thought of later) this.addReasoning(thought.reasoning, thought.path);
    }
    const turn = this.#open(path);
    if (!turn.hasText) turn.path = path;
    turn.hasText = true;
    turn.content.push(...content);
    if (extraContent !== null) turn.extra.add(extraContent, (kind) => `${path}.extra_content.${kind}`);
  }

  addReasoning(reasoning: Reasoning, path: string): void {
    const turn = this.#open(path);
    if (turn.hasText) turn.later.push({ reasoning, path });
    else keepReasoning(turn, { reasoning, path });
  }

  addCall(call: ToolCall, path: string): void {
    const turn = this.#open(path);
    if (turn.toolCalls.some(({ id }) => id === call.id)) {
      throw new GatewayError('invalid_messages', `two calls of one turn have the id \`${call.id}\``, {
        param: `${path}.call_id`,
      });
    }
    turn.toolCalls.push(call);
    turn.places.calls.push(path);
  }

  addResult(result: ToolMessage): void {
    this.#close();
    if (!this.#waiting.delete(result.toolCallId)) {
      throw new GatewayError('invalid_messages', `no call \`${result.toolCallId}\` stands before this result`, {
        param: `${result.path}.call_id`,
      });
    }
    this.#messages.push(result);
  }

  /** The messages, once every item has been taken. */
  end(): readonly Message[] {
    this.#close();
    this.#requireResults('input');
    return this.#messages;
  }

  #open(path: string): OpenTurn {
    if (this.#turn !== null) return this.#turn;
    this.#requireResults(path);
    const places = { reasoning: [], calls: [] };
    const parts = { content: [], toolCalls: [], reasoning: [], places, later: [] };
    this.#turn = { path, hasText: false, ...parts, extra: new ReturnedExtra() };
    return this.#turn;
  }

  #close(): void {
    const turn = this.#turn;
    if (turn === null) return;
    this.#turn = null;
    for (const thought of turn.later) keepReasoning(turn, thought);
    const { path, content, toolCalls, reasoning, extra } = turn;
    const extraContent = extra.content;
    if (content.length === 0 && toolCalls.length === 0) {
      throw new GatewayError('invalid_messages', `\`${path}\` has neither text nor calls after it: leave it out`, {
        param: path,
      });
    }
    for (const { id } of toolCalls) this.#waiting.add(id);
    this.#notePaths(turn);
    this.#messages.push({
      role: 'assistant',
      path,
      original: null,
      name: null,
      content,
      toolCalls,
      reasoning: reasoning.length === 0 ? null : reasoning.join('\n\n'),
      ...(extraContent === null ? {} : { extraContent }),
    });
  }

  #notePaths({ path, places, extra }: OpenTurn): void {
    const note = (place: string, found: readonly string[]): void => {
      const [first] = found;
      if (first !== undefined && first !== place) this.#paths[place] = found.length === 1 ? first : 'input';
    };
    note(`${path}.reasoning_content`, places.reasoning);
    for (const [kind, found] of extra.paths) note(`${path}.extra_content.${kind}`, found);
    places.calls.forEach((call, index) => {
      const place = `${path}.tool_calls[${index}]`;
      this.#paths[place] = call;
      this.#paths[`${place}.function`] = call;
      this.#paths[`${place}.id`] = `${call}.call_id`;
    });
  }

  #requireResults(path: string): void {
    if (this.#waiting.size === 0) return;
    throw new GatewayError('invalid_messages', `the calls ${[...this.#waiting].join(', ')} have no result`, {
      param: path,
    });
  }
}

function keepReasoning(turn: OpenTurn, { reasoning, path }: Thought): void {
  const { text, textPath, extraContent } = reasoning;
  if (text !== null) {
    turn.reasoning.push(text);
    turn.places.reasoning.push(textPath);
  }
  if (extraContent !== null) turn.extra.add(extraContent, () => `${path}.encrypted_content`);
}

import { createHash } from 'node:crypto';

import type { AnswerPart } from '../../core/answer.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { arrayMember, isJsonObject, stringMember, type JsonObject, type JsonValue } from '../../core/json.ts';
import { PartialArguments } from './partial-arguments.ts';

/** What a call begins with. */
interface CallStart {
  readonly id: string | null;
  readonly name: string;
  readonly responseId: string;
  /** What the vendor wants back with it; `null`: nothing. */
  readonly signature: string | null;
}

interface OpenCall extends CallStart {
  readonly args: PartialArguments;
}

/**
 * The tool calls of one answer. A call comes whole, or by pieces: its name first, then values by
 * their paths, until a piece says that none will follow. Holds their state.
 */
export class FunctionCalls {
  readonly #choice: { readonly choice?: number };
  #count = 0;
  #open: OpenCall | null = null;

  /** @param choice of which of several answers they are */
  constructor(choice: number) {
    this.#choice = choice === 0 ? {} : { choice };
  }

  /** How many calls have come, those that are not complete yet among them. */
  get count(): number {
    return this.#count + (this.#open === null ? 0 : 1);
  }

  /**
   * Takes one `functionCall`; a call that it completes goes to `parts`.
   * @param of the answer's id, and the signature that stands beside the call
   */
  take(call: JsonObject, of: Pick<CallStart, 'responseId' | 'signature'>, parts: AnswerPart[]): Failure | null {
    const name = stringMember(call, 'name');
    const pieces = arrayMember(call, 'partialArgs');
    const continues = call['willContinue'] === true;
    if (name !== null) {
      this.close(parts);
      const id = stringMember(call, 'id');
      if (!continues && pieces.length === 0) {
        this.#emit({ id, name, ...of }, call['args'] ?? {}, parts);
        return null;
      }
      this.#open = { id, name, ...of, args: new PartialArguments() };
    }
    if (this.#open === null) {
      return pieces.length === 0
        ? null
        : failure('malformed_tool_call', 'arguments came for a tool call that never began');
    }
    for (const piece of pieces) {
      const problem = isJsonObject(piece) ? this.#open.args.add(piece) : 'a piece of the arguments is not an object';
      if (problem !== null) return failure('malformed_tool_call', problem);
    }
    if (!continues) this.close(parts);
    return null;
  }

  /** Completes the call that is still open: the vendor does not always say that no piece follows. */
  close(parts: AnswerPart[]): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    this.#emit(open, open.args.value, parts);
  }

  #emit(call: CallStart, args: JsonValue, parts: AnswerPart[]): void {
    const index = this.#count++;
    // The vendor often gives calls no id; ours is the same for the same answer, and differs within it.
    const choice = this.#choice.choice ?? 0;
    const of = choice === 0 ? call.responseId : `${call.responseId}|${choice}`;
    const id = call.id ?? `call_${hash(`${of}|${index}|${call.name}`)}`;
    parts.push({ type: 'tool-call-start', index, id, name: call.name, ...this.#choice });
    parts.push({ type: 'tool-call-arguments', index, fragment: JSON.stringify(args), ...this.#choice });
    if (call.signature === null) return;
    const content = { google: { thought_signature: call.signature } };
    parts.push({ type: 'extra', toolCall: index, content, ...this.#choice });
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

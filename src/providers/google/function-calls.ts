import { createHash } from 'node:crypto';

import type { AnswerPart } from '../../core/answer.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { arrayMember, isJsonObject, stringMember, type JsonObject, type JsonValue } from '../../core/json.ts';
import { PartialArguments } from './partial-arguments.ts';

interface OpenCall {
  readonly id: string | null;
  readonly name: string;
  readonly responseId: string;
  readonly args: PartialArguments;
}

/**
 * The tool calls of one answer. A call comes whole, or by pieces: its name first, then values by
 * their paths, until a piece says that none will follow. Holds their state.
 */
export class FunctionCalls {
  #count = 0;
  #open: OpenCall | null = null;

  /** How many calls have come, those that are not complete yet among them. */
  get count(): number {
    return this.#count + (this.#open === null ? 0 : 1);
  }

  /** Takes one `functionCall`; a call that it completes goes to `parts`. */
  take(call: JsonObject, responseId: string, parts: AnswerPart[]): Failure | null {
    const name = stringMember(call, 'name');
    const pieces = arrayMember(call, 'partialArgs');
    const continues = call['willContinue'] === true;
    if (name !== null) {
      this.close(parts);
      const id = stringMember(call, 'id');
      if (!continues && pieces.length === 0) {
        this.#emit({ id, name, responseId }, call['args'] ?? {}, parts);
        return null;
      }
      this.#open = { id, name, responseId, args: new PartialArguments() };
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

  #emit(call: Pick<OpenCall, 'id' | 'name' | 'responseId'>, args: JsonValue, parts: AnswerPart[]): void {
    const index = this.#count++;
    // The vendor often gives calls no id; ours is the same for the same answer, and differs within it.
    const id = call.id ?? `call_${hash(`${call.responseId}|${index}|${call.name}`)}`;
    parts.push({ type: 'tool-call-start', index, id, name: call.name });
    parts.push({ type: 'tool-call-arguments', index, fragment: JSON.stringify(args) });
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

import type { AnswerChoice } from '../../core/answer.ts';
import type { ChatRequest, ToolCall } from '../../core/chat.ts';
import { arrayMember, parseJson } from '../../core/json.ts';
import { endsInsideValue, unclosedValueStart } from '../recovery/find-value.ts';
import { fail, pass, type Finding, type Subject, type Validator } from '../validator.ts';
import { openParenthesisAt, unclosedFenceAt } from '../unfinished-text.ts';

const ID = 'truncation';
/** From this share of its output cap on, an answer that does not end as texts do has been cut by it. */
const CAP_SHARE = 0.98;
/** What texts end with: full stops, closing marks and quotes of all scripts, ends of tables and of code. */
const ENDING = /(?:[\p{Pe}\p{Pf}.!?…:;。!?.।؟።။"'`*_~|>}\]/\p{Extended_Pictographic}])\s*$/u;
const SENTENCE_END = /[.!?。]\s*$/;
/** What stands where a character's bytes were cut in two. */
const HALF_CHARACTER = /\uFFFD$/;

/**
 * Fails an answer that stopped because its tokens ran out, and one that shows that it goes on, whatever its vendor says:
 * JSON, a code block or a tool call's arguments that do not end, a parenthesis that is left open.
 */
export const truncation: Validator = {
  id: ID,
  checkOptions: (options) => (options === null || options === true ? null : '`truncation` takes no options'),
  check(subject) {
    const { answer, request } = subject;
    if (answer.finishReason === 'length')
      return fail(ID, `the answer was cut at its output cap (${answer.finishNative})`);
    const sign = cutCall(answer, request) ?? (answer.text === null ? null : cutText(answer.text, subject));
    return sign === null ? pass(ID) : fail(ID, sign.reason, sign.finding);
  },
};

interface Sign {
  readonly reason: string;
  readonly finding?: Finding;
}

function cutText(text: string, { outputShare }: Subject): Sign | null {
  const from = (start: number, reason: string): Sign => ({
    reason,
    finding: { place: `text:${start}-${text.length}` },
  });
  if (HALF_CHARACTER.test(text)) return from(text.length - 1, 'the answer ends inside a character');
  if (endsInsideValue(text)) return { reason: 'the answer is JSON that ends inside a value' };
  const fence = unclosedFenceAt(text);
  if (fence !== null) return from(fence, 'the answer ends inside a code block');
  // A sentence that ends behind a fragment only speaks of it.
  const value = SENTENCE_END.test(text) ? null : unclosedValueStart(text);
  if (value !== null) return from(value, 'the answer ends inside a JSON value');
  if (ENDING.test(text)) return null;
  const parenthesis = openParenthesisAt(text);
  if (parenthesis !== null) return from(parenthesis, 'the answer ends inside a parenthesis');
  const isUsedUp = outputShare !== null && outputShare >= CAP_SHARE && text.trim() !== '';
  return isUsedUp ? { reason: 'the answer has used up its output cap and does not end as texts do' } : null;
}

function cutCall({ toolCalls }: AnswerChoice, request: ChatRequest): Sign | null {
  const index = toolCalls.findIndex((call) => call.kind !== 'custom' && isCut(call, request));
  if (index < 0) return null;
  return { reason: 'the arguments of a tool call are not whole', finding: { place: `tool_calls[${index}].arguments` } };
}

/** A tool that needs arguments was called for the sake of them; another one may be called without any. */
function isCut(call: ToolCall, { tools }: ChatRequest): boolean {
  if (call.arguments.trim() !== '') return parseJson(call.arguments) === undefined;
  const schema = tools.find(({ name }) => name === call.name)?.parameters ?? {};
  return arrayMember(schema, 'required').length > 0;
}

import type { Verdict } from '../../core/record.ts';
import { refusalCues } from '../refusal/refusal-cues.ts';
import { fail, pass, type Subject, type Validator } from '../validator.ts';

const ID = 'refusal';
/** Opening words alone are not enough: answers that help begin with them too. */
const LEAST_CUES = 2;

/**
 * Fails an answer that the vendor itself marks as a refusal or a blocked one; with `soft` also a text that
 * opens as refusals do and has another mark of one.
 */
export const refusal: Validator = {
  id: ID,
  checkOptions: (options) =>
    options === null || options === true || options === 'native' || options === 'soft'
      ? null
      : '`refusal` takes `native` (what the vendor marks as a refusal) or `soft` (also what only reads like one)',
  check(subject, options) {
    const { answer } = subject;
    if (answer.finishReason === 'content_filter')
      return fail(ID, `the vendor stopped the answer (${answer.finishNative})`);
    if (answer.refusal !== null) return fail(ID, 'the model refused');
    return options === 'soft' ? softVerdict(subject) : pass(ID);
  },
};

/** Whether an answer that its vendor does not mark reads like a refusal: then the verdict fails. */
export function softVerdict({ answer, request, context }: Pick<Subject, 'answer' | 'request' | 'context'>): Verdict {
  if (answer.text === null || answer.toolCalls.length > 0) return pass(ID);
  const wantsJson = request.responseFormat !== null && request.responseFormat.type !== 'text';
  const asked = context.texts.findLast(({ role }) => role === 'user')?.text ?? '';
  const { opening, cues } = refusalCues(answer.text, { asked, wantsJson });
  if (opening === null || cues.length < LEAST_CUES) return pass(ID);
  return fail(ID, `it reads like a refusal: ${cues.join(', ')}`, {
    place: `text:${opening.start}-${opening.end}`,
    evidence: [answer.text.slice(opening.start, opening.end)],
  });
}

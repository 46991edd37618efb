import { hookAnswer } from '../../core/hook-answer.ts';
import { parseJson, type JsonValue } from '../../core/json.ts';
import type { Subject, Validator } from '../validator.ts';

/** A check that is a function of the config. It has no verdict of its own: `hooks` runs the function. */
export const hook: Validator = {
  id: 'hook',
  waits: true,
  checkOptions: (options) =>
    typeof options === 'string' ? null : '`hook` takes the name of a function: ./hooks/checks.ts#name_of_an_export',
  check: (subject, options) =>
    subject.hooks.run(
      typeof options === 'string' ? options : '',
      hookAnswer(subject.answer, () => jsonOf(subject)),
      subject.context.texts,
    ),
};

/** Only where JSON was asked for is it recovered: what is recovered takes the place of the text. */
function jsonOf({ answer, request, json }: Subject): JsonValue | undefined {
  if (answer.text === null) return undefined;
  const format = request.responseFormat?.type ?? 'text';
  if (format === 'text') return parseJson(answer.text);
  const reading = json();
  return 'problem' in reading ? undefined : reading.value;
}

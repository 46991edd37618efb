import type { AnswerChoice } from '../../../src/core/answer.ts';
import type { JsonValue } from '../../../src/core/json.ts';
import { outputHabits } from '../../../src/validation/recovery/output-habits.ts';
import { JsonReader } from '../../../src/validation/recovery/read-json.ts';
import { SuppliedContext } from '../../../src/validation/supplied-context.ts';
import { ReadAnswer } from '../../../src/validation/read-answer.ts';
import type { Subject } from '../../../src/validation/validator.ts';
import { decodeClientBody } from '../deployment.ts';
import { answer, TERMS } from '../judging.ts';

/** What a validator judges: this answer, to this request (the members beside `model`). */
export function subjectOf(
  changes: Partial<AnswerChoice>,
  request: { readonly [member: string]: JsonValue } = {},
  outputShare: number | null = null,
): Subject {
  const asked = decodeClientBody({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...request });
  const terms = {
    reader: new JsonReader(),
    habits: outputHabits('gpt-4o'),
    repairs: true,
    outputShare,
    hooks: TERMS.hooks,
    judges: TERMS.judges,
  };
  return new ReadAnswer(answer(changes), asked, new SuppliedContext(asked), terms);
}

import { fail, pass, type Validator } from '../validator.ts';

const ID = 'refusal';

/** Fails an answer that the vendor itself marks as a refusal or a blocked one. What a text only sounds like is not judged. */
export const refusal: Validator = {
  id: ID,
  checkOptions: (options) => (options === null || options === true ? null : '`refusal` takes no options'),
  check: ({ answer }) => {
    if (answer.finishReason === 'content_filter')
      return fail(ID, `the vendor stopped the answer (${answer.finishNative})`);
    return answer.refusal === null ? pass(ID) : fail(ID, 'the model refused');
  },
};

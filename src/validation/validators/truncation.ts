import { endsInsideValue } from '../recovery/find-value.ts';
import { fail, pass, type Validator } from '../validator.ts';

const ID = 'truncation';

/** Fails an answer that stopped because its tokens ran out, and one that is JSON and ends in the middle of it, whatever its vendor says. */
export const truncation: Validator = {
  id: ID,
  checkOptions: (options) => (options === null || options === true ? null : '`truncation` takes no options'),
  check: ({ answer }) => {
    if (answer.finishReason === 'length')
      return fail(ID, `the answer was cut at its output cap (${answer.finishNative})`);
    const isCut = answer.text !== null && endsInsideValue(answer.text);
    return isCut ? fail(ID, 'the answer is JSON that ends inside a value') : pass(ID);
  },
};

import { fail, pass, type Validator } from '../validator.ts';

const ID = 'truncation';

/** Fails an answer that stopped because its tokens ran out. */
export const truncation: Validator = {
  id: ID,
  checkOptions: (options) => (options === null || options === true ? null : '`truncation` takes no options'),
  check: (answer) =>
    answer.finishReason === 'length'
      ? fail(ID, `the answer was cut at its output cap (${answer.finishNative})`)
      : pass(ID),
};

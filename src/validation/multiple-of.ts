import { str, type KeywordDefinition } from 'ajv';

/**
 * The keyword `multipleOf` for decimal fractions, too: 19.99 is a multiple of 0.01, although no such division of doubles
 * comes out even. A number is a multiple if it is one as far as doubles can tell.
 */
export const MULTIPLE_OF: KeywordDefinition = {
  keyword: 'multipleOf',
  type: 'number',
  schemaType: 'number',
  validate: (step: number, value: number) => {
    const quotient = value / step;
    // Each of the two, and their quotient, is off by half a unit of the last place at the most.
    return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * 1.5 * Number.EPSILON;
  },
  error: { message: ({ schemaCode }) => str`must be a multiple of ${schemaCode}` },
};

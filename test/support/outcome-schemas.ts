import { z } from 'zod';

const judged = {
  source: z.string().max(64).describe('who says it: a word such as `user`, `human`, `assert`, `downstream`'),
};
const accepted = z.boolean().describe('whether the answer was good');
const score = z.number().min(0).max(1).describe('how good it was');
const field = z.string().max(256).describe('path of the part it is about, in the JSON of the answer');

/** Exactly one of the two is given. */
export const outcomeRequestSchema = z.union([
  z.strictObject({ accepted, score: z.null().optional(), ...judged, field: field.nullable().optional() }),
  z.strictObject({ accepted: z.null().optional(), score, ...judged, field: field.nullable().optional() }),
]);

export const outcomeSchema = z.strictObject({
  object: z.literal('outcome'),
  id: z.string().regex(/^out_[0-9A-HJKMNP-TV-Z]{26}$/),
  generation: z.string().regex(/^gen_[0-9A-HJKMNP-TV-Z]{26}$/),
  accepted: accepted.nullable(),
  score: score.nullable(),
  ...judged,
  field: field.nullable(),
  created_at: z.iso.datetime(),
});

import { z } from 'zod';

import { provenanceSchema } from './provenance-schema.ts';

const name = z.string().min(1);
const count = z.int().nonnegative();

/** A request for generateContent, as far as Candor must read it; everything else is as the vendor says. */
export const generateRequestSchema = z
  .looseObject({
    contents: z
      .array(z.looseObject({ role: z.enum(['user', 'model']).optional(), parts: z.array(z.looseObject({})).min(1) }))
      .min(1),
  })
  .describe('names may be spelled `maxOutputTokens` or `max_output_tokens`');

const part = z.looseObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.string().optional().describe('what the vendor wants back: send the part back as it is'),
  functionCall: z.looseObject({ id: name.optional(), name, args: z.looseObject({}).optional() }).optional(),
});

/** What generateContent answers, and countTokens under the same path. */
export const generateAnswerSchema = z.union([
  z.looseObject({
    candidates: z
      .array(
        z.looseObject({
          content: z.looseObject({ role: z.literal('model').optional(), parts: z.array(part).optional() }).optional(),
          finishReason: name.optional(),
          index: count.optional(),
        }),
      )
      .optional(),
    usageMetadata: z
      .looseObject({
        promptTokenCount: count.optional(),
        totalTokenCount: count.optional(),
        cost: z.number().nullish(),
      })
      .optional(),
    modelVersion: name.optional().describe('what the vendor says has served'),
    responseId: name.describe('the id of the generation'),
    candor: provenanceSchema.optional(),
  }),
  z.strictObject({
    totalTokens: count,
    candor: z
      .strictObject({
        method: z.enum(['exact', 'estimated']),
        error_band: z.number().nonnegative(),
        lower_bound: z.boolean(),
        counted_for: name.describe('the deployment that would be asked first'),
      })
      .optional(),
  }),
]);

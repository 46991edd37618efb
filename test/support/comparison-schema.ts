import { z } from 'zod';

const count = (most: number): z.ZodNumber => z.int().min(1).max(most);
const item = z
  .looseObject({ messages: z.array(z.looseObject({})), expected: z.json().optional() })
  .describe('the body of a chat request without `model`, and what its answer ought to be');

/** The body of a comparison: recorded requests, or a set. */
export const comparisonSchema = z.strictObject({
  route: z.string(),
  models: z.array(z.string()).min(2).nullable().optional().describe('the first is the one the others are measured by'),
  last: count(5000).nullable().optional().describe('so many recorded requests; 50 when left out'),
  until: z.iso.datetime().nullable().optional().describe('of those that began before'),
  set: z.array(item).min(1).max(5000).nullable().optional(),
  concurrency: count(8).nullable().optional(),
  confirm: z.boolean().nullable().optional().describe('without it, only the price is told'),
  max_cost_usd: z.number().min(0).nullable().optional(),
});

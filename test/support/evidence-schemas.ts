import { z } from 'zod';

const name = z.string().min(1);
const hash = z.string().nullable();

/** What labels have shown: `GET /admin/confidence`. */
export const confidenceReportSchema = z.strictObject({
  object: z.literal('confidence'),
  scopes: z.array(
    z.looseObject({
      route: name.nullable(),
      model: name,
      snapshot: name,
      template: hash,
      status: z.enum(['calibrated', 'uncalibrated', 'unknown']),
      reason: z.string().nullable(),
      n: z.number().nonnegative(),
    }),
  ),
});

/** Who may stand in for whom: `GET /admin/certificates`. */
export const certificateListSchema = z.strictObject({
  object: z.literal('list'),
  data: z.array(
    z.looseObject({
      object: z.literal('substitution'),
      route: name,
      state: z.enum(['collecting', 'granted', 'watched', 'suspended', 'expired', 'void']),
      reason: name,
      certificate: z.string().startsWith('cert_').nullable(),
    }),
  ),
});

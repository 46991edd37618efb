import { expect, test } from 'vitest';

import { LOSS_DIALECTS, LOSS_MODELS, runLossCase } from './support/loss/loss-case.ts';
import { RequestMaker } from './support/loss/request-maker.ts';

const SEED = 20_261_122;
const REQUESTS = 500;

/** A seeded part of `test/full/silent-losses.test.ts`. */
test.each(Object.entries(LOSS_DIALECTS))(
  'nothing of a request in %s is lost in silence on its way to any vendor',
  (_name, dialect) => {
    const maker = new RequestMaker(SEED);
    let sent = 0;
    for (let count = 0; count < REQUESTS; count++) {
      const body = dialect.make(maker);
      const [kind, model] = LOSS_MODELS[count % LOSS_MODELS.length] as (typeof LOSS_MODELS)[number];
      const result = runLossCase(body, dialect, kind, model);
      if (result.outcome === 'sent') {
        sent++;
        expect(result.losses, `${kind}/${model} ${JSON.stringify(body)}`).toEqual([]);
      } else expect(result.problems, `${kind}/${model} ${JSON.stringify(body)}`).toEqual([]);
    }
    expect(sent).toBeGreaterThan(REQUESTS / 2);
  },
);

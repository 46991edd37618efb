import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { FIELD_MATRIX, MATRIX_VENDORS } from '../src/catalog/field-matrix.ts';
import { isNeutral } from '../src/core/capabilities.ts';
import { PROVIDERS } from '../src/providers/registry.ts';
import { startTestGateway, type TestGateway } from './support/gateway.ts';
import { isWithin } from './support/json-leaves.ts';
import { mappedFields } from './support/loss/field-lists.ts';
import { LOSS_DIALECTS, LOSS_MODELS, runLossCase } from './support/loss/loss-case.ts';
import { checkAllThroughGateway } from './support/loss/loss-gateway.ts';
import { searchForLosses } from './support/loss/loss-search.ts';
import type { Passage } from './support/loss/losses.ts';
import { matrixRow, pointersOf } from './support/loss/matrix-places.ts';
import { holdsValue } from './support/loss/sent-body.ts';
import { RequestMaker } from './support/loss/request-maker.ts';
import { lossesWith, sentMarks, withOtherRoles, withoutPointer, withoutText } from './support/loss/sabotage.ts';
import { VENDOR_POINTERS } from './support/loss/vendor-pointers.ts';

const SEED = 20_261_122;
const REQUESTS = 250;
const GATEWAY_REQUESTS = 30;

/** A seeded part of `test/full/silent-losses.test.ts`. */
test.each(Object.entries(LOSS_DIALECTS))(
  `nothing of a request in %s is lost in silence on its way to any vendor (${REQUESTS} requests)`,
  (name, dialect) => {
    const { sent, problems } = searchForLosses(dialect, mappedFields(name), { seed: SEED, requests: REQUESTS });
    expect(problems).toEqual([]);
    expect(sent).toBeGreaterThan(REQUESTS / 2);
  },
);

test('the published matrix has parameters where the vendors’ references have them', () => {
  const names = new Set(Object.values(VENDOR_POINTERS).flatMap((references) => [...references.keys()]));
  const rows = FIELD_MATRIX.filter(({ field }) => names.has(field));
  expect(rows.length).toBeGreaterThan(15);
  for (const vendor of MATRIX_VENDORS) {
    const models = LOSS_MODELS.filter(([kind]) => kind === vendor);
    for (const row of rows) {
      const published = models.flatMap(([kind, model]) => {
        const provider = PROVIDERS.get(kind);
        return provider === undefined ? [] : pointersOf(row, vendor, provider.capabilities(model));
      });
      const places = (VENDOR_POINTERS[vendor]?.get(row.field) ?? []).map((path) => `/${path.replaceAll('.', '/')}`);
      const strays = published.filter((at) => !places.some((place) => at === place || at.startsWith(`${place}/`)));
      expect(strays, `${vendor} ${row.field}`).toEqual([]);
    }
  }
});

describe('the same through a real gateway', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  test.each(Object.entries(LOSS_DIALECTS))(
    `the upstream receives what a client of %s asks, or the record says why not (${GATEWAY_REQUESTS} requests)`,
    async (name, dialect) => {
      const asked = { seed: SEED + 2, requests: GATEWAY_REQUESTS };
      const sent = await checkAllThroughGateway(gateway, name, dialect, asked);
      expect(sent).toBeGreaterThan(GATEWAY_REQUESTS / 2);
    },
  );
});

describe.each(Object.entries(LOSS_DIALECTS))('the search in %s would find', (_name, { make, rules, ...dialect }) => {
  const maker = new RequestMaker(SEED + 1);
  const passages = Array.from({ length: 150 }, (_none, index): readonly Passage[] => {
    const [kind, model] = LOSS_MODELS[index % LOSS_MODELS.length] as (typeof LOSS_MODELS)[number];
    const result = runLossCase(make(maker), { make, rules, ...dialect }, kind, model);
    return result.outcome === 'sent' ? [result.passage] : [];
  }).flat();

  test('an adjustment that is kept quiet', () => {
    let tried = 0;
    for (const passage of passages) {
      for (const { param, asked, kind } of passage.adjustments) {
        const adjustments = passage.adjustments.filter((other) => other.param !== param);
        // What another one tells too, or the name of a call that stands with the call, would not be lost.
        const isToldTwice = adjustments.some((other) => isWithin(param, other.param) || holdsValue(other.asked, asked));
        const isTold = isToldTwice || param.endsWith('.name') || asked === false;
        if (asked === null || kind !== 'dropped' || isTold) continue;
        tried++;
        expect(lossesWith(passage, rules, { adjustments }), param).not.toEqual([]);
      }
    }
    expect(tried).toBeGreaterThan(30);
  });

  test('a text that is left out of the sent body', () => {
    let tried = 0;
    for (const passage of passages) {
      for (const mark of sentMarks(passage)) {
        // Of tools that are offered in other company, and of what is told to be left out, everything is told.
        if (passage.adjustments.some(({ asked, sent }) => sent === null && holdsValue(asked, mark))) continue;
        tried++;
        const json = withoutText(passage.sent.json, mark) as Passage['body'];
        expect(lossesWith(passage, rules, { json }), mark).not.toEqual([]);
      }
    }
    expect(tried).toBeGreaterThan(300);
  });

  test('a conversation in which others say what was said', () => {
    for (const passage of passages) {
      const json = withOtherRoles(passage.sent.json);
      expect(lossesWith(passage, rules, { json }), JSON.stringify(json)).not.toEqual([]);
    }
  });

  test('a parameter that is not where the vendor has it', () => {
    let tried = 0;
    for (const passage of passages) {
      for (const [name, value] of Object.entries(passage.request.parameters)) {
        if (isNeutral(name, value) || passage.adjustments.some(({ param }) => param === name)) continue;
        const [pointer] = pointersOf(matrixRow(name), passage.vendor, passage.capabilities).filter(
          (place) => passage.sent.nodesAt(place).length > 0,
        );
        if (pointer === undefined || !/^(temperature|top_p|stop|max_tokens|max_completion_tokens|seed)$/.test(name))
          continue;
        tried++;
        expect(lossesWith(passage, rules, { json: withoutPointer(passage.sent.json, pointer) }), name).not.toEqual([]);
      }
    }
    expect(tried).toBeGreaterThan(30);
  });
});

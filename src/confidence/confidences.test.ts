import { beforeEach, describe, expect, test } from 'vitest';

import type { JsonObject } from '../core/json.ts';
import { Confidences } from './confidences.ts';
import type { ConfidenceLabel, ConfidenceScope } from './label.ts';
import { seededDraws } from './seeded-draws.ts';

const SCOPE: ConfidenceScope = { route: 'legal', snapshot: 'opus-2026-05', template: 'sha256:1', model: 'claude-opus' };
const TERMS = { risk: 0.05, delta: 0.1 };
const START_MS = Date.UTC(2026, 10, 2);

let nowMs: number;
let confidences: Confidences;
let labelled: number;

beforeEach(() => {
  nowMs = START_MS;
  labelled = 0;
  confidences = new Confidences({ wallTime: () => nowMs });
});

interface Telling {
  readonly scope?: ConfidenceScope;
  /** How often an answer is right, by the share of others that agree with it. */
  readonly right?: (agreement: number) => number;
}

const agreementTells = (agreement: number): number => 0.2 + 0.79 * agreement;

/** A label each second. */
function tell(count: number, { scope = SCOPE, right = agreementTells }: Telling = {}): void {
  const draw = seededDraws(labelled + 7);
  for (let told = 0; told < count; told++) {
    nowMs += 1000;
    const signals: JsonObject = { agreement: Math.floor(draw() * 5) / 4 };
    const accepted = draw() < right(signals['agreement'] as number);
    const generation = `gen_${labelled++}`;
    confidences.addLabel({ ...scope, generation, at: nowMs, accepted, source: 'person', field: null, signals });
  }
}

describe('assess', () => {
  test('knows nothing without labels', () => {
    expect(confidences.assess(SCOPE, { agreement: 1 })).toEqual({
      value: null,
      status: 'unknown',
      lower95: null,
      n: 0,
      base_rate: null,
      signals: { agreement: 1 },
    });
  });

  test('below 30 labels it says only how many were right', () => {
    tell(29);
    const { value, status, n, base_rate } = confidences.assess(SCOPE, { agreement: 1 });
    expect({ value, status, n }).toEqual({ value: null, status: 'unknown', n: 29 });
    expect(base_rate?.lower95).toBeLessThan(base_rate?.value ?? 0);
    expect(base_rate?.upper95).toBeGreaterThan(base_rate?.value ?? 1);
  });

  test('is near the truth once it is calibrated', () => {
    tell(4500);
    for (const agreement of [0, 0.25, 0.5, 0.75, 1]) {
      const { value, status, lower95 } = confidences.assess(SCOPE, { agreement });
      expect(status).toBe('calibrated');
      expect(Math.abs((value ?? 0) - agreementTells(agreement))).toBeLessThan(0.08);
      expect(lower95).toBeLessThan(value ?? 0);
    }
  });

  test('labels that made the score do not calibrate: two thirds are left', () => {
    tell(4500);
    expect(confidences.assess(SCOPE, {}).n / 4500).toBeCloseTo(2 / 3, 1);
  });

  test('labels that have nothing to do with the signals give no value', () => {
    tell(2500, { right: () => 0.7 });
    expect(confidences.assess(SCOPE, { agreement: 1 })).toMatchObject({
      value: null,
      status: 'uncalibrated',
      lower95: null,
    });
  });

  test('another snapshot knows nothing of it; another prompt or route only as transferred', () => {
    tell(4500);
    expect(confidences.assess({ ...SCOPE, snapshot: 'opus-2026-09' }, { agreement: 1 }).status).toBe('unknown');
    const own = confidences.assess(SCOPE, { agreement: 1 });
    for (const scope of [
      { ...SCOPE, template: 'sha256:2' },
      { ...SCOPE, route: 'extract' },
    ]) {
      const transferred = confidences.assess(scope, { agreement: 1 });
      expect(transferred).toMatchObject({ status: 'transferred', value: own.value, n: own.n, base_rate: null });
    }
  });

  test('another model of the same name, at another provider, knows nothing of it', () => {
    tell(4500);
    expect(confidences.assess({ ...SCOPE, model: 'own-server' }, { agreement: 1 })).toMatchObject({
      value: null,
      status: 'unknown',
    });
  });

  test('never says that it is certain, either way', () => {
    tell(4500, { right: (agreement) => Number(agreement > 0.5) });
    expect(confidences.assess(SCOPE, { agreement: 0 }).value).toBe(0.001);
    expect(confidences.assess(SCOPE, { agreement: 1 }).value).toBeGreaterThan(0.99);
    expect(confidences.assess(SCOPE, { agreement: 1 }).value).toBeLessThan(1);
  });

  test('a scope whose own labels speak against the score is not told by others', () => {
    tell(4500);
    const other = { ...SCOPE, template: 'sha256:2' };
    tell(400, { scope: other, right: () => 0.5 });
    expect(confidences.assess(other, { agreement: 1 })).toMatchObject({ status: 'uncalibrated', value: null });
  });

  test('of labels at the same time the order plays no part', () => {
    const draw = seededDraws(3);
    const labels = Array.from({ length: 1500 }, (_, index) => {
      const agreement = draw();
      const accepted = draw() < agreementTells(agreement);
      const at = START_MS + Math.floor(index / 500);
      return {
        ...SCOPE,
        generation: `gen_${index}`,
        at,
        accepted,
        source: 'person',
        field: null,
        signals: { agreement },
      };
    });
    const backwards = new Confidences({ wallTime: () => nowMs });
    for (const label of labels) confidences.addLabel(label);
    for (const label of labels.toReversed()) backwards.addLabel(label);
    confidences.acceptance(SCOPE, TERMS, {});
    backwards.acceptance(SCOPE, TERMS, {});
    expect(confidences.report()).toEqual(backwards.report());
  });
});

describe('acceptance', () => {
  const clear = (agreement: number): number => (agreement >= 0.75 ? 0.995 : 0.6);

  test('takes what the labels allow, and nothing else', () => {
    expect(confidences.acceptance(SCOPE, TERMS, { agreement: 1 }).verdict).toBe('unknown');
    tell(900, { right: clear });
    const taken = confidences.acceptance(SCOPE, TERMS, { agreement: 1 });
    expect(taken.verdict).toBe('accept');
    expect(taken.reason).toMatch(
      /^score \S+ is not below \S+; of \d+ labels from there on \d+ say wrong, so at most \d\.\d % are$/,
    );
    expect(confidences.acceptance(SCOPE, TERMS, { agreement: 0.5 })).toMatchObject({
      verdict: 'reject',
      threshold: taken.threshold,
    });
  });

  test('there is no rule where no score is safe enough', () => {
    tell(900, { right: () => 0.85 });
    expect(confidences.acceptance(SCOPE, TERMS, { agreement: 1 })).toMatchObject({
      verdict: 'unknown',
      threshold: null,
    });
  });

  test('no rule is taken from another scope', () => {
    tell(900, { right: clear });
    const other = { ...SCOPE, template: 'sha256:2' };
    expect(confidences.acceptance(other, TERMS, { agreement: 1 })).toEqual({
      verdict: 'unknown',
      reason: 'no label says how good such answers are',
      threshold: null,
    });
  });

  test('is suspended when what it takes turns out wrong, with all that was known before', () => {
    tell(900, { right: clear });
    expect(confidences.acceptance(SCOPE, TERMS, { agreement: 1 }).verdict).toBe('accept');
    let told = 0;
    const standing = () => confidences.acceptance(SCOPE, TERMS, { agreement: 1 });
    for (; standing().verdict === 'accept' && told < 400; told++) tell(1, { right: () => 0.6 });
    // Two in five labels are of answers that the rule takes.
    expect(told).toBeLessThanOrEqual(60);
    for (; !standing().reason.startsWith('suspended') && told < 400; told++) tell(1, { right: () => 0.6 });
    expect(told).toBeLessThanOrEqual(150);
    const { reason, threshold } = confidences.acceptance(SCOPE, TERMS, { agreement: 1 });
    expect(threshold).toBeNull();
    expect(reason).toMatch(/^suspended at 2026-11-02T\S+Z: \d+ labels, at least 45 are needed$/);
    expect(confidences.assess(SCOPE, { agreement: 1 })).toMatchObject({ value: null, status: 'unknown' });
  });

  test('once suspended, it is not told by what held with another prompt', () => {
    tell(4500, { scope: { ...SCOPE, template: 'sha256:2' }, right: clear });
    expect(confidences.assess(SCOPE, { agreement: 1 }, TERMS).status).toBe('transferred');
    tell(900, { right: clear });
    expect(confidences.acceptance(SCOPE, TERMS, { agreement: 1 }).verdict).toBe('accept');
    const standing = () => confidences.acceptance(SCOPE, TERMS, { agreement: 1 });
    for (let told = 0; told < 400 && !standing().reason.startsWith('suspended'); told++) tell(1, { right: () => 0.3 });
    expect(confidences.assess(SCOPE, { agreement: 1 }, TERMS)).toMatchObject({ value: null, status: 'unknown' });
  });

  test('does not wait to be learnt anew: each label may suspend it', () => {
    tell(4500, { right: clear });
    const standing = () => confidences.acceptance(SCOPE, TERMS, { agreement: 1 });
    expect(standing().verdict).toBe('accept');
    let told = 0;
    for (; standing().verdict === 'accept' && told < 150; told++) tell(1, { right: () => 0 });
    // Of 4,500 labels 5 % are 225.
    expect(told).toBeLessThan(100);
    expect(standing().reason).toMatch(/^suspended/);
  });
});

describe('a process that starts anew', () => {
  test('says nothing by labels that were void before, neither at once nor when half of them have faded', () => {
    const told: ConfidenceLabel[] = [];
    const draw = seededDraws(4);
    const label = (right: number): void => {
      nowMs += 600_000;
      const agreement = Math.floor(draw() * 5) / 4;
      const accepted = draw() < (agreement >= 0.75 ? right : 0.6);
      const generation = `gen_4_${told.length}`;
      told.push({ ...SCOPE, generation, at: nowMs, accepted, source: 'person', field: null, signals: { agreement } });
      confidences.addLabel(told.at(-1) as ConfidenceLabel);
    };
    const standing = () => confidences.acceptance(SCOPE, TERMS, { agreement: 1 });
    for (let index = 0; index < 2000; index++) label(0.97);
    expect(standing().verdict).toBe('accept');
    for (let index = 0; index < 300 && standing().verdict === 'accept'; index++) label(0.8);
    expect(standing().reason).toMatch(/^suspended/);
    for (const days of [0, 10]) {
      nowMs += days * 24 * 3_600_000;
      confidences = new Confidences({ wallTime: () => nowMs });
      for (const each of told) confidences.addLabel(each);
      expect(confidences.assess(SCOPE, { agreement: 1 }, TERMS)).toMatchObject({ value: null, status: 'unknown' });
      expect(standing().reason).toMatch(/^suspended/);
    }
  });
});

describe('learning anew', () => {
  test('waits for 5 % of the labels to be new, and for 10 ms of each', () => {
    tell(1000);
    const before = confidences.assess(SCOPE, { agreement: 1 });
    tell(30);
    expect(confidences.assess(SCOPE, { agreement: 1 })).toEqual(before);
    tell(60);
    expect(confidences.assess(SCOPE, { agreement: 1 }).n).toBeGreaterThan(before.n);
  });

  test('labels fade also where no new ones come', () => {
    tell(4500);
    const { n } = confidences.assess(SCOPE, { agreement: 1 });
    nowMs += 14 * 24 * 3_600_000;
    expect(confidences.assess(SCOPE, { agreement: 1 }).n / n).toBeCloseTo(0.5, 1);
  });
});

describe('report', () => {
  test('has the state, the diagram and the rules of each scope', () => {
    tell(4500);
    tell(10, { scope: { ...SCOPE, route: null } });
    confidences.acceptance(SCOPE, TERMS, { agreement: 1 });
    const { scopes } = confidences.report() as { readonly scopes: readonly JsonObject[] };
    expect(scopes).toHaveLength(2);
    const known = scopes.find(({ route }) => route === 'legal');
    expect(known).toMatchObject({
      model: 'claude-opus',
      status: 'calibrated',
      method: 'isotonic',
      answers: 4500,
      score: { basis: 'fitted' },
      rules: [{ risk: 0.05, delta: 0.1 }],
      suspended_at: null,
    });
    const diagram = known?.['diagram'] as { readonly bins: readonly JsonObject[] };
    for (const bin of diagram.bins) {
      expect(bin['lower95']).toBeLessThanOrEqual(bin['observed'] as number);
      expect(bin['upper95']).toBeGreaterThanOrEqual(bin['observed'] as number);
    }
    expect(scopes.find(({ route }) => route === null)).toMatchObject({
      status: 'unknown',
      n: 10,
      diagram: null,
      rules: [],
    });
    expect(JSON.parse(JSON.stringify(known))).toEqual(known);
  });

  test('shows the rule also where it is the report that learns anew', () => {
    tell(900);
    confidences.acceptance(SCOPE, TERMS, { agreement: 1 });
    tell(200);
    expect(confidences.report()).toMatchObject({ scopes: [{ rules: [TERMS] }] });
  });
});

test('of more than 500 scopes those labelled least recently are forgotten', () => {
  for (let index = 0; index < 510; index++) tell(1, { scope: { ...SCOPE, template: `sha256:${index}` } });
  const { scopes } = confidences.report() as { readonly scopes: readonly JsonObject[] };
  expect(scopes).toHaveLength(500);
  const templates = new Set(scopes.map(({ template }) => template));
  expect([templates.has('sha256:9'), templates.has('sha256:10')]).toEqual([false, true]);
});

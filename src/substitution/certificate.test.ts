import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { ALIKE, CertificateBench, PUBLIC_KEY, SCOPE, WORSE } from '../../test/support/certificate-bench.ts';
import type { SubstitutionPair } from '../core/substitution.ts';
import { type Certificate, isSignedBy, verifyCertificate } from './certificate.ts';
import { readPair } from './pair-event.ts';

describe('a certificate', () => {
  let certificate: Certificate;
  let pairs: readonly SubstitutionPair[];
  beforeAll(async () => {
    const bench = new CertificateBench();
    await bench.add(100, ALIKE);
    await bench.add(1, WORSE, { design: { kind: 'golden', sampling: 'all' } });
    await bench.add(1, { valid: [0, 1], grounded: [0.5, 1] });
    await bench.add(300, ALIKE);
    const [first] = bench.granted;
    if (first === undefined) throw new Error('nothing was granted');
    certificate = first;
    pairs = bench.events.flatMap((event) => (event.object === 'pair' ? (readPair(event) ?? []) : []));
  });

  test('says what was measured, how, and until when it holds', () => {
    const { id, key, signature, metrics, pairs: ids, issued_at, expires_at, ...rest } = certificate;
    expect(rest).toEqual({
      object: 'substitution_certificate',
      class: 'full',
      ...SCOPE,
      design: [
        { kind: 'compare', sampling: 'latest 50', n: ids.length - 1 },
        { kind: 'golden', sampling: 'all', n: 1 },
      ],
      alpha: 0.05,
      looks: 'anytime',
    });
    expect([id, key, signature]).toEqual([
      expect.stringMatching(/^cert_\w{26}$/),
      'test',
      expect.stringMatching(/^[\w-]{86}$/),
    ]);
    expect(Date.parse(expires_at) - Date.parse(issued_at)).toBe(30 * 24 * 3600 * 1000);
    const [valid, grounded] = metrics;
    expect(valid).toMatchObject({
      name: 'valid',
      source: 'validator',
      margin: 0.02,
      n: ids.length,
      missing: 0,
      b: 0,
      c: 1,
    });
    expect(grounded).toMatchObject({ name: 'grounded', b: 1, c: 1, mcnemar_p: 1 });
    expect(grounded?.diff).toBeCloseTo(-0.5 / ids.length, 4);
    expect(grounded?.ci95?.[0]).toBeLessThan(0);
    expect(grounded?.evalue).toBeGreaterThanOrEqual(20);
  });

  test('is signed, all of it', () => {
    expect(isSignedBy(certificate, PUBLIC_KEY)).toBe(true);
    expect(isSignedBy(certificate, generateKeyPairSync('ed25519').publicKey)).toBe(false);
    for (const member of Object.keys(certificate).filter((name) => name !== 'signature')) {
      expect(isSignedBy({ ...certificate, [member]: 'forged' }, PUBLIC_KEY), member).toBe(false);
    }
  });

  test('follows from its pairs, in whatever order they are given, among others', () => {
    const strangers = pairs.map((pair) => ({ ...pair, id: `${pair.id}x` }));
    expect(verifyCertificate(certificate, [...pairs, ...strangers].toReversed())).toEqual([]);
  });

  test('is refuted when a pair is missing, of another scope, counted twice, or says something else', () => {
    const [first] = certificate.pairs;
    const changed = (change: (pair: SubstitutionPair) => SubstitutionPair): readonly SubstitutionPair[] =>
      pairs.map((pair) => (pair.id === first ? change(pair) : pair));
    expect(
      verifyCertificate(
        certificate,
        pairs.filter(({ id }) => id !== first),
      ),
    ).toEqual([`${first} is not there`]);
    const other = changed((pair) => ({ ...pair, scope: { ...SCOPE, checks: 'other' } }));
    expect(verifyCertificate(certificate, other)).toEqual([`${first} is of another scope`]);
    const twice = changed((pair) => ({ ...pair, item: pairs[1]?.item ?? '' }));
    expect(verifyCertificate(certificate, twice)[0]).toBe('an item is counted more than once');
    const worse = changed((pair) => ({ ...pair, scores: pair.scores.map((score) => ({ ...score, to: 0 })) }));
    expect(verifyCertificate(certificate, worse).join()).toMatch(
      /^the pairs do not suffice.*`metrics` is not what follows/,
    );
  });

  test('is refuted when it claims more than its pairs say', () => {
    const { pairs: ids, metrics } = certificate;
    expect(verifyCertificate({ ...certificate, pairs: ids.slice(0, 50) }, pairs).join()).toContain(
      'the pairs do not suffice',
    );
    expect(verifyCertificate({ ...certificate, metrics: metrics.slice(1) }, pairs)).toHaveLength(1);
    expect(verifyCertificate({ ...certificate, class: 'weak' }, pairs)).toHaveLength(1);
    expect(verifyCertificate({ ...certificate, expires_at: '2030-01-01T00:00:00.000Z' }, pairs)).toEqual([
      'it holds for longer than it may',
    ]);
  });
});

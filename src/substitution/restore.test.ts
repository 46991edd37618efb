import { expect, test } from 'vitest';
import { ALIKE, CertificateBench, DAY_MS, SCOPE, WORSE } from '../../test/support/certificate-bench.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import { pairEvent } from './pair-event.ts';

const ENOUGH = 216;

/** Every moment of a story: granted, watched, suspended, granted again, with a renewal half done. */
async function story(): Promise<CertificateBench> {
  const bench = new CertificateBench();
  await bench.add(ENOUGH, ALIKE);
  for (let bad = 0; bad < 10 && bench.standing().state !== 'suspended'; bad++) await bench.add(1, WORSE);
  await bench.add(ENOUGH + 40, ALIKE);
  bench.nowMs += 16 * DAY_MS;
  await bench.add(50, ALIKE);
  await bench.add(2, WORSE);
  return bench;
}

test('after a restart everything is as it was, at whatever moment', async () => {
  const bench = await story();
  const restarted = bench.process();
  for (const event of bench.events) expect(restarted.restore([event])).toEqual([]);
  expect(restarted.list()).toEqual(bench.certificates.list());
  expect(restarted.list()).toMatchObject([{ state: 'watched', collecting: { pairs: 52 } }]);
  await restarted.settle();
  expect(bench.granted).toHaveLength(2);
});

test('events that a process reads of itself change nothing', async () => {
  const bench = await story();
  const before = bench.certificates.list();
  bench.certificates.restore(bench.events);
  expect(bench.certificates.list()).toEqual(before);
});

test('what one process concludes, another takes over; their pairs count together', async () => {
  const bench = new CertificateBench();
  const other = bench.process();
  await bench.add(ENOUGH - 1, ALIKE);
  other.restore(bench.events);
  await other.addPair(bench.pair(ALIKE));
  expect(other.standing(SCOPE).state).toBe('granted');
  expect(bench.standing().state).toBe('collecting');
  bench.certificates.restore(bench.events.slice(ENOUGH - 1));
  expect(bench.standing()).toEqual(other.standing(SCOPE));
  const known = bench.events.length;
  while (other.standing(SCOPE).state !== 'suspended') await other.addPair(bench.pair(WORSE));
  bench.certificates.restore(bench.events.slice(known));
  expect(bench.standing()).toEqual(other.standing(SCOPE));
});

test('of two certificates for one scope the later one is in force, in whatever order they come', async () => {
  const bench = await story();
  const [earlier, later] = bench.events.filter(({ body }) => body['action'] === 'granted');
  if (earlier === undefined || later === undefined) throw new Error('there are not two');
  for (const order of [
    [earlier, later],
    [later, earlier],
  ]) {
    const other = bench.process();
    other.restore(order);
    expect(other.standing(SCOPE)).toMatchObject({ certificate: later.id, state: 'granted' });
  }
});

test('a process that ended before it noted the certificate: the next one does', async () => {
  const bench = new CertificateBench();
  await bench.add(ENOUGH, ALIKE);
  const restarted = bench.process();
  restarted.restore(bench.events.filter(({ object }) => object === 'pair'));
  expect(restarted.standing(SCOPE)).toMatchObject({ certificate: null, state: 'collecting' });
  await restarted.settle();
  expect(restarted.standing(SCOPE)).toMatchObject({ certificate: bench.granted[1]?.id, state: 'granted' });
});

test('a suspension that was not noted holds all the same, and is noted', async () => {
  const bench = await story();
  const [suspension] = bench.events.filter(({ body }) => body['action'] === 'suspended');
  const upTo = bench.events.slice(
    0,
    bench.events.findIndex((event) => event === suspension),
  );
  const restarted = bench.process();
  restarted.restore(upTo);
  expect(restarted.standing(SCOPE).state).toBe('suspended');
  await restarted.settle();
  expect(bench.events.at(-1)?.body).toMatchObject({ action: 'suspended', suspends: suspension?.body['suspends'] });
});

test('a certificate that the ledger did not take is issued with the next pair', async () => {
  const bench = new CertificateBench();
  await bench.add(ENOUGH - 1, ALIKE);
  const last = bench.certificates.addPair(bench.pair(ALIKE));
  const [before] = [bench.events.length];
  while (bench.events.length === before) await Promise.resolve();
  bench.refusal = new Error('disk full');
  await expect(last).rejects.toThrow('disk full');
  expect(bench.standing().state).toBe('collecting');
  bench.refusal = null;
  await bench.add(1, ALIKE);
  expect(bench.granted).toHaveLength(1);
});

test('events that cannot be read are named, and nothing is made of them', async () => {
  const bench = new CertificateBench();
  await bench.add(ENOUGH, ALIKE);
  const [pair] = bench.events;
  const certificate = bench.events.at(-1);
  const broken = (event: LedgerEvent | undefined, body: LedgerEvent['body']): LedgerEvent => ({
    id: `${event?.object}_broken`,
    object: event?.object ?? 'pair',
    created_at: event?.created_at ?? '',
    body: { ...event?.body, ...body },
  });
  const { certificate: signed } = certificate?.body ?? {};
  const events = [
    broken(pair, { item: null }),
    broken(pair, { scores: [{ metric: 'valid', source: 'validator', from: 1, to: 2 }] }),
    broken(pair, { scores: [{ metric: 'valid', source: 'somebody', from: 1, to: 1 }] }),
    broken(pair, { from: {} }),
    broken(pair, { design: { kind: 'guess', sampling: '' } }),
    broken(certificate, { action: 'revoked' }),
    broken(certificate, { certificate: null }),
    broken(certificate, { certificate: { ...(signed as object), expires_at: 'never' } }),
    broken(certificate, { action: 'suspended', suspends: 'cert_1', reason: 'why' }),
  ];
  const other = bench.process();
  expect(other.restore([...events, { id: 'out_1', object: 'outcome', created_at: '', body: {} }])).toEqual(
    events.map(({ id }) => id),
  );
  expect(other.list()).toEqual([]);
});

test('evidence that was given up after 5,000 pairs does not count again when it is read again', async () => {
  const bench = new CertificateBench();
  const pairs = Array.from({ length: 5001 }, (_, nth) => pairEvent(bench.pair(nth % 2 === 0 ? ALIKE : WORSE)));
  bench.certificates.restore(pairs.slice(0, 5000));
  bench.certificates.restore(pairs.slice(4990));
  bench.certificates.restore(pairs.slice(4990));
  expect(bench.certificates.list()).toMatchObject([{ collecting: { pairs: 1 } }]);
});

test('a certificate that a wrong clock has dated ahead permits nothing, now or after a restart, which says so', async () => {
  const bench = new CertificateBench();
  bench.nowMs += 400 * DAY_MS;
  await bench.add(ENOUGH, ALIKE);
  expect(bench.standing().state).toBe('granted');
  bench.nowMs -= 400 * DAY_MS;
  expect(bench.standing().state).toBe('expired');
  const restarted = bench.process();
  expect(restarted.restore(bench.events)).toEqual([bench.events.at(-1)?.id]);
  expect(restarted.standing(SCOPE).certificate).toBeNull();
});

test('memory is bounded, and what permits something is kept longest', async () => {
  const bench = new CertificateBench();
  await bench.add(ENOUGH, ALIKE);
  for (let nth = 0; nth < 400; nth++) await bench.add(1, ALIKE, { scope: { ...SCOPE, checks: `${nth}` } });
  expect(bench.certificates.list()).toHaveLength(200);
  expect(bench.standing().state).toBe('granted');
  expect(bench.standing({ ...SCOPE, checks: '399' }).state).toBe('collecting');
  expect(bench.standing({ ...SCOPE, checks: '3' }).state).toBe('void');
});

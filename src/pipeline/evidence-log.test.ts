import { expect, test } from 'vitest';

import { ALIKE, CertificateBench, SCOPE, WORSE } from '../../test/support/certificate-bench.ts';
import { ManualClock, turns } from '../../test/support/manual-clock.ts';
import { Confidences } from '../confidence/confidences.ts';
import type { ChainPosition, LedgerEventQuery, StoredEvent } from '../ledger/ledger.ts';
import { EvidenceLog } from './evidence-log.ts';

const ENOUGH = 216;
const FOLLOWED_MS = 5_000;
const CHAIN: ChainPosition = { writer: 'w', seq: 0, prev: '', hash: '' };

test('what was noted while the ledger could not be read is taken over when it can', async () => {
  const bench = new CertificateBench();
  const clock = new ManualClock();
  const problems: unknown[] = [];
  let isAway = true;
  const events = async ({ object, since = '' }: LedgerEventQuery): Promise<readonly StoredEvent[]> => {
    await Promise.resolve();
    if (isAway) throw new Error('the store does not answer');
    const found = bench.events.filter((event) => event.object === object && event.created_at > since);
    return found.map((event) => ({ ...event, chain: CHAIN }));
  };
  const other = bench.process();
  const onProblem = (cause: unknown): void => void problems.push(cause);
  const log = new EvidenceLog({
    ledger: { events },
    certificates: other,
    confidences: new Confidences(clock),
    clock,
    onProblem,
  });
  const follow = async (): Promise<void> => {
    clock.advance(bench.nowMs - clock.wallTime() + FOLLOWED_MS);
    await turns(5);
  };

  await bench.add(ENOUGH, ALIKE);
  await log.restore();
  expect(other.standing(SCOPE).state).toBe('none');
  expect(problems).toHaveLength(1);
  log.follow();
  isAway = false;
  await follow();
  expect(other.standing(SCOPE)).toEqual(bench.standing());
  isAway = true;
  while (bench.standing().state !== 'suspended') await bench.add(1, WORSE);
  await follow();
  bench.nowMs += 600_000;
  await follow();
  expect(other.standing(SCOPE).state).toBe('granted');
  isAway = false;
  bench.nowMs += 5_000;
  await follow();
  expect(other.standing(SCOPE)).toEqual(bench.standing());
  log.close();
});

test('who has more evidence than is read at the start hears so', async () => {
  const clock = new ManualClock();
  const problems: unknown[] = [];
  const body = { generation: 'gen_1', snapshot: 'gpt-4o', model: 'gpt-4o', accepted: true };
  const outcome = {
    id: 'out_1',
    object: 'outcome',
    created_at: '2026-11-01T00:00:00.000Z',
    body,
    chain: CHAIN,
  } as const;
  const events = ({ object, limit = 0 }: LedgerEventQuery): Promise<readonly StoredEvent[]> =>
    Promise.resolve(object === 'outcome' ? Array.from({ length: limit }, () => outcome as StoredEvent) : []);
  const log = new EvidenceLog({
    ledger: { events },
    certificates: new CertificateBench().process(),
    confidences: new Confidences(clock),
    clock,
    onProblem: (cause) => void problems.push(cause),
  });
  await log.restore();
  expect(problems.map(String)).toEqual([expect.stringContaining('of outcomes in the ledger the newest 100000 count')]);
  log.close();
});

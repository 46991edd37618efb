import { expect, test } from 'vitest';

import { CertificateBench } from '../../test/support/certificate-bench.ts';
import { ManualClock, turns } from '../../test/support/manual-clock.ts';
import { Confidences } from '../confidence/confidences.ts';
import type { JsonObject } from '../core/json.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import type { ChainPosition, LedgerEventQuery, StoredEvent } from '../ledger/ledger.ts';
import { EvidenceLog } from './evidence-log.ts';

const FOLLOWED_MS = 5_000;
const CHAIN: ChainPosition = { writer: 'w', seq: 0, prev: '', hash: '' };

/** One process of a folder, and what the folder's ledger holds. */
class LogBench {
  readonly noted: LedgerEvent[] = [];
  readonly clock = new ManualClock();
  readonly #confidences = new Confidences(this.clock);
  readonly log = new EvidenceLog({
    ledger: { events: (query) => this.#events(query) },
    certificates: new CertificateBench().process(),
    confidences: this.#confidences,
    clock: this.clock,
    onProblem: (cause) => {
      throw cause;
    },
  });

  outcome(id: string, changes: JsonObject = {}): LedgerEvent {
    const answered = { generation: `gen_${id}`, route: 'legal', model: 'gpt-4o', snapshot: 'gpt-4o', template: null };
    const body = { ...answered, aside: null, signals: {}, accepted: true, source: 'user', field: null, ...changes };
    return { id, object: 'outcome', created_at: new Date(this.clock.wallTime()).toISOString(), body };
  }

  scopes(): readonly JsonObject[] {
    return (this.#confidences.report() as { readonly scopes: readonly JsonObject[] }).scopes;
  }

  async #events({ object, since = '' }: LedgerEventQuery): Promise<readonly StoredEvent[]> {
    await Promise.resolve();
    const found = this.noted.filter((event) => event.object === object && event.created_at > since);
    return found.map((event) => ({ ...event, chain: CHAIN }));
  }
}

test('an outcome that came to this process counts once, also when the ledger tells of it', async () => {
  const bench = new LogBench();
  await bench.log.restore();
  bench.log.follow();
  const own = bench.outcome('out_1', { source: 'validator:citations' });
  bench.log.add(own);
  bench.noted.push(own, bench.outcome('out_2', { source: 'validator:citations' }));
  for (let round = 0; round < 2; round++) {
    bench.clock.advance(FOLLOWED_MS);
    await turns(5);
  }
  bench.log.close();
  expect(bench.scopes()).toMatchObject([{ circular: 2 }]);
});

test('labels are of the model that answered, whatever alias it was asked for by', async () => {
  const bench = new LogBench();
  for (const [index, reported] of ['gpt-4o-2024-05-13', 'gpt-4o-2024-08-06', null, ''].entries()) {
    bench.noted.push(bench.outcome(`out_${index}`, { model_reported: reported }));
  }
  await bench.log.restore();
  expect(bench.scopes().map(({ snapshot, answers }) => [snapshot, answers])).toEqual([
    ['gpt-4o', 2],
    ['gpt-4o-2024-05-13', 1],
    ['gpt-4o-2024-08-06', 1],
  ]);
});

test('labels of judges and second opinions say nothing of the answers that clients get', async () => {
  const bench = new LogBench();
  for (const aside of ['judge', 'agreement', 'shadow']) bench.noted.push(bench.outcome(`out_${aside}`, { aside }));
  await bench.log.restore();
  expect(bench.scopes()).toMatchObject([{ answers: 1 }]);
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { intentOf, LedgerFolder, recordOf } from '../../test/support/ledger-folder.ts';
import { seededRandom } from '../../test/support/ledger-image.ts';
import { stringMember } from '../core/json.ts';
import type { GenerationPlace, Ledger } from './ledger.ts';
import { connectStore } from './store/store-port.ts';

let folder: LedgerFolder;
beforeEach(() => {
  folder = new LedgerFolder();
});
afterEach(() => folder.close());

/** Every generation of a list as `id status`, read in pages. */
async function listed(ledger: Ledger, limit = 7): Promise<readonly string[]> {
  const rows: string[] = [];
  let after: GenerationPlace | null = null;
  do {
    const page = await ledger.list({ filters: {}, limit, after });
    for (const view of page.generations) rows.push(`${stringMember(view, 'id')} ${stringMember(view, 'status')}`);
    after = page.next;
  } while (after !== null);
  return rows;
}

/** Ids that sort by the order they were given in, and dates likewise. */
function generation(index: number): { readonly id: string; readonly created_at: string } {
  return {
    id: `gen_${String(index).padStart(4, '0')}`,
    created_at: new Date(Date.UTC(2026, 10, 2, 12) + index).toISOString(),
  };
}

describe('a list', () => {
  it('has each generation once, from the moment it begins, whichever process of the folder is asked', async () => {
    const random = seededRandom(4);
    const ledgers = [await folder.open(), await folder.open({ shared: true }), await folder.open({ shared: true })];
    const any = (): Ledger => ledgers[Math.floor(random() * ledgers.length)] as Ledger;
    const statuses = new Map<string, string>();
    const running: { readonly index: number; readonly ledger: Ledger }[] = [];
    for (let step = 0; step < 160; step++) {
      if (running.length === 0 || random() < 0.55) {
        const ledger = any();
        await ledger.begin({ ...intentOf(''), ...generation(step) });
        running.push({ index: step, ledger });
        statuses.set(generation(step).id, 'running');
      } else {
        const [{ index, ledger }] = running.splice(Math.floor(random() * running.length), 1) as [(typeof running)[0]];
        await ledger.finish({ ...recordOf(''), ...generation(index) }, null);
        statuses.set(generation(index).id, 'complete');
      }
      const expected = [...statuses].map((entry) => entry.join(' ')).toReversed();
      if (step % 3 === 0) expect(await listed(any())).toEqual(expected);
      const [id = '', status] = [...statuses][Math.floor(random() * statuses.size)] ?? [];
      expect(await any().find(id)).toMatchObject({ id, status });
    }
    expect(await any().find('gen_nobody')).toBeNull();
  });

  it('has what the store has not been told of yet, and what is lost until it can be recorded', async () => {
    // A clock on which no shipment is ever due.
    const ledger = await folder.open();
    await ledger.begin({ ...intentOf(''), ...generation(1) });
    await ledger.finish({ ...recordOf(''), ...generation(1) }, null);
    await ledger.begin({ ...intentOf(''), ...generation(2) });
    folder.disk.failing = 'ENOSPC';
    await expect(ledger.finish({ ...recordOf(''), ...generation(2) }, null)).rejects.toThrow('ENOSPC');
    expect(await listed(ledger)).toEqual(['gen_0002 interrupted', 'gen_0001 complete']);
    const interrupted = { filters: { status: 'interrupted' as const }, limit: 9, after: null };
    expect((await ledger.list(interrupted)).generations).toMatchObject([{ id: 'gen_0002', attempts: [] }]);
    const isRunning = { filters: { status: 'running' as const }, limit: 9, after: null };
    expect((await ledger.list(isRunning)).generations).toEqual([]);
    folder.disk.failing = null;
    await ledger.begin({ ...intentOf(''), ...generation(3) });
    expect(await listed(ledger)).toEqual(['gen_0003 running', 'gen_0002 interrupted', 'gen_0001 complete']);
  });

  it('is refused, with the reason, while the store cannot take over what was written', async () => {
    const ledger = await folder.open({
      connectStore: (options, listener) => {
        const port = connectStore(options, listener);
        return {
          stop: () => port.stop(),
          post(request) {
            if (request.type === 'list') {
              listener.onReply({ type: 'call-failed', call: request.call, message: 'database or disk is full' });
            } else port.post(request);
          },
        };
      },
    });
    await expect(ledger.list({ filters: {}, limit: 5, after: null })).rejects.toMatchObject({
      name: 'LedgerUnavailable',
      message: 'the list of records cannot be read: database or disk is full',
    });
  });
});

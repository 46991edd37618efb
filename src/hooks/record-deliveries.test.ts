import { describe, expect, test } from 'vitest';

import { hookOf, hookTerms } from '../../test/support/hook-terms.ts';
import type { RecordHook } from '../core/hook-functions.ts';
import type { GenerationRecord } from '../core/record.ts';
import { RecordDeliveries } from './record-deliveries.ts';

function record(id: string): GenerationRecord {
  return {
    id,
    request: { body: 'what Ann asked', sha256: 'b', params: { body: 'kept' }, tags: {} },
    validation: { status: 'failed', verdicts: [{ validator: 'v', outcome: 'fail', reason: 'r', evidence: ['Ann'] }] },
    attempts: [{ sent: { body: 'what Ann asked', sha256: 's' } }],
  } as unknown as GenerationRecord;
}

describe('onRecord', () => {
  test('hears of every record, without what people wrote, and cannot change it', async () => {
    const deliveries = new RecordDeliveries(hookTerms());
    const heard: GenerationRecord[] = [];
    const hook: RecordHook = (given) => void heard.push(given);
    const original = record('gen_1');
    deliveries.offer(hookOf(hook), original);
    expect(heard).toEqual([]);
    await deliveries.end(1000);
    expect(heard).toMatchObject([{ id: 'gen_1', request: { body: null, sha256: 'b', params: { body: 'kept' } } }]);
    expect(JSON.stringify(heard)).not.toContain('Ann');
    expect(() => Object.assign(heard[0]?.request ?? {}, { sha256: 'x' })).toThrow(TypeError);
    expect(JSON.stringify(original)).toContain('Ann');
  });

  test('that fails is told, and hears of the next', async () => {
    const terms = hookTerms();
    const deliveries = new RecordDeliveries(terms);
    let calls = 0;
    const hook = hookOf<RecordHook>(() => {
      calls += 1;
      throw new Error('Ann said so');
    }, 'candor.config.ts#hooks.onRecord');
    for (const id of ['gen_1', 'gen_2']) deliveries.offer(hook, record(id));
    await deliveries.end(1000);
    expect(calls).toBe(2);
    expect(terms.said).toHaveLength(2);
    expect(terms.said[0]).toMatch(/^the hook candor\.config\.ts#hooks\.onRecord failed for gen_1: it threw Error/);
  });

  test('that is too slow loses what comes beyond a thousand, which is counted', async () => {
    const terms = hookTerms();
    const deliveries = new RecordDeliveries(terms);
    const release: (() => void)[] = [];
    let delivered = 0;
    let isSlow = true;
    const hook = hookOf<RecordHook>(() => {
      delivered += 1;
      return isSlow ? new Promise<void>((resolve) => release.push(resolve)) : null;
    });
    for (let index = 0; index < 1015; index++) deliveries.offer(hook, record(`gen_${index}`));
    expect(terms.said).toEqual([expect.stringContaining('1000 records wait for it')]);
    const ended = deliveries.end(1000);
    isSlow = false;
    await new Promise((resolve) => setImmediate(resolve));
    for (const go of release) go();
    await ended;
    expect(terms.said.at(-1)).toMatch(/^15 records were not delivered/);
    expect(delivered).toBe(1000);
  });

  test('that never ends does not keep the gateway from ending', async () => {
    const terms = hookTerms();
    const deliveries = new RecordDeliveries(terms);
    deliveries.offer(
      hookOf(() => new Promise(() => {})),
      record('gen_1'),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const ended = deliveries.end(1000);
    terms.expire();
    await ended;
    expect(terms.said.join()).toMatch(/not delivered|did not end within/);
  });
});

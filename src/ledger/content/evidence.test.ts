import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LedgerFolder, recordOf } from '../../../test/support/ledger-folder.ts';
import type { JsonObject } from '../../core/json.ts';
import type { GenerationRecord } from '../../core/record.ts';
import { exportRecords } from '../export-records.ts';
import type { Ledger } from '../ledger.ts';

let folder: LedgerFolder;
let ledger: Ledger;
beforeEach(async () => {
  folder = new LedgerFolder();
  ledger = await folder.open();
});
afterEach(() => folder.close());

const SECRET = 'Miller v. Nobody, 12 F.4th 34';
const KEPT = { verdict: 1, evidence: [{ text: SECRET, at: 40 }] };

/** Ends a generation of two attempts; the second one's verdicts have evidence, which is kept as given. */
async function finish(evidence: Buffer | null): Promise<void> {
  const verdicts = [{ validator: 'refusal' }, { validator: 'citations', evidence: null }, { validator: 'numbers' }];
  const attempt = { sent: {}, received: {}, validation: { status: 'failed', verdicts } };
  const record: object = { ...recordOf('gen_1'), attempts: [attempt, attempt] };
  const received = [Buffer.from('an answer')];
  const content = [
    { sent: null, received },
    { sent: null, received, ...(evidence === null ? {} : { evidence }) },
  ];
  await ledger.finish(record as GenerationRecord, { request: Buffer.from('q'), attempts: content });
}

/** The evidence of each verdict, by attempt. */
function evidenceOf(record: JsonObject | null): readonly unknown[] {
  const attempts = record?.['attempts'] as { validation: { verdicts: { evidence: unknown }[] } }[];
  return attempts.map(({ validation }) => validation.verdicts.map(({ evidence }) => evidence));
}

const NONE = [undefined, null, undefined];
const encoded = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

it('of a verdict is in the record while its content is kept, and encrypted', async () => {
  await finish(encoded([KEPT]));
  const found = await ledger.find('gen_1');
  expect(evidenceOf(found)).toEqual([NONE, [undefined, KEPT.evidence, undefined]]);
  expect(found).toMatchObject({ content: 'kept', attempts: [{}, { received: { body: 'an answer' } }] });
  const exported = [...exportRecords(folder.directory, { sinceMs: null, untilMs: null, bodies: true, events: false })];
  expect(exported).toEqual([found]);
  for (const kind of ['journal', 'content'] as const) {
    for (const name of folder.files(kind)) {
      expect(readFileSync(join(folder.directory, kind, name)).includes(SECRET), name).toBe(false);
    }
  }
  expect(folder.problems()).toEqual([]);
});

it('of a verdict is null in lists, and once the content is erased', async () => {
  await finish(encoded([KEPT]));
  const { generations } = await ledger.list({ filters: {}, limit: 1, after: null });
  expect(evidenceOf(generations[0] ?? null)).toEqual([NONE, NONE]);
  rmSync(join(folder.directory, 'content', `${ledger.writer}-1.dat`));
  const erased = await ledger.find('gen_1');
  expect(erased).toMatchObject({ content: 'erased' });
  expect(evidenceOf(erased)).toEqual([NONE, NONE]);
  expect(folder.problems()).toEqual([]);
});

it('that is not what it was written as is found by a verification', async () => {
  await finish(encoded([KEPT]));
  const path = join(folder.directory, 'content', `${ledger.writer}-1.dat`);
  const bytes = readFileSync(path);
  // The evidence is the last body of the batch, and nothing follows it there.
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
  expect(await ledger.find('gen_1')).toMatchObject({ content: 'lost' });
  expect(folder.problems()).toMatchObject([{ reason: expect.stringContaining('does not decrypt') as string }]);
});

it('that belongs to no verdict which says it has some changes nothing', async () => {
  await finish(
    encoded([
      { verdict: 7, evidence: ['far'] },
      { verdict: 0, evidence: ['none was told'] },
      { evidence: ['whose'] },
      'what',
    ]),
  );
  expect(evidenceOf(await ledger.find('gen_1'))).toEqual([NONE, NONE]);
});

it('is not needed: a record without any reads as before', async () => {
  await finish(null);
  expect(evidenceOf(await ledger.find('gen_1'))).toEqual([NONE, NONE]);
});

import { afterEach, beforeEach, expect, it } from 'vitest';

import { CertificateBench } from '../../../test/support/certificate-bench.ts';
import { runCandor, type CliOutcome } from '../../../test/support/cli-run.ts';
import { LedgerFolder } from '../../../test/support/ledger-folder.ts';
import { canonicalJson } from '../../core/json.ts';
import type { LedgerEvent } from '../../core/ledger-event.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { grantEvent, readCertificateEvent } from '../../substitution/certificate-event.ts';
import type { Certificate } from '../../substitution/certificate.ts';
import { Certificates } from '../../substitution/certificates.ts';

let folder: LedgerFolder;
let ledger: Ledger;
beforeEach(async () => {
  folder = new LedgerFolder();
  ledger = await folder.open();
});
afterEach(() => folder.close());

const verify = (...more: readonly string[]): Promise<CliOutcome> =>
  runCandor(['verify', '--state', '.', ...more], { cwd: folder.directory });

/** The events of a certificate that is earned by 42 pairs, as they would be noted, the certificate last. */
async function earned(): Promise<readonly LedgerEvent[]> {
  const bench = new CertificateBench();
  const events: LedgerEvent[] = [];
  const note = (event: LedgerEvent): void => void events.push(event);
  const certificates = new Certificates({ clock: { wallTime: () => bench.nowMs }, note, signer: ledger.signer });
  for (let nth = 0; nth < 42; nth++) await certificates.addPair(bench.pair({ agreement: [1, 1] }));
  return events;
}

async function note(events: readonly LedgerEvent[]): Promise<void> {
  for (const event of events) await ledger.note(event);
}

function certificateOf(events: readonly LedgerEvent[]): Certificate {
  const fact = readCertificateEvent(events.at(-1) as LedgerEvent);
  if (fact?.action !== 'granted') throw new Error('no certificate was granted');
  return fact.certificate;
}

it('a certificate that follows from its pairs is counted, and nothing is wrong', async () => {
  await note(await earned());
  const { exitCode, out } = await verify();
  expect(exitCode).toBe(0);
  expect(out).toContain('\n1 certificates, 1 of which follow from their pairs\n');
  expect(JSON.parse((await verify('--json')).out)).toMatchObject({
    ok: true,
    events: 43,
    certificates: { certificates: 1, proven: 1, pairs_gone: 0 },
  });
});

it('one that retention has written anew counts once', async () => {
  const events = await earned();
  await note([...events, ...events.slice(-1)]);
  expect(JSON.parse((await verify('--json')).out)).toMatchObject({
    ok: true,
    certificates: { certificates: 1, proven: 1, pairs_gone: 0 },
  });
});

it('one whose pairs are kept no longer is a note, by its signature', async () => {
  const events = await earned();
  await note(events.slice(20));
  const { exitCode, out } = await verify();
  expect(exitCode).toBe(0);
  expect(out).toContain('note: 1 certificates are signed, and have pairs that are kept no longer\n');
});

it('one that says something else than its pairs is a problem, although the ledger’s own key has signed it', async () => {
  const events = await earned();
  const { signature: _signature, ...statement } = certificateOf(events);
  const forged = { ...statement, metrics: statement.metrics.map((metric) => ({ ...metric, n: 420 })) };
  const signature = ledger.signer.sign(Buffer.from(canonicalJson(forged))).toString('base64url');
  await note([...events.slice(0, -1), grantEvent({ ...forged, signature })]);
  const { exitCode, out } = await verify();
  expect(exitCode).toBe(1);
  expect(out).toContain(`✗ ${statement.id}: \`metrics\` is not what follows from the pairs\n`);
});

it('so is one whose signature is another’s, or whose key nobody has', async () => {
  const events = await earned();
  const certificate = certificateOf(events);
  await note([...events.slice(0, -1), grantEvent({ ...certificate, expires_at: '2030-01-01T00:00:00.000Z' })]);
  expect((await verify()).out).toContain(`✗ ${certificate.id}: its signature is not that of its key\n`);
  const stranger = await folder.open({ shared: true });
  await stranger.note(grantEvent({ ...certificate, id: `${certificate.id.slice(0, -1)}X`, key: 'no-such-key' }));
  const { exitCode, out } = await verify();
  expect(exitCode).toBe(1);
  expect(out).toContain('it is signed with the key no-such-key, whose public half is not at hand');
});

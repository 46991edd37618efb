import type { JsonObject } from '../../core/json.ts';
import { type LedgerEvent, LEDGER_EVENT_KINDS } from '../../core/ledger-event.ts';
import type { SubstitutionPair } from '../../core/substitution.ts';
import { exportRecords } from '../../ledger/export-records.ts';
import type { PublicKeys } from '../../ledger/checkpoints/public-keys.ts';
import { readCertificateEvent } from '../../substitution/certificate-event.ts';
import { type Certificate, isSignedBy, verifyCertificate } from '../../substitution/certificate.ts';
import { readPair } from '../../substitution/pair-event.ts';

/** What came of checking the certificates of a ledger whose chains hold. */
export interface CertificatesVerification {
  /** How many certificates there are. */
  readonly certificates: number;
  /** How many of them follow from their pairs. */
  readonly proven: number;
  /** How many are signed, and have pairs that are kept no longer. */
  readonly pairs_gone: number;
  /** Each about one certificate, which it names. */
  readonly problems: readonly string[];
}

/** Checks who signed each certificate, and makes its conclusion again from its pairs. @throws the system's error */
export function verifyCertificates(directory: string, keys: PublicKeys): CertificatesVerification {
  const { certificates, pairs, problems } = readEvidence(directory);
  let proven = 0;
  let pairsGone = 0;
  for (const certificate of certificates) {
    const found = problemsOf(certificate, pairs, keys);
    if (found.length > 0) problems.push(`${certificate.id}: ${found.join('; ')}`);
    else if (certificate.pairs.every((id) => pairs.has(id))) proven++;
    else pairsGone++;
  }
  return { certificates: certificates.length, proven, pairs_gone: pairsGone, problems };
}

function problemsOf(
  certificate: Certificate,
  pairs: ReadonlyMap<string, SubstitutionPair>,
  keys: PublicKeys,
): readonly string[] {
  const key = keys.get(certificate.key);
  if (key === undefined) return [`it is signed with the key ${certificate.key}, whose public half is not at hand`];
  if (!isSignedBy(certificate, key)) return ['its signature is not that of its key'];
  const own = certificate.pairs.flatMap((id) => pairs.get(id) ?? []);
  // The chains hold: what is missing was deleted with the files that `server.keep` retires.
  return own.length < certificate.pairs.length ? [] : verifyCertificate(certificate, own);
}

interface EvidenceRead {
  readonly certificates: readonly Certificate[];
  readonly pairs: ReadonlyMap<string, SubstitutionPair>;
  readonly problems: string[];
}

function readEvidence(directory: string): EvidenceRead {
  const certificates: Certificate[] = [];
  const pairs = new Map<string, SubstitutionPair>();
  const problems: string[] = [];
  for (const event of exportRecords(directory, { sinceMs: null, untilMs: null, bodies: false, events: true })) {
    if (!isEvent(event)) continue;
    if (event.object === 'pair') {
      const pair = readPair(event);
      if (pair !== null) pairs.set(pair.id, pair);
    } else if (event.object === 'certificate') {
      const fact = readCertificateEvent(event);
      if (fact === null) problems.push(`${event.id}: it does not say what a certificate must`);
      else if (fact.action === 'granted') certificates.push(fact.certificate);
    }
  }
  return { certificates, pairs, problems };
}

function isEvent(value: JsonObject): value is JsonObject & LedgerEvent {
  return LEDGER_EVENT_KINDS.some((kind) => kind === value['object']);
}

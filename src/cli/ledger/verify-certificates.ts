import { canonicalJson, type JsonObject } from '../../core/json.ts';
import { type LedgerEvent, type LedgerEventKind, LEDGER_EVENT_KINDS } from '../../core/ledger-event.ts';
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
  const { certificates, problems } = readCertificates(directory);
  const pairs = readPairs(directory, new Set(certificates.flatMap((certificate) => certificate.pairs)));
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

/** Each once, also where retention has written it anew and not yet deleted what it stood in. */
function readCertificates(directory: string): {
  readonly certificates: readonly Certificate[];
  readonly problems: string[];
} {
  const certificates = new Map<string, Certificate>();
  const problems: string[] = [];
  for (const event of eventsOf(directory, 'certificate')) {
    const fact = readCertificateEvent(event);
    if (fact === null) problems.push(`${event.id}: it does not say what a certificate must`);
    else if (fact.action === 'granted') certificates.set(canonicalJson(event.body), fact.certificate);
  }
  return { certificates: [...certificates.values()], problems };
}

/** The pairs of these ids, as far as they are there; all pairs of a ledger may be more than fit into memory. */
function readPairs(directory: string, ids: ReadonlySet<string>): ReadonlyMap<string, SubstitutionPair> {
  const pairs = new Map<string, SubstitutionPair>();
  if (ids.size === 0) return pairs;
  for (const event of eventsOf(directory, 'pair')) {
    const pair = ids.has(event.id) ? readPair(event) : null;
    if (pair !== null) pairs.set(pair.id, pair);
  }
  return pairs;
}

function* eventsOf(directory: string, kind: LedgerEventKind): Generator<LedgerEvent> {
  for (const event of exportRecords(directory, { sinceMs: null, untilMs: null, bodies: false, events: true })) {
    if (isEvent(event) && event.object === kind) yield event;
  }
}

function isEvent(value: JsonObject): value is JsonObject & LedgerEvent {
  return LEDGER_EVENT_KINDS.some((kind) => kind === value['object']);
}

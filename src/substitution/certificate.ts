import { type KeyObject, verify } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../core/json.ts';
import type { ModelScope, SubstitutionPair, SubstitutionScope } from '../core/substitution.ts';
import { ALPHA, Evidence } from './evidence.ts';
import type { CertifiedMetric } from './metric-evidence.ts';
import { isPinned, scopeKey } from './scope.ts';

const DAY_MS = 24 * 3600 * 1000;
/** Clocks of processes may differ by so much. */
const CLOCK_LEEWAY_MS = 3600 * 1000;

/** Whoever signs certificates: the key of the ledger. */
export interface Signer {
  /** What the public key is called in checkpoints. */
  readonly keyId: string;
  /** Ed25519 (RFC 8032). */
  sign(bytes: Buffer): Buffer;
}

/** What pairs have shown: on this route, in this form, `to` is by no measure worse than `from` by more than its margin. */
export interface Statement extends JsonObject {
  /** `cert_…`. */
  readonly id: string;
  readonly object: 'substitution_certificate';
  /** `weak`: no measure except a judge’s said whether the answers are right; it permits nothing. */
  readonly class: 'full' | 'weak';
  readonly route: string;
  readonly from: ModelScope & JsonObject;
  readonly to: ModelScope & JsonObject;
  readonly checks: string;
  readonly strict: boolean;
  readonly metrics: readonly CertifiedMetric[];
  readonly design: readonly JsonObject[];
  /** Chance of an unjust grant, at whatever moment and however often one looked. */
  readonly alpha: number;
  readonly looks: 'anytime';
  /** Ids of the pairs, in the order in which they were counted. */
  readonly pairs: readonly string[];
  readonly issued_at: string;
  readonly expires_at: string;
  /** Which key signs. */
  readonly key: string;
}

export interface Certificate extends Statement {
  /** base64url, Ed25519 over the canonical JSON (RFC 8785) of all other members. */
  readonly signature: string;
}

/** How long a certificate holds: 30 days; 7 where a vendor's name leaves open which version answers. */
export function lifeMs(scope: SubstitutionScope): number {
  return (isPinned(scope) ? 30 : 7) * DAY_MS;
}

/** Whether it is of a time to come, as a clock that was wrong when it was issued has it: it would hold too long, and unwatched. */
export function isAhead({ issued_at }: Certificate, nowMs: number): boolean {
  return Date.parse(issued_at) > nowMs + CLOCK_LEEWAY_MS;
}

/** @param evidence must suffice */
export function issueCertificate(
  id: string,
  atMs: number,
  scope: SubstitutionScope,
  evidence: Evidence,
  signer: Signer,
): Certificate {
  const statement: Statement = {
    id,
    object: 'substitution_certificate',
    ...shown(evidence),
    ...scopeMembers(scope),
    alpha: ALPHA,
    looks: 'anytime',
    pairs: [...evidence.pairIds],
    issued_at: new Date(atMs).toISOString(),
    expires_at: new Date(atMs + lifeMs(scope)).toISOString(),
    key: signer.keyId,
  };
  return { ...statement, signature: signer.sign(Buffer.from(canonicalJson(statement))).toString('base64url') };
}

function shown(evidence: Evidence): Pick<Statement, 'class' | 'metrics' | 'design'> {
  return {
    class: evidence.class,
    metrics: evidence.certified(),
    design: evidence.designs.map(({ kind, sampling, n }) => ({ kind, sampling, n })),
  };
}

/** A scope as the members that certificates, pairs and views have for it. */
export function scopeMembers({
  route,
  from,
  to,
  checks,
  strict,
}: SubstitutionScope): Pick<Statement, 'route' | 'from' | 'to' | 'checks' | 'strict'> {
  return { route, from: { ...from }, to: { ...to }, checks, strict };
}

/** Whether the signature is that of the key. */
export function isSignedBy({ signature, ...statement }: Certificate, publicKey: KeyObject): boolean {
  return verify(null, Buffer.from(canonicalJson(statement)), publicKey, Buffer.from(signature, 'base64url'));
}

/**
 * Makes the conclusion of a certificate again from its pairs.
 * @param pairs any, among them those that the certificate names
 * @returns what does not hold, for a person; nothing: it follows from the pairs
 */
export function verifyCertificate(certificate: Certificate, pairs: readonly SubstitutionPair[]): readonly string[] {
  const byId = new Map(pairs.map((pair) => [pair.id, pair]));
  const evidence = new Evidence(certificate);
  const problems: string[] = [];
  for (const id of certificate.pairs) {
    const pair = byId.get(id);
    if (pair === undefined) problems.push(`${id} is not there`);
    else if (scopeKey(pair.scope) !== scopeKey(certificate)) problems.push(`${id} is of another scope`);
    else evidence.add(pair);
  }
  if (problems.length > 0) return problems;
  if (evidence.pairIds.length !== certificate.pairs.length) problems.push('an item is counted more than once');
  if (!evidence.suffices) problems.push(`the pairs do not suffice: ${evidence.summary}`);
  const again = shown(evidence);
  for (const member of ['class', 'metrics', 'design'] as const) {
    if (canonicalJson(again[member]) !== canonicalJson(certificate[member])) {
      problems.push(`\`${member}\` is not what follows from the pairs`);
    }
  }
  if (Date.parse(certificate.expires_at) - Date.parse(certificate.issued_at) > lifeMs(certificate)) {
    problems.push('it holds for longer than it may');
  }
  return problems;
}

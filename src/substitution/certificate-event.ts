import { isJsonObject, type JsonObject, objectMember, stringMember } from '../core/json.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import type { SubstitutionScope } from '../core/substitution.ts';
import { type Certificate, scopeMembers } from './certificate.ts';
import { readScope } from './pair-event.ts';

/** A certificate that no longer permits anything although its time is not over. */
export interface Suspension {
  /** Id of the certificate. */
  readonly suspends: string;
  readonly scope: SubstitutionScope;
  readonly reason: string;
  readonly atMs: number;
}

/** What an event of kind `certificate` tells. */
export type CertificateFact =
  | { readonly action: 'granted'; readonly certificate: Certificate }
  | ({ readonly action: 'suspended' } & Suspension);

/** A grant as the ledger keeps it; its `expires_at` is that of the certificate. */
export function grantEvent(certificate: Certificate): LedgerEvent {
  const { id, issued_at, expires_at } = certificate;
  return { id, object: 'certificate', created_at: issued_at, body: { action: 'granted', expires_at, certificate } };
}

/** A suspension as the ledger keeps it: as long as the grant. */
export function suspensionEvent(
  id: string,
  { suspends, scope, reason, atMs }: Suspension,
  expiresAt: string,
): LedgerEvent {
  const created_at = new Date(atMs).toISOString();
  const body = { action: 'suspended', expires_at: expiresAt, suspends, ...scopeMembers(scope), reason };
  return { id, object: 'certificate', created_at, body };
}

/** What such an event tells; `null` when it does not say what it must. */
export function readCertificateEvent({ created_at, body }: LedgerEvent): CertificateFact | null {
  const certificate = objectMember(body, 'certificate');
  if (body['action'] === 'granted') {
    return certificate !== null && isCertificate(certificate) ? { action: 'granted', certificate } : null;
  }
  const [suspends, reason, scope] = [stringMember(body, 'suspends'), stringMember(body, 'reason'), readScope(body)];
  const atMs = Date.parse(created_at);
  if (body['action'] !== 'suspended' || suspends === null || reason === null || scope === null || Number.isNaN(atMs)) {
    return null;
  }
  return { action: 'suspended', suspends, reason, scope, atMs };
}

/** Its form only: whether it is true is for `verifyCertificate` and `isSignedBy` to say. */
function isCertificate(value: JsonObject): value is Certificate {
  const { metrics, design, pairs, alpha } = value;
  const isDate = (name: string): boolean => !Number.isNaN(Date.parse(stringMember(value, name) ?? ''));
  return (
    value['object'] === 'substitution_certificate' &&
    (value['class'] === 'full' || value['class'] === 'weak') &&
    value['looks'] === 'anytime' &&
    typeof alpha === 'number' &&
    ['id', 'key', 'signature'].every((name) => stringMember(value, name) !== null) &&
    ['issued_at', 'expires_at'].every(isDate) &&
    readScope(value) !== null &&
    [metrics, design].every((list) => Array.isArray(list) && list.every(isJsonObject)) &&
    Array.isArray(pairs) &&
    pairs.every((id) => typeof id === 'string')
  );
}

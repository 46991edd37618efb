import type { JsonObject } from '../core/json.ts';
import type {
  CertificateState,
  SubstitutionPair,
  SubstitutionScope,
  SubstitutionStanding,
} from '../core/substitution.ts';
import type { Suspension } from './certificate-event.ts';
import { type Certificate, isAhead, lifeMs, scopeMembers } from './certificate.ts';
import { Evidence, MOST_PAIRS } from './evidence.ts';
import { Watch } from './watch.ts';

/** One question, whether one model may stand in for another in one scope, from the first pair on. */
export class Substitution {
  readonly scope: SubstitutionScope;
  #evidence: Evidence;
  /** Pairs up to this time are no evidence for the next certificate. */
  #countsAfterMs = -Infinity;
  #certificate: Certificate | null = null;
  #watch: Watch;
  #suspension: Suspension | null = null;
  /** Of this evidence; it permits nothing. */
  #weakCertificate: string | null = null;
  /** What `standing` said last, until something changes. */
  #told: SubstitutionStanding | null = null;

  constructor(scope: SubstitutionScope) {
    this.scope = scope;
    this.#evidence = new Evidence(scope);
    this.#watch = new Watch(scope);
  }

  /** Counts a pair: against the certificate that is in force, and for the next one. */
  count(pair: SubstitutionPair): void {
    this.#told = null;
    const { atMs } = pair;
    if (this.#certificate !== null && atMs > Date.parse(this.#certificate.issued_at)) this.#watch.add(pair);
    // What is read again, as processes do of each other, must not make evidence begin anew, nor count in the next one.
    if (atMs <= this.#countsAfterMs || this.#evidence.has(pair)) return;
    const { startedAtMs, latestAtMs, pairIds } = this.#evidence;
    const isOld = startedAtMs !== null && atMs - startedAtMs > lifeMs(this.scope);
    if (isOld || pairIds.length >= MOST_PAIRS) {
      this.#countsAfterMs = latestAtMs;
      this.#beginAnew();
    }
    this.#evidence.add(pair);
  }

  /** Evidence that suffices for a certificate which has not been issued; `null`: there is none. */
  get due(): Evidence | null {
    if (!this.#evidence.suffices) return null;
    return this.#evidence.class === 'full' || this.#weakCertificate === null ? this.#evidence : null;
  }

  /** What the watch has found against the certificate in force and nobody has suspended it for; `null`: nothing. */
  get finding(): string | null {
    return this.#certificate === null || this.#suspension !== null ? null : this.#watch.finding;
  }

  /** The latest certificate of class `full`, in force or not; `null`: there has never been one. */
  get certificate(): Certificate | null {
    return this.#certificate;
  }

  /** Takes over a certificate, unless a later one is known. */
  grant(certificate: Certificate): void {
    if (certificate.class === 'weak') {
      this.#weakCertificate = certificate.id;
      this.#told = null;
      return;
    }
    if (this.#certificate !== null && certificate.issued_at < this.#certificate.issued_at) return;
    if (this.#certificate?.id === certificate.id) return;
    this.#certificate = certificate;
    this.#suspension = null;
    this.#watch = new Watch(this.scope);
    // The evidence for its successor is of the second half of its time, so that it is not old when it is needed.
    this.#countsAfterMs = Date.parse(certificate.issued_at) + lifeMs(this.scope) / 2;
    this.#beginAnew();
  }

  /** Ends what the certificate permits; evidence begins anew. Of another certificate than the latest it says nothing. */
  suspend(suspension: Suspension): void {
    if (this.#certificate?.id !== suspension.suspends || this.#suspension !== null) return;
    this.#suspension = suspension;
    this.#countsAfterMs = suspension.atMs;
    this.#beginAnew();
  }

  /** Whether the model may stand in at this time (milliseconds since the Unix epoch), and why. */
  standing(nowMs: number): SubstitutionStanding {
    const state = this.#state(nowMs);
    if (this.#told?.state !== state) this.#told = { certificate: this.#named, state, reason: this.#reason(state) };
    return this.#told;
  }

  /** Whether a fallback may answer by it. */
  isPermitting(nowMs: number): boolean {
    const state = this.#state(nowMs);
    return state === 'granted' || state === 'watched';
  }

  /** How many pairs are held in memory for it. */
  get size(): number {
    return this.#evidence.pairIds.length + (this.#certificate?.pairs.length ?? 0);
  }

  /** All figures, of the certificate and of the evidence for the next one. */
  view(nowMs: number): JsonObject {
    const { state, certificate, reason } = this.standing(nowMs);
    const { metrics = null, issued_at = null, expires_at = null, design = null, pairs } = this.#certificate ?? {};
    return {
      object: 'substitution',
      ...scopeMembers(this.scope),
      state,
      reason,
      certificate,
      issued_at,
      expires_at,
      metrics,
      design,
      pairs: pairs?.length ?? null,
      collecting: {
        pairs: this.#evidence.pairIds.length,
        class: this.#evidence.class,
        metrics: this.#evidence.figures(),
        missing: this.#evidence.missing(),
      },
    };
  }

  #beginAnew(): void {
    this.#evidence = new Evidence(this.scope);
    this.#weakCertificate = null;
    this.#told = null;
  }

  #state(nowMs: number): CertificateState {
    if (this.#certificate === null) return 'collecting';
    if (this.#suspension !== null || this.#watch.finding !== null) return 'suspended';
    if (nowMs >= Date.parse(this.#certificate.expires_at) || isAhead(this.#certificate, nowMs)) return 'expired';
    return this.#watch.doubt === null ? 'granted' : 'watched';
  }

  get #named(): string | null {
    return this.#certificate?.id ?? this.#weakCertificate;
  }

  #reason(state: CertificateState): string {
    const { pairs = [], issued_at = '', expires_at = '' } = this.#certificate ?? {};
    const held = `${pairs.length} pairs, no measure worse by more than its margin; until ${expires_at}`;
    switch (state) {
      case 'granted':
        return held;
      case 'watched':
        return `${this.#watch.doubt}; it was granted on ${held}`;
      case 'suspended':
        return `${this.#suspension?.reason ?? this.#watch.finding}; since then ${this.#evidence.summary}`;
      case 'expired':
        return `it holds from ${issued_at} until ${expires_at} only; for the next one ${this.#evidence.summary}`;
      default:
        return this.#evidence.summary;
    }
  }
}

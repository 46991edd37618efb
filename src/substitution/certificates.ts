import { newEventId } from '../core/identifier.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import type {
  CertificateView,
  SubstitutionPair,
  SubstitutionScope,
  SubstitutionStanding,
} from '../core/substitution.ts';
import { grantEvent, readCertificateEvent, type Suspension, suspensionEvent } from './certificate-event.ts';
import { type Certificate, isAhead, issueCertificate, type Signer } from './certificate.ts';
import { isScore, pairEvent, readPair } from './pair-event.ts';
import { changedMembers, isSameQuestion, scopeKey } from './scope.ts';
import { Substitution } from './substitution.ts';

/** What is held in memory at most; what permits nothing and was told of longest ago goes first. */
const MOST_SCOPES = 200;
const MOST_PAIRS_HELD = 100_000;

const SAME_MODEL: SubstitutionStanding = {
  certificate: null,
  state: 'granted',
  reason: 'another deployment of the same model needs no certificate',
};

export interface CertificatesOptions {
  readonly clock: { wallTime(): number };
  /** Adds an event to the ledger; nothing counts before that is done. */
  readonly note: (event: LedgerEvent) => void | Promise<unknown>;
  readonly signer: Signer;
}

/** Which models may stand in for which. Everything in it follows from events of the ledger. */
export class Certificates {
  readonly #options: CertificatesOptions;
  /** By scope, the one told of last at the end. */
  readonly #substitutions = new Map<string, Substitution>();
  /** By scope object, since requests ask with the same ones again and again. */
  readonly #keys = new WeakMap<SubstitutionScope, string>();
  #voids = new WeakMap<SubstitutionScope, SubstitutionStanding>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: CertificatesOptions) {
    this.#options = options;
  }

  /**
   * Notes a pair and counts it, and notes the certificate or the suspension that follows. Pairs are counted in the order
   * of the calls.
   * @throws RangeError for a score that is not from 0 to 1; and what `note` throws: a pair that was not noted is not
   *   counted, and a certificate that was not noted is issued with the next pair
   */
  async addPair(pair: SubstitutionPair): Promise<void> {
    if (!pair.scores.every(({ from, to }) => isScore(from) && isScore(to))) {
      throw new RangeError('a score is a number from 0 to 1, or null');
    }
    await this.#afterOthers(async () => {
      await this.#options.note(pairEvent(pair));
      await this.#conclude(this.#count(pair));
    });
  }

  /**
   * Takes over what the ledger has, oldest first: all of it at start, later what other processes noted. Events that are
   * known do no harm. Nothing is noted: what one process concludes, the others read.
   * @returns ids of pairs and certificates that cannot be read, and of certificates that a wrong clock has dated ahead
   */
  restore(events: readonly LedgerEvent[]): readonly string[] {
    const unreadable: string[] = [];
    const nowMs = this.#options.clock.wallTime();
    for (const event of events) {
      if (event.object === 'pair') {
        const pair = readPair(event);
        if (pair === null) unreadable.push(event.id);
        else this.#count(pair);
      } else if (event.object === 'certificate') {
        const fact = readCertificateEvent(event);
        const isDatedAhead = fact?.action === 'granted' && isAhead(fact.certificate, nowMs);
        if (fact === null || isDatedAhead) unreadable.push(event.id);
        else if (fact.action === 'granted') this.#grant(this.#substitution(fact.certificate), fact.certificate);
        else this.#substitution(fact.scope).suspend(fact);
      }
    }
    return unreadable;
  }

  /** Notes what follows from restored pairs and was never noted, since the process ended between the two. For one process, once after the start. */
  settle(): Promise<void> {
    return this.#afterOthers(async () => {
      for (const substitution of this.#substitutions.values()) await this.#conclude(substitution);
    });
  }

  /** Whether `to` may stand in for `from`, as it is known now: a look into memory. */
  standing(scope: SubstitutionScope): SubstitutionStanding {
    if (scope.from.model === scope.to.model) return SAME_MODEL;
    const own = this.#substitutions.get(this.#keyOf(scope))?.standing(this.#options.clock.wallTime()) ?? null;
    if (own !== null && own.certificate !== null) return own;
    const before = this.#voids.get(scope) ?? this.#nearest(scope);
    this.#voids.set(scope, before);
    if (own === null) return before;
    return before.state === 'none' ? own : { ...own, reason: `${own.reason}; ${before.reason}` };
  }

  #keyOf(scope: SubstitutionScope): string {
    const key = this.#keys.get(scope) ?? scopeKey(scope);
    this.#keys.set(scope, key);
    return key;
  }

  /** What is known of one scope, in figures; `null`: nothing. */
  view(scope: SubstitutionScope): CertificateView | null {
    return this.#substitutions.get(this.#keyOf(scope))?.view(this.#options.clock.wallTime()) ?? null;
  }

  /** Every scope of which anything is known, the one told of last at the end. */
  list(): readonly CertificateView[] {
    return Array.from(this.#substitutions.values(), (each) => each.view(this.#options.clock.wallTime()));
  }

  #count(pair: SubstitutionPair): Substitution {
    const substitution = this.#substitution(pair.scope);
    substitution.count(pair);
    this.#forget(substitution);
    return substitution;
  }

  /** The one of the scope, made if need be, and moved to the end. */
  #substitution(scope: SubstitutionScope): Substitution {
    const key = scopeKey(scope);
    const { route, from, to, checks, strict } = scope;
    const substitution = this.#substitutions.get(key) ?? new Substitution({ route, from, to, checks, strict });
    this.#substitutions.delete(key);
    this.#substitutions.set(key, substitution);
    return substitution;
  }

  #forget(present: Substitution): void {
    const nowMs = this.#options.clock.wallTime();
    let held = 0;
    for (const { size } of this.#substitutions.values()) held += size;
    while (this.#substitutions.size > 1 && (this.#substitutions.size > MOST_SCOPES || held > MOST_PAIRS_HELD)) {
      const others = [...this.#substitutions.values()].filter((each) => each !== present);
      const gone = others.find((each) => !each.isPermitting(nowMs)) ?? others[0];
      if (gone === undefined) return;
      held -= gone.size;
      this.#substitutions.delete(scopeKey(gone.scope));
      this.#voids = new WeakMap();
    }
  }

  async #conclude(substitution: Substitution): Promise<void> {
    const { finding } = substitution;
    if (finding !== null) await this.#suspend(substitution, finding);
    const evidence = substitution.due;
    if (evidence === null) return;
    const { clock, note, signer } = this.#options;
    const nowMs = clock.wallTime();
    const certificate = issueCertificate(newEventId('certificate', nowMs), nowMs, substitution.scope, evidence, signer);
    await note(grantEvent(certificate));
    this.#grant(substitution, certificate);
  }

  #grant(substitution: Substitution, certificate: Certificate): void {
    substitution.grant(certificate);
    this.#voids = new WeakMap();
  }

  async #suspend(substitution: Substitution, reason: string): Promise<void> {
    const { scope, certificate } = substitution;
    if (certificate === null) return;
    const atMs = this.#options.clock.wallTime();
    const suspension: Suspension = { suspends: certificate.id, scope, reason, atMs };
    await this.#options.note(suspensionEvent(newEventId('certificate', atMs), suspension, certificate.expires_at));
    substitution.suspend(suspension);
  }

  /** What is known of the same two models as they worked before, or work elsewhere. */
  #nearest(scope: SubstitutionScope): SubstitutionStanding {
    const known = [...this.#substitutions.values()].flatMap(({ scope: before, certificate }) =>
      certificate !== null && isSameQuestion(before, scope) ? [certificate] : [],
    );
    const here = known.filter(({ route }) => route === scope.route);
    const changes = (certificate: SubstitutionScope): readonly string[] => changedMembers(certificate, scope);
    const [nearest] = here.sort(
      (one, other) => changes(one).length - changes(other).length || other.issued_at.localeCompare(one.issued_at),
    );
    if (nearest !== undefined) {
      const reason = `since ${nearest.id} was granted, something has changed: ${changes(nearest).join(', ')}`;
      return { certificate: nearest.id, state: 'void', reason };
    }
    const [elsewhere] = known;
    const other = elsewhere === undefined ? '' : `; ${elsewhere.id} holds on route ${elsewhere.route} only`;
    const reason = `nobody has compared the two on route ${scope.route}${other}`;
    return { certificate: null, state: 'none', reason };
  }

  #afterOthers<Value>(task: () => Promise<Value>): Promise<Value> {
    const done = this.#queue.then(task);
    this.#queue = done.catch(() => null);
    return done;
  }
}

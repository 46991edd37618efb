import { generateKeyPairSync, sign } from 'node:crypto';
import { newEventId } from '../../src/core/identifier.ts';
import type { LedgerEvent } from '../../src/core/ledger-event.ts';
import type {
  PairedScore,
  SubstitutionPair,
  SubstitutionScope,
  SubstitutionStanding,
} from '../../src/core/substitution.ts';
import type { Certificate } from '../../src/substitution/certificate.ts';
import { readCertificateEvent } from '../../src/substitution/certificate-event.ts';
import { Certificates } from '../../src/substitution/certificates.ts';

export const DAY_MS = 24 * 3600 * 1000;
export const SCOPE: SubstitutionScope = {
  route: 'legal',
  from: { model: 'gpt-4o', snapshot: 'gpt-4o-2024-08-06', template: 'aaaa', params: null },
  to: { model: 'claude-opus', snapshot: 'claude-opus-4-20250514', template: 'bbbb', params: 'cccc' },
  checks: 'dddd',
  strict: false,
};
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
export const PUBLIC_KEY = publicKey;

/** What each side scored: 1 and 1 where nothing is said. */
export type Scores = Readonly<Record<string, readonly [from: number | null, to: number | null]>>;
export const ALIKE: Scores = { valid: [1, 1], grounded: [1, 1] };
export const WORSE: Scores = { valid: [1, 1], grounded: [1, 0] };

/** A ledger in memory, which processes share, and a clock that a pair moves on by a minute. */
export class CertificateBench {
  nowMs = Date.UTC(2026, 10, 2, 12);
  readonly events: LedgerEvent[] = [];
  readonly certificates: Certificates = this.process();
  /** What the ledger throws instead of noting; `null`: nothing. */
  refusal: Error | null = null;
  #items = 0;

  /** One more process over the same ledger, which has not read anything yet. */
  process(): Certificates {
    return new Certificates({
      clock: { wallTime: () => this.nowMs },
      note: async (event) => {
        await Promise.resolve();
        if (this.refusal !== null) throw this.refusal;
        this.events.push(JSON.parse(JSON.stringify(event)) as LedgerEvent);
      },
      signer: { keyId: 'test', sign: (bytes) => sign(null, bytes, privateKey) },
    });
  }

  pair(
    scores: Scores,
    changes: Partial<SubstitutionPair> & { readonly source?: PairedScore['source'] } = {},
  ): SubstitutionPair {
    this.nowMs += 60_000;
    const { source = 'validator', ...others } = changes;
    return {
      id: newEventId('pair', this.nowMs),
      atMs: this.nowMs,
      scope: SCOPE,
      item: `item-${this.#items++}`,
      generations: { from: null, to: null },
      scores: Object.entries(scores).map(([metric, [from, to]]) => ({ metric, source, from, to })),
      design: { kind: 'compare', sampling: 'latest 50' },
      ...others,
    };
  }

  /** Adds pairs, the same scores each time. */
  async add(count: number, scores: Scores, changes: Parameters<CertificateBench['pair']>[1] = {}): Promise<void> {
    for (let nth = 0; nth < count; nth++) await this.certificates.addPair(this.pair(scores, changes));
  }

  standing(scope: SubstitutionScope = SCOPE): SubstitutionStanding {
    return this.certificates.standing(scope);
  }

  /** The certificates that were noted, of either class. */
  get granted(): readonly Certificate[] {
    return this.events.flatMap((event) => {
      const fact = event.object === 'certificate' ? readCertificateEvent(event) : null;
      return fact?.action === 'granted' ? [fact.certificate] : [];
    });
  }
}

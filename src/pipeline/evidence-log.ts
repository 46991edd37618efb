import type { Confidences } from '../confidence/confidences.ts';
import type { ConfidenceLabel } from '../confidence/label.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { numberMember, objectMember, stringMember } from '../core/json.ts';
import type { LedgerEvent, LedgerEventKind } from '../core/ledger-event.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Certificates } from '../substitution/certificates.ts';
import type { Purpose } from './aside.ts';

/** The newest so many of each kind are read at start. */
const MOST_EVENTS = 100_000;
/** How often what other processes noted is looked for, and from how long before the last look: their clocks and writes may lag. */
const FOLLOW_EVERY_MS = 5_000;
const OVERLAP_MS = 30_000;

interface Parts {
  readonly ledger: Pick<Ledger, 'events'>;
  readonly certificates: Certificates;
  readonly confidences: Confidences;
  readonly clock: Clock;
  /** Told when the ledger cannot be read; what is known by then stays. */
  readonly onProblem: (cause: unknown) => void;
}

/** Brings what the ledger knows of outcomes, pairs and certificates to those who conclude from it. */
export class EvidenceLog {
  readonly #parts: Parts;
  /** Outcomes that were counted lately, so that an overlap counts none twice. */
  #latest: ReadonlySet<string> = new Set();
  /** Those that came to this process and have not yet been met in the ledger. */
  readonly #own = new Set<string>();
  /** Wall time at which everything was read that is known; `null`: nothing could be read yet. */
  #readAtMs: number | null = null;
  #timer: Timer | null = null;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads all there is. A ledger that cannot be read is told of, and nothing is concluded from it. */
  async restore(): Promise<void> {
    await this.#take();
  }

  /** Takes an outcome that came to this process. */
  add(event: LedgerEvent): void {
    if (this.#timer !== null) this.#own.add(event.id);
    this.#count(event);
  }

  #count(event: LedgerEvent): void {
    const label = labelOf(event);
    if (label !== null) this.#parts.confidences.addLabel(label);
  }

  /** Looks from now on, again and again, for what other processes of the folder have noted. */
  follow(): void {
    if (this.#isClosed) return;
    this.#timer = this.#parts.clock.setTimer(FOLLOW_EVERY_MS, () => {
      void this.#take().finally(() => this.follow());
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  /** Takes what was noted since it last could, so that a ledger that was away for a while hides nothing for ever. */
  async #take(): Promise<void> {
    const nowMs = this.#parts.clock.wallTime();
    const since = this.#readAtMs === null ? null : new Date(Math.min(this.#readAtMs, nowMs) - OVERLAP_MS).toISOString();
    try {
      const outcomes = await this.#read('outcome', since);
      for (const event of outcomes) {
        const isOwn = this.#own.delete(event.id);
        if (!isOwn && !this.#latest.has(event.id)) this.#count(event);
      }
      this.#latest = new Set(outcomes.map(({ id }) => id));
      const evidence = [...(await this.#read('pair', since)), ...(await this.#read('certificate', since))];
      const unread = this.#parts.certificates.restore(evidence.toSorted(byTime));
      if (unread.length > 0) this.#parts.onProblem(new Error(`evidence that cannot be used: ${unread.join(', ')}`));
      this.#readAtMs = nowMs;
    } catch (error) {
      if (!this.#isClosed) this.#parts.onProblem(error);
    }
  }

  async #read(object: LedgerEventKind, since: string | null): Promise<readonly LedgerEvent[]> {
    const { ledger, onProblem } = this.#parts;
    const events = await ledger.events({ object, limit: MOST_EVENTS, ...(since === null ? {} : { since }) });
    if (events.length >= MOST_EVENTS) {
      onProblem(
        new Error(`of ${object}s in the ledger the newest ${MOST_EVENTS} count: what is older says nothing here`),
      );
    }
    return events;
  }
}

function byTime(one: LedgerEvent, other: LedgerEvent): number {
  if (one.created_at === other.created_at) return one.id < other.id ? -1 : 1;
  return one.created_at < other.created_at ? -1 : 1;
}

/** Their answers are not given to anybody, and nobody asks how sure they are. */
const OPINIONS: ReadonlySet<string | null> = new Set<Purpose>(['judge', 'agreement']);

/** What an outcome says of the confidence in such answers; `null`: nothing, as its answer is not known well enough, or an opinion on another. */
function labelOf({ created_at, body }: LedgerEvent): ConfidenceLabel | null {
  if (OPINIONS.has(stringMember(body, 'aside'))) return null;
  const generation = stringMember(body, 'generation');
  const snapshot = stringMember(body, 'snapshot');
  const model = stringMember(body, 'model');
  const accepted = typeof body['accepted'] === 'boolean' ? body['accepted'] : numberMember(body, 'score');
  if (generation === null || snapshot === null || model === null || accepted === null) return null;
  return {
    generation,
    route: stringMember(body, 'route'),
    snapshot: answeringSnapshot(snapshot, stringMember(body, 'model_reported'), body['simulated'] === true),
    template: stringMember(body, 'template'),
    model,
    at: Date.parse(created_at),
    accepted,
    source: stringMember(body, 'source') ?? 'unknown',
    field: stringMember(body, 'field'),
    signals: objectMember(body, 'signals') ?? {},
  };
}

/**
 * The model that answered, by the name that its vendor reports: what was asked for may be an alias, behind which another
 * snapshot stands some day. By the name that was asked for where it reports none.
 */
export function answeringSnapshot(modelId: string, reported: string | null, simulated: boolean): string {
  if (simulated) return simulatedSnapshot(modelId);
  return reported === null || reported === '' ? modelId : reported;
}

/** What a simulated model is called where evidence is kept: nothing that is learnt of it holds for the real one. */
export function simulatedSnapshot(modelId: string): string {
  return `sim-${modelId}`;
}

import type { JsonObject } from '../core/json.ts';
import type { SubstitutionPair, SubstitutionScope } from '../core/substitution.ts';
import { eValue, pairsToGo } from './e-process.ts';
import {
  type CertifiedMetric,
  MetricEvidence,
  metricKey,
  type MetricFigures,
  saysWhetherRight,
} from './metric-evidence.ts';
import { scopeSeed } from './scope.ts';

/** Chance with which a certificate may be given to a model that is worse by more than the margin. */
export const ALPHA = 0.05;
const THRESHOLD = 1 / ALPHA;
/** Evidence that has not sufficed by then is given up. */
export const MOST_PAIRS = 5000;

/** How pairs came about, and how many of them. */
export interface DesignCount {
  readonly kind: SubstitutionPair['design']['kind'];
  readonly sampling: string;
  readonly n: number;
}

/** The pairs that speak for or against one certificate, in the order in which they were counted. */
export class Evidence {
  readonly #scope: SubstitutionScope;
  readonly #metrics = new Map<string, MetricEvidence>();
  readonly #items = new Set<string>();
  readonly #pairIds: string[] = [];
  readonly #designs = new Map<string, DesignCount>();
  #startedAtMs: number | null = null;
  #latestAtMs = -Infinity;

  constructor(scope: SubstitutionScope) {
    this.#scope = scope;
  }

  /** Counts a pair, unless its item was counted before: asking one thing again and again is no new evidence. */
  add(pair: SubstitutionPair): void {
    if (this.has(pair)) return;
    this.#items.add(pair.item);
    this.#pairIds.push(pair.id);
    this.#startedAtMs ??= pair.atMs;
    this.#latestAtMs = Math.max(this.#latestAtMs, pair.atMs);
    for (const score of pair.scores) {
      const metric = this.#metrics.get(metricKey(score)) ?? new MetricEvidence(score, this.#scope);
      metric.add(score);
      this.#metrics.set(metricKey(score), metric);
    }
    const { kind, sampling } = pair.design;
    const key = `${kind} ${sampling}`;
    this.#designs.set(key, { kind, sampling, n: (this.#designs.get(key)?.n ?? 0) + 1 });
  }

  /** Whether its item was counted before. */
  has({ item }: SubstitutionPair): boolean {
    return this.#items.has(item);
  }

  /** Wall time of the first pair; `null`: there is none. */
  get startedAtMs(): number | null {
    return this.#startedAtMs;
  }

  /** Wall time of the latest pair. */
  get latestAtMs(): number {
    return this.#latestAtMs;
  }

  get pairIds(): readonly string[] {
    return this.#pairIds;
  }

  get designs(): readonly DesignCount[] {
    return [...this.#designs.values()];
  }

  /** Whether every measure there is rejects, now, that the stand-in is worse by more than its margin. */
  get suffices(): boolean {
    return this.#metrics.size > 0 && [...this.#metrics.values()].every((metric) => eValue(metric.process) >= THRESHOLD);
  }

  /** `weak`: no measure except a judge’s says whether the answers are right. */
  get class(): 'full' | 'weak' {
    return this.figures().some(saysWhetherRight) ? 'full' : 'weak';
  }

  figures(): readonly MetricFigures[] {
    return Array.from(this.#metrics.values(), (metric) => metric.figures(this.#pairIds.length));
  }

  /** How many pairs without any difference each measure needs yet; `null`: more than are ever collected. */
  missing(): readonly JsonObject[] {
    return Array.from(this.#metrics.values(), (metric) => {
      const { name, source } = metric.figures(this.#pairIds.length);
      return { name, source, pairs: pairsToGo(metric.process, THRESHOLD, MOST_PAIRS) };
    });
  }

  certified(): readonly CertifiedMetric[] {
    const seed = scopeSeed(this.#scope);
    return Array.from(this.#metrics.values(), (metric) => metric.certified(this.#pairIds.length, seed));
  }

  /** How far it is, in numbers: `37 pairs; valid −2.7 points (margin 2), e-value 0.4 of 20`. */
  get summary(): string {
    const pairs = `${this.#pairIds.length} ${this.#pairIds.length === 1 ? 'pair' : 'pairs'}`;
    const [least] = [...this.#metrics.values()].sort((one, other) => one.process.logValue - other.process.logValue);
    if (least === undefined) return pairs;
    if (this.suffices) {
      const lacking =
        this.class === 'weak' ? ', but no measure except a judge’s says whether the answers are right' : '';
      return `${pairs}, which suffice${lacking}`;
    }
    const { name, source, diff, margin, evalue } = least.figures(this.#pairIds.length);
    const called = source === 'validator' ? name : `${name} (${source})`;
    if (diff === null) return `${pairs}; ${called}: no pair has it on both sides`;
    const togo = pairsToGo(least.process, THRESHOLD, MOST_PAIRS);
    const rest = togo === null ? '' : `; ${togo} more without a difference would do`;
    return `${pairs}; ${called} ${points(diff)} points (margin ${margin * 100}), e-value ${evalue} of ${THRESHOLD}${rest}`;
  }
}

/** A share in points with its sign: `−2.7`. */
export function points(share: number): string {
  const text = Math.abs(share * 100).toFixed(1);
  if (Number(text) === 0) return '±0';
  return `${share < 0 ? '−' : '+'}${text}`;
}

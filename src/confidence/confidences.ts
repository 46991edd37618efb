import type { JsonObject } from '../core/json.ts';
import type { BaseRate } from './calibrate.ts';
import { featuresOf } from './features.ts';
import { isAccepted, scopeKey, type ConfidenceLabel, type ConfidenceScope } from './label.ts';
import type { RuleInForce, ScopeEntry } from './scope-entry.ts';
import { calibrates, fitRoute, fitScope, isDue, type RouteFit, type ScopeFit } from './scope-fit.ts';
import { byTime, ScopeLabels } from './scope-labels.ts';
import { scopeReport } from './scope-report.ts';
import { scoreOf } from './score.ts';
import type { AcceptTerms } from './threshold.ts';
import { isAlarmed, watched } from './watch.ts';
import { learnWatchedRule, takes } from './watched-rule.ts';

/** How sure it is that an answer is right. */
export interface AssessedConfidence {
  /** The probability; `null`: nobody can tell. */
  readonly value: number | null;
  /** `transferred`: from labels of the same model on another route, or with another prompt. */
  readonly status: 'calibrated' | 'transferred' | 'uncalibrated' | 'unknown';
  /** The value is surely not less, 97.5 % sure; `null` as `value` is. */
  readonly lower95: number | null;
  /** Labels that this rests on. */
  readonly n: number;
  /** How many of the scope's answers are right, whatever their signals; `null`: none has a label. */
  readonly base_rate: BaseRate | null;
  readonly signals: JsonObject;
}

/** Whether an answer is to be taken under terms. */
export interface Acceptance {
  /** `unknown`: there is no rule; nothing is then to be taken for accepted. */
  readonly verdict: 'accept' | 'reject' | 'unknown';
  /** Why, in numbers. */
  readonly reason: string;
  /** The raw score from which on answers are taken; no probability. */
  readonly threshold: number | null;
}

const MOST_SCOPES = 500;
const MOST_ANSWERS = 100_000;
/** What a report may learn anew, so that nobody waits for it: about a tenth of a second. */
const MOST_LABELS_A_REPORT = 20_000;
/** Printed with three digits, and never as certain. */
const LEAST_VALUE = 0.001;
const MOST_VALUE = 0.999;

/**
 * How sure it is that answers are right, learnt from labels. Holds the latest 5,000 answers of a scope, 500 scopes and 100,000 answers;
 * what was labelled least recently goes first. Fits are made when they are asked for, and seldom (`isDue`).
 */
export class Confidences {
  readonly #clock: { wallTime(): number };
  readonly #scopes = new Map<string, ScopeEntry>();
  readonly #routes = new Map<string | null, RouteFit>();
  #answers = 0;

  constructor(clock: { wallTime(): number }) {
    this.#clock = clock;
  }

  /** Of the same generation, source and field the latest counts; an answer is right when all that counts says so. */
  addLabel(label: ConfidenceLabel): void {
    const key = scopeKey(label);
    let entry = this.#scopes.get(key);
    if (entry === undefined) {
      const { route, snapshot, template, model } = label;
      const labels = new ScopeLabels({ route, snapshot, template, model });
      entry = { key, labels, rule: null, fit: null, suspendedAtMs: null };
      this.#scopes.set(key, entry);
    }
    const sizeBefore = entry.labels.size;
    const isNew = entry.labels.add(label);
    this.#answers += entry.labels.size - sizeBefore;
    if (isNew) watch(entry, label);
    while (this.#scopes.size > MOST_SCOPES || this.#answers > MOST_ANSWERS) this.#dropScope();
  }

  /**
   * How sure it is that an answer with these signals is right.
   * @param terms under which such answers are taken: labels that their watch has voided say nothing; `null`: under none
   */
  assess(scope: ConfidenceScope, signals: JsonObject, terms: AcceptTerms | null = null): AssessedConfidence {
    const own = this.#scopes.get(scopeKey(scope));
    const fit = own === undefined ? null : terms === null ? this.#fitOf(own) : this.#ruleOf(own, terms).fit;
    const { status = 'unknown', baseRate = null } = fit?.calibration ?? {};
    // What has just turned out wrong here is not told by what held elsewhere.
    const isNew = status === 'unknown' && (own?.suspendedAtMs ?? null) === null;
    const from = isNew ? this.#relative(scope) : fit;
    const found = from?.calibration.of(scoreOf(from.score, featuresOf(signals))) ?? null;
    if (from === null || found === null) {
      return { value: null, status, lower95: null, n: fit?.n ?? 0, base_rate: rounded(baseRate), signals };
    }
    return {
      value: Math.max(LEAST_VALUE, printed(found.value)),
      status: from === fit ? 'calibrated' : 'transferred',
      lower95: printed(found.lower95),
      n: from.n,
      base_rate: rounded(baseRate),
      signals,
    };
  }

  /** Whether an answer with these signals is to be taken under the terms. Only labels of its own scope can say so. */
  acceptance(scope: ConfidenceScope, terms: AcceptTerms, signals: JsonObject): Acceptance {
    const entry = this.#scopes.get(scopeKey(scope));
    if (entry === undefined)
      return { verdict: 'unknown', reason: 'no label says how good such answers are', threshold: null };
    const { fit, learnt } = this.#ruleOf(entry, terms);
    const { rule } = learnt;
    if (rule.threshold === null) {
      const since = entry.suspendedAtMs === null ? '' : `suspended at ${new Date(entry.suspendedAtMs).toISOString()}: `;
      return { verdict: 'unknown', reason: `${since}${rule.reason}`, threshold: null };
    }
    const score = scoreOf(fit.score, featuresOf(signals));
    const isTaken = takes(rule, score);
    const { n, errors, bound, threshold } = rule;
    const evidence = `of ${n} labels from there on ${errors} say wrong, so at most ${percent(bound)} are`;
    const reason = `score ${score.toFixed(2)} is ${isTaken ? 'not below' : 'below'} ${threshold.toFixed(2)}; ${evidence}`;
    return { verdict: isTaken ? 'accept' : 'reject', reason, threshold };
  }

  /** What is known, scope by scope. A scope whose turn to be learnt has not come yet is shown as it was learnt last. */
  report(): JsonObject {
    let labelsLeft = MOST_LABELS_A_REPORT;
    const entries = Array.from(this.#scopes.values()).sort((a, b) => (a.key < b.key ? -1 : 1));
    const scopes = entries.map((entry) => {
      if (labelsLeft >= entry.labels.size) {
        const before = entry.fit;
        if (this.#fitOf(entry) !== before) labelsLeft -= entry.labels.size;
      }
      return scopeReport(entry);
    });
    return { scopes };
  }

  #fitOf(entry: ScopeEntry): ScopeFit {
    if (entry.rule !== null) return this.#ruleOf(entry, entry.rule.terms).fit;
    return this.#ownFitOf(entry);
  }

  #ownFitOf(entry: ScopeEntry): ScopeFit {
    const nowMs = this.#clock.wallTime();
    const { labels, fit, suspendedAtMs } = entry;
    if (fit !== null && !isDue(fit, labels.changes, nowMs)) return fit;
    const { score } = this.#routeFitOf(labels.scope.route, nowMs);
    const answers = labels.judged().filter(({ atMs }) => suspendedAtMs === null || atMs > suspendedAtMs);
    entry.fit = fitScope(score, answers, labels.changes, nowMs);
    return entry.fit;
  }

  #routeFitOf(route: string | null, nowMs: number): RouteFit {
    const all = Array.from(this.#scopes.values(), ({ labels }) => labels).filter(({ scope }) => scope.route === route);
    const changes = all.reduce((sum, labels) => sum + labels.changes, 0);
    const known = this.#routes.get(route) ?? null;
    if (known !== null && !isDue(known, changes, nowMs)) return known;
    const answers = all.flatMap((labels) => labels.inForce(nowMs)).sort(byTime);
    const fitted = fitRoute(answers, changes, nowMs);
    this.#routes.set(route, fitted);
    return fitted;
  }

  /** The rule for these terms, learnt from all that is known by now. */
  #ruleOf(entry: ScopeEntry, terms: AcceptTerms): RuleInForce {
    const fit = this.#ownFitOf(entry);
    const { rule } = entry;
    const isKnown = rule?.fit === fit && rule.terms.risk === terms.risk && rule.terms.delta === terms.delta;
    if (isKnown) return rule;
    const learnt = learnWatchedRule(terms, fit.labels, fit.atMs);
    entry.rule = { terms, fit, learnt };
    if (learnt.alarmedAtMs === null) return entry.rule;
    suspend(entry, learnt.alarmedAtMs);
    return this.#ruleOf(entry, terms);
  }

  /** The best-founded fit of the same model and snapshot elsewhere: on the same route if there is one, then by labels. */
  #relative(scope: ConfidenceScope): ScopeFit | null {
    const key = scopeKey(scope);
    const { snapshot, model } = scope;
    const relatives = Array.from(this.#scopes.values()).filter(
      ({ key: other, labels }) => other !== key && labels.scope.snapshot === snapshot && labels.scope.model === model,
    );
    // One request pays for one fit at most.
    const unfitted = relatives.find(({ fit }) => fit === null);
    if (unfitted !== undefined) this.#fitOf(unfitted);
    const isNear = ({ labels }: ScopeEntry): number => Number(labels.scope.route === scope.route);
    const [best] = relatives
      .filter(({ fit }) => fit?.calibration.status === 'calibrated')
      .sort((a, b) => isNear(b) - isNear(a) || (b.fit?.n ?? 0) - (a.fit?.n ?? 0) || (a.key < b.key ? -1 : 1));
    return best === undefined ? null : this.#fitOf(best);
  }

  #dropScope(): void {
    const [oldest] = Array.from(this.#scopes.values()).sort(
      (a, b) => a.labels.latestMs - b.labels.latestMs || (a.key < b.key ? -1 : 1),
    );
    if (oldest === undefined) return;
    this.#scopes.delete(oldest.key);
    this.#answers -= oldest.labels.size;
  }
}

/** Lets the rule in force see the label of an answer that it did not know. */
function watch(entry: ScopeEntry, { generation, signals, accepted, at }: ConfidenceLabel): void {
  const { fit, rule } = entry;
  if (fit === null || rule?.fit !== fit || !calibrates(fit.score, generation)) return;
  const { learnt, terms } = rule;
  if (!takes(learnt.rule, scoreOf(fit.score, featuresOf(signals)))) return;
  const seen = watched(learnt.watch, !isAccepted(accepted), terms.risk);
  entry.rule = { ...rule, learnt: { ...learnt, watch: seen } };
  if (isAlarmed(seen)) suspend(entry, at);
}

/** What came up to then counts no more, so all is to be learnt anew. */
function suspend(entry: ScopeEntry, atMs: number): void {
  entry.suspendedAtMs = Math.max(entry.suspendedAtMs ?? -Infinity, atMs);
  entry.fit = null;
}

function printed(value: number): number {
  return Math.min(MOST_VALUE, Math.round(value * 1000) / 1000);
}

function rounded(rate: BaseRate | null): BaseRate | null {
  if (rate === null) return null;
  return { value: printed(rate.value), lower95: printed(rate.lower95), upper95: printed(rate.upper95) };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

import type { Clock } from '../core/clock.ts';
import { isJsonObject, type JsonObject, type JsonValue, numberMember } from '../core/json.ts';
import type { Objective, ObjectiveEvidence } from '../core/objective.ts';
import { HALF_LIVES, type HalfLives } from './decay.ts';
import { DeploymentLoad } from './deployment-load.ts';
import { MeterTime } from './meter-time.ts';
import { MEASURED_FROM, type Observation, sizeBucket } from './observation.ts';
import { RouteMeters, type TurnedObjective } from './route-meters.ts';
import type { DeploymentSummary } from './summary.ts';
import { decodeEach, decodeMeters, encodeMeters } from './telemetry-snapshot.ts';
import { TrialPace } from './trial-pace.ts';

/** An objective that a deployment has begun to miss, or meets again. */
export interface ObjectiveChange extends TurnedObjective {
  readonly route: string | null;
  readonly deployment: string;
}

/** Where something is measured. */
export interface MeterPlace {
  /** `null`: requests that named a model. */
  readonly route: string | null;
  readonly deployment: string;
  /** The prompt's size (`sizeBucket`). */
  readonly bucket: number;
}

/** The members of a snapshot. */
export interface SnapshotParts {
  readonly version: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly meters: Iterable<JsonObject>;
}

const SNAPSHOT_VERSION = 1;
/** Deployments times routes; of more, those go that were used last longest ago: so many at once, for to find one takes as long. */
const MAX_METERS = 4096;
const REMOVED_AT_ONCE = 512;
/** Which share of the requests may try a candidate that was hardly ever measured. */
const UNMEASURED_TRIAL_SHARE = 0.02;
const NO_CHANGES: readonly ObjectiveChange[] = [];

/**
 * What is measured of each deployment: on each route, by the size of the prompt where that matters. Everything decays in
 * wall-clock time, speed and errors by half in 5 minutes, what says how good answers are by half in 24 hours; so every
 * `n` is a decayed count. Nothing runs in the background.
 */
export class Telemetry {
  readonly #time: MeterTime;
  readonly #clock: Clock;
  readonly #halfLives: HalfLives;
  #meters = new Map<string, Map<string | null, RouteMeters>>();
  #meterCount = 0;
  readonly #loads = new Map<string, DeploymentLoad>();
  readonly #paces = new Map<string | null, TrialPace>();
  #observations = 0;

  constructor(clock: Clock, halfLives: HalfLives = HALF_LIVES) {
    this.#clock = clock;
    this.#halfLives = halfLives;
    this.#time = new MeterTime(clock);
  }

  /** How many observations it was given: it grows when something has changed. */
  get observations(): number {
    return this.#observations;
  }

  /** One more request to it is under way. */
  begin(deployment: string): void {
    this.#load(deployment).underWay++;
  }

  /** One of the requests under way has ended. */
  end(deployment: string): void {
    const load = this.#load(deployment);
    load.underWay = Math.max(0, load.underWay - 1);
    const isForgotten = load.underWay === 0 && !this.#meters.has(deployment);
    if (load.isIdle() || isForgotten) this.#loads.delete(deployment);
  }

  /**
   * Counts the first content of a stream that goes on, so that a slow upstream is known before its answers have ended.
   * @param objectives of its route
   * @returns those that stand otherwise since then, with the evidence for it
   */
  firstContent(place: MeterPlace, ttftMs: number, objectives: readonly Objective[]): readonly ObjectiveChange[] {
    const { route, deployment, bucket } = place;
    const nowMs = this.#time.now();
    this.#load(deployment).firstContent(ttftMs, bucket, nowMs);
    return changesAt(place, this.#metersAt(deployment, route, nowMs).firstContent(ttftMs, bucket, objectives, nowMs));
  }

  /**
   * Counts one attempt that has ended.
   * @param objectives of its route
   * @param isTold whether `firstContent` was told of its first content
   * @returns those that stand otherwise since then, with the evidence for it
   */
  record(
    observation: Observation,
    objectives: readonly Objective[],
    isTold: boolean = false,
  ): readonly ObjectiveChange[] {
    const { deployment, route, ttftMs, wholeMs, promptTokens } = observation;
    const nowMs = this.#time.now();
    this.#observations++;
    const load = this.#load(deployment);
    const bucket = sizeBucket(promptTokens);
    const contentMs = ttftMs ?? wholeMs?.latest ?? null;
    if (contentMs === null) load.gaveUp(observation, bucket, nowMs);
    else if (!isTold) load.firstContent(contentMs, bucket, nowMs);
    const turned = this.#metersAt(deployment, route, nowMs).record(observation, objectives, nowMs, isTold);
    return changesAt(observation, turned);
  }

  evidence({ route, deployment, bucket }: MeterPlace, objective: Objective): ObjectiveEvidence {
    const { name, limit } = objective;
    const found = this.#find(deployment, route)?.evidence(objective, bucket, this.#time.now());
    if (found) return found;
    return { name, limit, value: null, n: 0, misses: 0, cusum: 0, was_missed: false, trial: { n: 0, misses: 0 } };
  }

  /** The time to the first content; of answers that never came, how long they were waited for. `null`: nothing is measured. */
  ttft({ route, deployment, bucket }: MeterPlace): { n: number; p50_ms: number; p95_ms: number } | null {
    const histogram = this.#find(deployment, route)?.ttft(bucket);
    if (!histogram) return null;
    const nowMs = this.#time.now();
    const p50 = histogram.quantile(0.5, nowMs);
    const p95 = histogram.quantile(0.95, nowMs);
    return p50 === null || p95 === null
      ? null
      : { n: rounded(histogram.total(nowMs), 1000), p50_ms: rounded(p50, 10), p95_ms: rounded(p95, 10) };
  }

  /** The recent time to first content, peaks included, times the requests under way and one; `null`: not measured. */
  load(deployment: string, bucket: number): number | null {
    return this.#loads.get(deployment)?.value(bucket, this.#time.now()) ?? null;
  }

  /** Expected completion tokens of an answer: their mean there. `null`: nothing is measured. */
  outputTokens({ route, deployment }: MeterPlace): number | null {
    return this.#find(deployment, route)?.outputTokens(this.#time.now()) ?? null;
  }

  /** Which share of its answers is accepted: more than 0, and 1 while nothing is measured (two accepted answers are assumed). */
  acceptedShare({ route, deployment }: MeterPlace): number {
    return this.#find(deployment, route)?.acceptedShare(this.#time.now()) ?? 1;
  }

  /**
   * Whether this request may try a candidate that misses an objective, or whose first content was observed there fewer
   * than 8 times: with a share of the requests that goes by what the objective allows to be missed and by how well it is
   * tried (unmeasured: 2 %), or when the last such permission is 5 minutes old, but for one in four requests of the route
   * at most, whoever of its candidates it is. It counts the requests itself: call it for each candidate
   * of a request once, one request after the other, and never for one that is not to be sent.
   * @param draw a number in [0, 1); only digits beyond its first six count, so that it may be one that decides other things
   */
  trialDue({ route, deployment, bucket }: MeterPlace, objectives: readonly Objective[], draw: number): boolean {
    const nowMs = this.#time.now();
    const meters = this.#find(deployment, route);
    const streams = meters?.ttft(bucket)?.total(nowMs) ?? 0;
    // Where answers come whole, trials would measure nothing.
    const isMeasured = Math.max(streams, meters?.wholeAnswers(nowMs) ?? 0) >= MEASURED_FROM;
    const missedShare = meters?.trialShare(objectives, bucket) ?? 0;
    const share = missedShare === 0 && !isMeasured ? UNMEASURED_TRIAL_SHARE : missedShare;
    return this.#pace(route).isDue(deployment, share, draw, nowMs);
  }

  /** What is measured, without what lasts seconds only: requests under way, peaks, when trials were made. */
  snapshot(): JsonObject {
    const { version, at, meters } = this.snapshotParts();
    return { version, at, meters: [...meters] };
  }

  /** The same, of which `meters` are made one by one as they are asked for: all at once would hold up requests. */
  snapshotParts(): SnapshotParts {
    const nowMs = this.#time.now();
    return { version: SNAPSHOT_VERSION, at: this.#clock.wallTime(), meters: this.#encoded(nowMs) };
  }

  *#encoded(nowMs: number): Generator<JsonObject> {
    for (const [deployment, route, meters] of this.#all()) {
      if (meters.isAlive(nowMs)) yield encodeMeters(deployment, route, meters, nowMs);
    }
  }

  /**
   * Takes what was measured from a snapshot, decayed by the time since then, in place of what is measured so far.
   * @returns false when it is no snapshot of this version: then nothing has changed
   */
  restore(snapshot: JsonValue): boolean {
    if (!isJsonObject(snapshot) || snapshot['version'] !== SNAPSHOT_VERSION) return false;
    const wallMs = numberMember(snapshot, 'at');
    if (wallMs === null || wallMs < 0) return false;
    const atMs = this.#time.at(wallMs);
    const decoded = decodeEach(snapshot['meters'], (meters) => decodeMeters(meters, atMs, this.#halfLives));
    if (decoded === null) return false;
    this.#meters = new Map();
    this.#meterCount = 0;
    for (const { deployment, route, meters } of decoded) this.#add(deployment, route, meters);
    return true;
  }

  /** What is measured of each deployment on each route, in the order in which they were first asked. */
  summary(): readonly DeploymentSummary[] {
    const nowMs = this.#time.now();
    return [...this.#all()].map(([deployment, route, meters]) => meters.summary(deployment, route, nowMs));
  }

  *#all(): Generator<[deployment: string, route: string | null, RouteMeters]> {
    for (const [deployment, routes] of this.#meters) {
      for (const [route, meters] of routes) yield [deployment, route, meters];
    }
  }

  #find(deployment: string, route: string | null): RouteMeters | undefined {
    return this.#meters.get(deployment)?.get(route);
  }

  #metersAt(deployment: string, route: string | null, nowMs: number): RouteMeters {
    return this.#find(deployment, route) ?? this.#add(deployment, route, new RouteMeters(nowMs, this.#halfLives));
  }

  #add(deployment: string, route: string | null, meters: RouteMeters): RouteMeters {
    if (this.#meterCount >= MAX_METERS) this.#removeLeastUsed();
    const routes = this.#meters.get(deployment) ?? new Map<string | null, RouteMeters>();
    this.#meters.set(deployment, routes);
    if (!routes.has(route)) this.#meterCount++;
    routes.set(route, meters);
    return meters;
  }

  #removeLeastUsed(): void {
    const byUse = [...this.#all()].toSorted(([, , one], [, , other]) => one.lastUsedMs - other.lastUsedMs);
    for (const [deployment, route] of byUse.slice(0, REMOVED_AT_ONCE)) {
      const routes = this.#meters.get(deployment);
      routes?.delete(route);
      this.#meterCount--;
      if (routes?.size !== 0) continue;
      this.#meters.delete(deployment);
      if (this.#loads.get(deployment)?.underWay === 0) this.#loads.delete(deployment);
    }
  }

  #load(deployment: string): DeploymentLoad {
    const found = this.#loads.get(deployment);
    if (found !== undefined) return found;
    const load = new DeploymentLoad();
    this.#loads.set(deployment, load);
    return load;
  }

  #pace(route: string | null): TrialPace {
    const found = this.#paces.get(route);
    if (found !== undefined) return found;
    const [oldest] = this.#paces.keys();
    if (this.#paces.size >= MAX_METERS && oldest !== undefined) this.#paces.delete(oldest);
    const pace = new TrialPace();
    this.#paces.set(route, pace);
    return pace;
  }
}

function changesAt(
  { route, deployment }: Pick<MeterPlace, 'route' | 'deployment'>,
  turned: readonly TurnedObjective[],
): readonly ObjectiveChange[] {
  return turned.length === 0 ? NO_CHANGES : turned.map((each) => ({ route, deployment, ...each }));
}

function rounded(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}

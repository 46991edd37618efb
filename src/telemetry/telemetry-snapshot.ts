import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberMember,
  objectMember,
  stringMember,
} from '../core/json.ts';
import type { ObjectiveName } from '../core/objective.ts';
import type { HalfLives } from './decay.ts';
import { DecayingTally } from './decaying-tally.ts';
import { LogHistogram, TOKENS_PER_SECOND_RANGE, TTFT_RANGE_MS, type ValueRange } from './log-histogram.ts';
import type { FastCount, MeterParts, SizeMeters, SlowCount } from './meter-parts.ts';
import { type MeterState, ObjectiveMeter } from './objective-meter.ts';
import { SIZE_BUCKETS } from './observation.ts';
import { RouteMeters } from './route-meters.ts';

/** What a snapshot holds of one deployment on one route. */
export function encodeMeters(
  deployment: string,
  route: string | null,
  { parts }: RouteMeters,
  nowMs: number,
): JsonObject {
  const objectives = (meters: readonly ObjectiveMeter[]): JsonValue =>
    meters.map((meter) => encodeState(meter.state(nowMs)));
  return {
    deployment,
    route,
    fast: encodeTally(parts.fast, nowMs),
    errors: encodeTally(parts.errors, nowMs),
    slow: encodeTally(parts.slow, nowMs),
    speed: encodeHistogram(parts.speed, nowMs),
    sizes: parts.sizes.map(
      (size) => size && { ttft: encodeHistogram(size.ttft, nowMs), objectives: objectives(size.meters) },
    ),
    objectives: objectives(parts.meters),
  };
}

/** The meters of one deployment on one route, out of a snapshot. */
export interface DecodedMeters {
  readonly deployment: string;
  readonly route: string | null;
  readonly meters: RouteMeters;
}

/** @param atMs when the snapshot was taken @returns `null` when it is none */
export function decodeMeters(value: JsonValue, atMs: number, halfLives: HalfLives): DecodedMeters | null {
  if (!isJsonObject(value)) return null;
  const deployment = stringMember(value, 'deployment');
  const route = stringMember(value, 'route');
  if (deployment === null || (route === null && value['route'] !== null)) return null;
  const parts = decodeParts(value, atMs, halfLives);
  return parts && { deployment, route, meters: new RouteMeters(atMs, halfLives, parts) };
}

function decodeParts(value: JsonObject, atMs: number, halfLives: HalfLives): MeterParts | null {
  const { fastMs, slowMs } = halfLives;
  const fast = decodeTally<FastCount>(value['fast'], fastMs, atMs);
  const errors = decodeTally<string>(value['errors'], fastMs, atMs);
  const slow = decodeTally<SlowCount>(value['slow'], slowMs, atMs);
  const speed = decodeHistogram(value['speed'], TOKENS_PER_SECOND_RANGE, atMs, halfLives);
  const meters = decodeObjectives(value['objectives'], atMs, halfLives);
  const sizes = decodeEach(value['sizes'], (size) => decodeSize(size, atMs, halfLives));
  if (fast === null || errors === null || slow === null || speed === null || meters === null) return null;
  if (sizes?.length !== SIZE_BUCKETS.length + 1) return null;
  return { fast, errors, slow, speed, sizes: sizes.map(({ size }) => size), meters };
}

function decodeSize(value: JsonValue, atMs: number, halfLives: HalfLives): { readonly size: SizeMeters | null } | null {
  if (value === null) return { size: null };
  if (!isJsonObject(value)) return null;
  const ttft = decodeHistogram(value['ttft'], TTFT_RANGE_MS, atMs, halfLives);
  const meters = decodeObjectives(value['objectives'], atMs, halfLives);
  return ttft && meters && { size: { ttft, meters } };
}

function encodeTally(tally: DecayingTally<string>, nowMs: number): JsonObject {
  return Object.fromEntries(tally.entries(nowMs));
}

function decodeTally<Name extends string>(
  value: JsonValue | undefined,
  halfLifeMs: number,
  atMs: number,
): DecayingTally<Name> | null {
  if (!isJsonObject(value)) return null;
  const sums = Object.entries(value);
  return sums.every((sum): sum is [Name, number] => isCount(sum[1]))
    ? DecayingTally.from(sums, halfLifeMs, atMs)
    : null;
}

function encodeHistogram(histogram: LogHistogram, nowMs: number): JsonObject {
  const { counts, recent } = histogram.state(nowMs);
  return { counts, recent };
}

function decodeHistogram(
  value: JsonValue | undefined,
  range: ValueRange,
  atMs: number,
  { fastMs }: HalfLives,
): LogHistogram | null {
  if (!isJsonObject(value)) return null;
  const counts = listOf(value['counts'], isPair);
  const recent = listOf(value['recent'], isCount);
  if (counts === null || recent === null) return null;
  return LogHistogram.from({ counts, recent }, range, fastMs, atMs);
}

const NAMES: ReadonlySet<string> = new Set<ObjectiveName>([
  'ttft_p95',
  'tokens_per_second',
  'error_rate',
  'valid_rate',
]);

function decodeObjectives(value: JsonValue | undefined, atMs: number, halfLives: HalfLives): ObjectiveMeter[] | null {
  const states = decodeEach(value, decodeState);
  return states && states.map((state) => ObjectiveMeter.from(state, atMs, halfLives));
}

function encodeState(state: MeterState): JsonObject {
  return { ...state, trial: { ...state.trial }, latest: { ...state.latest } };
}

function decodeState(value: JsonValue): MeterState | null {
  if (!isJsonObject(value)) return null;
  const name = stringMember(value, 'name');
  const { limit, cusum, was_missed } = value;
  const counts = decodeCounts(value);
  const trial = decodeCounts(objectMember(value, 'trial') ?? {});
  const latest = decodeCounts(objectMember(value, 'latest') ?? {});
  if (name === null || !NAMES.has(name) || !isCount(limit) || !isCount(cusum) || typeof was_missed !== 'boolean')
    return null;
  if (counts === null || trial === null || latest === null) return null;
  return { name: name as ObjectiveName, limit, ...counts, cusum, was_missed, trial, latest };
}

function decodeCounts(value: JsonObject): { readonly n: number; readonly misses: number } | null {
  const n = numberMember(value, 'n');
  const misses = numberMember(value, 'misses');
  return isCount(n) && isCount(misses) && misses <= n ? { n, misses } : null;
}

/** The list, when every item of it is such a one. */
function listOf<Item extends JsonValue>(
  value: JsonValue | undefined,
  isItem: (item: JsonValue) => item is Item,
): readonly Item[] | null {
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : null;
  return items?.every(isItem) ? items : null;
}

/** What the items of a list are; `null` when it is no list, or one of them is nothing. */
export function decodeEach<Item extends object>(
  value: JsonValue | undefined,
  decode: (item: JsonValue) => Item | null,
): Item[] | null {
  if (!Array.isArray(value)) return null;
  const items = (value as readonly JsonValue[]).map(decode);
  const found = items.filter((item) => item !== null);
  return found.length < items.length ? null : found;
}

function isPair(value: JsonValue): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(isCount);
}

/** More than anybody counts, also of nano-USD; a few of what a broken file may hold would add up to no number. */
const LARGEST_COUNT = 1e18;

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value <= LARGEST_COUNT;
}

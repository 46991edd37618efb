import { arrayMember, isJsonObject, type JsonObject, numberMember } from '../../core/json.ts';
import { nanoFromUsd } from '../../core/money.ts';
import type { Random } from '../../simulator/random.ts';
import type { Arm } from './arm.ts';
import type { ArmName } from './arm-config.ts';
import type { Asked } from './demo-client.ts';

/** One answer with its record; the record counts calls and money, also of an arm whose client never sees it. */
export interface Answered {
  readonly asked: Asked;
  readonly record: JsonObject;
}

/** One failure, played before both gateways with the same requests. */
export interface Scene<Figures extends JsonObject> {
  /** In JSON. */
  readonly key: string;
  readonly title: string;
  readonly situation: string;
  /** What of Candor catches it. */
  readonly mechanism: string;
  /** @param draws the same for both arms */
  play(arm: Arm, draws: Random, before: readonly Answered[]): Promise<Play<Figures>>;
  /** Whether the failure showed at the plain proxy, and not at Candor. */
  isCaught(plain: Figures, candor: Figures): boolean;
  /** What came of it in a few words, a line or two. */
  tell(figures: Figures, arm: ArmName): readonly string[];
}

interface Play<Figures> {
  readonly figures: Figures;
  /** The requests that the scene sent. */
  readonly answered: readonly Answered[];
  /** What was spent beforehand, so that it could be played. */
  readonly prepared?: Spent;
}

/** What requests took. */
export interface Spent {
  /** Requests to models. */
  readonly calls: number;
  /** `null`: the cost of one of them is not known. */
  readonly costNanoUsd: number | null;
  /** Time that clients waited, added up, by the virtual clock. */
  readonly waitedMs: number;
}

export const NOTHING_SPENT: Spent = { calls: 0, costNanoUsd: 0, waitedMs: 0 };

/** What these answers took together. */
export function spentOn(answered: readonly Answered[]): Spent {
  return answered.map(spentOnOne).reduce(sumOf, NOTHING_SPENT);
}

function spentOnOne({ asked, record }: Answered): Spent {
  const cost = numberMember(record, 'cost');
  return {
    calls: attemptsOf(record).length,
    costNanoUsd: nanoFromUsd(cost),
    waitedMs: asked.totalMs,
  };
}

/** Both together. */
export function sumOf(one: Spent, other: Spent): Spent {
  return {
    calls: one.calls + other.calls,
    costNanoUsd: one.costNanoUsd === null || other.costNanoUsd === null ? null : one.costNanoUsd + other.costNanoUsd,
    waitedMs: one.waitedMs + other.waitedMs,
  };
}

/** By how much the first is more than the second. */
export function differenceOf(one: Spent, other: Spent): Spent {
  return sumOf(one, {
    calls: -other.calls,
    costNanoUsd: other.costNanoUsd === null ? null : -other.costNanoUsd,
    waitedMs: -other.waitedMs,
  });
}

/** The attempts of a generation, by its record. */
export function attemptsOf(record: JsonObject): readonly JsonObject[] {
  return arrayMember(record, 'attempts').filter(isJsonObject);
}

/** Asks one after the other, and reads their records. */
export async function askInTurn(arm: Arm, requests: readonly Asked['request'][]): Promise<readonly Answered[]> {
  const asked: Asked[] = [];
  for (const request of requests) asked.push(await arm.clock.run(arm.ask(request)));
  return withRecords(arm, asked);
}

/** The answers, each with its record. */
export async function withRecords(arm: Arm, asked: readonly Asked[]): Promise<readonly Answered[]> {
  const records = await arm.records(asked);
  return asked.map((each, index) => ({ asked: each, record: records[index] ?? {} }));
}

/** The numbers from 0 up to, not including, the count. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

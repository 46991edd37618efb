import { arrayMember, isJsonObject, type JsonObject, objectMember, stringMember } from '../../core/json.ts';
import type { GenerationStatus } from '../../core/record.ts';
import { compareText } from '../text-order.ts';

/** Which generations a list shows. What is left out does not matter. */
export interface GenerationFilters {
  readonly route?: string;
  /** The model of the deployment that answered or, where none did, was asked last. */
  readonly model?: string;
  /** That deployment, as `provider/model`. */
  readonly deployment?: string;
  readonly status?: GenerationStatus;
  readonly key?: string;
  /** A data class among those of the request. */
  readonly data?: string;
  /** Whether there was a fallback, or the reason of one. */
  readonly fallback?: boolean | string;
  /** Whether Candor itself asked, or what for. */
  readonly aside?: boolean | string;
  /** Begun at this time or later; milliseconds since the Unix epoch. */
  readonly sinceMs?: number;
  /** Begun before this time. */
  readonly untilMs?: number;
}

/** Where a generation stands in a list, which is the same for as long as it is on record. */
export interface GenerationPlace {
  readonly createdMs: number;
  readonly id: string;
}

export interface GenerationQuery {
  readonly filters: GenerationFilters;
  /** How many at most. */
  readonly limit: number;
  /** Only those that come after this one in the list; `null`: from the newest on. */
  readonly after: GenerationPlace | null;
}

/** What a list looks at in a generation. */
export interface GenerationFacts extends GenerationPlace {
  readonly route: string | null;
  readonly model: string | null;
  readonly deployment: string | null;
  readonly status: string;
  readonly key: string | null;
  readonly fallback: string | null;
  /** What Candor itself asked for; `null`: a client asked. */
  readonly aside: string | null;
  readonly data: readonly string[];
}

/** The facts of a final record; those of an intent have no status and no deployment. */
export function generationFacts(record: JsonObject): GenerationFacts {
  const deployment = lastDeployment(record);
  const fallback = record['fallback'];
  const createdMs = Date.parse(stringMember(record, 'created_at') ?? '');
  return {
    id: stringMember(record, 'id') ?? '',
    // A record without a date is the oldest: it must not hide the others.
    createdMs: Number.isNaN(createdMs) ? 0 : createdMs,
    route: stringMember(record, 'route'),
    model: deployment === null ? null : modelOf(deployment),
    deployment,
    status: stringMember(record, 'status') ?? '',
    key: stringMember(record, 'key'),
    fallback: isJsonObject(fallback) ? stringMember(fallback, 'reason') : null,
    aside: stringMember(objectMember(record, 'aside') ?? {}, 'purpose'),
    data: arrayMember(record, 'data').filter((name) => typeof name === 'string'),
  };
}

/** The model's part of a deployment's name. */
export function modelOf(deployment: string): string {
  return deployment.slice(deployment.indexOf('/') + 1);
}

/** Whether the generation belongs to the list, and comes after the place that the list goes on from. */
export function isListed(facts: GenerationFacts, { filters, after }: GenerationQuery): boolean {
  const { route, model, deployment, status, key, data, fallback, aside, sinceMs, untilMs } = filters;
  return (
    (after === null || newestFirst(after, facts) < 0) &&
    (route === undefined || facts.route === route) &&
    (model === undefined || facts.model === model) &&
    (deployment === undefined || facts.deployment === deployment) &&
    (status === undefined || facts.status === status) &&
    (key === undefined || facts.key === key) &&
    (data === undefined || facts.data.includes(data)) &&
    (fallback === undefined || facts.fallback === fallback || (facts.fallback !== null) === fallback) &&
    (aside === undefined || facts.aside === aside || (facts.aside !== null) === aside) &&
    (sinceMs === undefined || facts.createdMs >= sinceMs) &&
    (untilMs === undefined || facts.createdMs < untilMs)
  );
}

/** The order of a list: by creation; ids break ties, since they sort by time too. */
export function newestFirst(a: GenerationPlace, b: GenerationPlace): number {
  return b.createdMs - a.createdMs || compareText(b.id, a.id);
}

/** The deployment that served or, where none did, the last one asked. */
function lastDeployment(record: JsonObject): string | null {
  const last = arrayMember(record, 'attempts').at(-1);
  return isJsonObject(last) ? stringMember(last, 'deployment') : null;
}

import {
  arrayMember,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberMember,
  objectMember,
  parseJson,
} from '../core/json.ts';
import type { Bodies } from './content/content-reader.ts';
import type { ChainPosition } from './journal/journal.ts';

/** What became of a record's bodies. */
export type ContentState = 'kept' | 'not_kept' | 'erased' | 'lost';

/** Why a generation has no record of its own end. */
export type InterruptionCause =
  /** Its process ended first. */
  | 'process_ended'
  /** It ended, but its record could not be written. */
  | 'not_written';

const INTERRUPTIONS = {
  process_ended: {
    error: null,
    why: 'the gateway ended before this request did; what the client got of an answer is not known',
  },
  not_written: {
    error: { code: 'ledger_unavailable', message: 'the record of this request could not be written' },
    why: 'the record of how this request ended could not be written; only its beginning is known',
  },
} as const;

/** A generation that has begun and not ended, as clients read it. */
export function runningView(intent: JsonObject, chain: ChainPosition): JsonObject {
  return { ...begunRecord(intent), content: 'not_kept', chain: { ...chain } };
}

/** The final record of a generation that has none of its own: `null` for everything that only its end could have told. */
export function interruptedRecord(intent: JsonObject, cause: InterruptionCause): JsonObject {
  return {
    ...begunRecord(intent),
    status: 'interrupted',
    ...INTERRUPTIONS[cause],
    validation: { status: 'none', verdicts: [] },
  };
}

/** What an intent knows of its generation. */
function begunRecord(intent: JsonObject): JsonObject {
  const { object: _object, plan: _plan, request, ...known } = intent;
  const planned = arrayMember(intent, 'plan');
  return {
    ...known,
    object: 'generation',
    status: 'running',
    http: null,
    error: null,
    ended_at: null,
    served_by: null,
    fallback: null,
    degraded: null,
    adjustments: [],
    validation: { status: 'pending', verdicts: [] },
    confidence: { value: null, status: 'unknown', signals: {} },
    why: 'the request is under way',
    request: { ...(isJsonObject(request) ? request : {}), body: null },
    candidates: planned.map((deployment) => ({ deployment, verdict: 'eligible', reasons: [] })),
    decision: null,
    attempts: [],
    usage: null,
    cost: null,
  };
}

/** A finished generation as clients read it: the stored record, its bodies as UTF-8 text, and its place in the chain. */
export function finishedView(
  record: JsonObject,
  chain: ChainPosition,
  content: ContentState,
  bodies: Bodies | null,
): JsonObject {
  const view = bodies === null ? record : { ...record, ...filledMembers(record, bodies) };
  return { ...view, content, chain: { ...chain } };
}

function filledMembers(record: JsonObject, bodies: Bodies): JsonObject {
  return {
    request: filled(record['request'], bodies.get('request')),
    attempts: arrayMember(record, 'attempts').map((attempt, index) =>
      isJsonObject(attempt)
        ? {
            ...attempt,
            sent: filled(attempt['sent'], bodies.get(`attempts[${index}].sent`)),
            received: filled(attempt['received'], bodies.get(`attempts[${index}].received`)),
            ...withEvidence(attempt, bodies.get(`attempts[${index}].evidence`)),
          }
        : attempt,
    ),
  };
}

function filled(reference: JsonValue | undefined, body: Buffer | undefined): JsonValue | undefined {
  if (body === undefined || !isJsonObject(reference)) return reference;
  return { ...reference, body: body.toString('utf8') };
}

/** The attempt's `validation` with the evidence that was kept beside the record; nothing when none was. */
function withEvidence(attempt: JsonObject, kept: Buffer | undefined): JsonObject {
  const validation = objectMember(attempt, 'validation');
  if (kept === undefined || validation === null) return {};
  const entries = parseJson(kept.toString('utf8'));
  const evidence = new Map<number | null, JsonValue | undefined>();
  for (const entry of Array.isArray(entries) ? (entries as readonly JsonValue[]) : []) {
    if (isJsonObject(entry)) evidence.set(numberMember(entry, 'verdict'), entry['evidence']);
  }
  const verdicts = arrayMember(validation, 'verdicts').map((verdict, index) =>
    isJsonObject(verdict) && verdict['evidence'] === null
      ? { ...verdict, evidence: evidence.get(index) ?? null }
      : verdict,
  );
  return { validation: { ...validation, verdicts } };
}

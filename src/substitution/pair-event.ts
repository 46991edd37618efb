import { arrayMember, isJsonObject, type JsonObject, objectMember, stringMember } from '../core/json.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import type {
  EvidenceKind,
  ModelScope,
  PairedScore,
  ScoreSource,
  SubstitutionPair,
  SubstitutionScope,
} from '../core/substitution.ts';
import { scopeMembers } from './certificate.ts';

const SOURCES: readonly ScoreSource[] = ['validator', 'label', 'judge', 'human'];
const KINDS: readonly EvidenceKind[] = ['compare', 'golden', 'shadow', 'replay'];

/** The pair as the ledger keeps it. */
export function pairEvent({ id, atMs, scope, item, generations, scores, design }: SubstitutionPair): LedgerEvent {
  return {
    id,
    object: 'pair',
    created_at: new Date(atMs).toISOString(),
    body: {
      ...scopeMembers(scope),
      item,
      generations: { ...generations },
      scores: scores.map((score) => ({ ...score })),
      design: { ...design },
    },
  };
}

/** The pair an event tells of; `null` when it does not say what it must. */
export function readPair({ id, created_at, body }: LedgerEvent): SubstitutionPair | null {
  const atMs = Date.parse(created_at);
  const scope = readScope(body);
  const item = stringMember(body, 'item');
  const scores = arrayMember(body, 'scores').map((score) => (isJsonObject(score) ? readScore(score) : null));
  const design = objectMember(body, 'design') ?? {};
  const kind = KINDS.find((known) => known === design['kind']);
  const sampling = stringMember(design, 'sampling');
  const generations = objectMember(body, 'generations') ?? {};
  if (Number.isNaN(atMs) || scope === null || item === null || kind === undefined || sampling === null) return null;
  if (!scores.every((score) => score !== null)) return null;
  return {
    id,
    atMs,
    scope,
    item,
    generations: { from: stringMember(generations, 'from'), to: stringMember(generations, 'to') },
    scores,
    design: { kind, sampling },
  };
}

/** The scope that an event's body or a certificate names; `null` when it names none. */
export function readScope(body: JsonObject): SubstitutionScope | null {
  const route = stringMember(body, 'route');
  const from = readModel(objectMember(body, 'from'));
  const to = readModel(objectMember(body, 'to'));
  const checks = stringMember(body, 'checks');
  const strict = body['strict'];
  if (route === null || from === null || to === null || checks === null || typeof strict !== 'boolean') return null;
  return { route, from, to, checks, strict };
}

function readModel(side: JsonObject | null): ModelScope | null {
  const model = side === null ? null : stringMember(side, 'model');
  const snapshot = side === null ? null : stringMember(side, 'snapshot');
  if (side === null || model === null || snapshot === null) return null;
  return { model, snapshot, template: stringMember(side, 'template'), params: stringMember(side, 'params') };
}

function readScore(score: JsonObject): PairedScore | null {
  const metric = stringMember(score, 'metric');
  const source = SOURCES.find((known) => known === score['source']);
  const [from, to] = [score['from'], score['to']];
  if (metric === null || source === undefined || !isScore(from) || !isScore(to)) return null;
  return { metric, source, from, to };
}

/** Whether the value is a score: a number from 0 to 1, or `null`. */
export function isScore(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && value >= 0 && value <= 1);
}

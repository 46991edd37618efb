import type { JsonObject, JsonValue } from '../core/json.ts';
import { type Fault, type FaultName, FaultRejected } from '../core/simulation.ts';
import { isCount, isMediaType, type ParsedFault } from './fault.ts';

/** A scripted fault: as it was asked for, every default written out, and what it means to a request. */
export interface ScriptedFault {
  readonly fault: Fault;
  readonly effect: ParsedFault;
  /** It meets every n-th answer. */
  readonly every: number;
}

interface FaultRule {
  /** Its own members, as a person would write them. */
  readonly members: readonly string[];
  readonly read: (fault: JsonObject) => {
    readonly own: JsonObject;
    readonly effect: ParsedFault;
    readonly every?: number;
  };
}

const RULES: Readonly<Record<FaultName, FaultRule>> = {
  outage: {
    members: ['status'],
    read(fault) {
      const status = fault['status'] ?? 503;
      if (status === 'refuse') return { own: { status }, effect: { kind: 'unreachable' } };
      if (status === 503 || status === 429) return { own: { status }, effect: { kind: 'status', status } };
      throw rejected(`"status" of outage is 503, 429 or "refuse", not ${JSON.stringify(status)}`);
    },
  },
  malformed_json: {
    members: ['every'],
    read(fault) {
      const every = countOf(fault, 'every', 1);
      if (every === 0) throw rejected('"every" of malformed_json is at least 1');
      return { own: { every }, effect: { kind: 'malformed' }, every };
    },
  },
  slow: {
    members: ['ms'],
    read: (fault) => ({
      own: { ms: countOf(fault, 'ms') },
      effect: { kind: 'slow', firstTokenMs: countOf(fault, 'ms') },
    }),
  },
  invent_citations: { members: [], read: () => ({ own: {}, effect: { kind: 'invent' } }) },
  refuse: { members: [], read: () => ({ own: {}, effect: { kind: 'refusal' } }) },
  cut: {
    members: ['after_tokens', 'clean'],
    read(fault) {
      const afterTokens = countOf(fault, 'after_tokens');
      const clean = fault['clean'] ?? false;
      if (typeof clean !== 'boolean') throw rejected('"clean" of cut is true or false');
      return { own: { after_tokens: afterTokens, clean }, effect: { kind: 'cut', afterTokens, clean } };
    },
  },
  stall: {
    members: ['after_tokens'],
    read(fault) {
      const afterTokens = countOf(fault, 'after_tokens');
      return { own: { after_tokens: afterTokens }, effect: { kind: 'stall', afterTokens } };
    },
  },
  content_type: {
    members: ['value'],
    read(fault) {
      const value = fault['value'] ?? 'text/html';
      if (typeof value !== 'string' || !isMediaType(value))
        throw rejected('"value" of content_type is a media type such as "text/html"');
      return { own: { value }, effect: { kind: 'content-type', value } };
    },
  },
  rate_limit: {
    members: ['retry_after_s'],
    read(fault) {
      const retryAfterSeconds = countOf(fault, 'retry_after_s');
      return { own: { retry_after_s: retryAfterSeconds }, effect: { kind: 'rate-limit', retryAfterSeconds } };
    },
  },
};

/**
 * Reads a fault as clients post it. Left out, `status` is 503, `every` 1, `clean` false and `value` text/html.
 * @throws FaultRejected with what is accepted instead.
 */
export function readFault(posted: JsonObject): ScriptedFault {
  const target = posted['target'];
  if (typeof target !== 'string' || target === '') throw rejected('"target" names a simulated provider or model');
  const name = posted['fault'];
  if (typeof name !== 'string' || !isFaultName(name)) {
    throw rejected(`"fault" is one of ${Object.keys(RULES).join(', ')}, not ${JSON.stringify(name ?? null)}`);
  }
  const rule = RULES[name];
  const known = ['target', 'fault', 'for_ms', ...rule.members];
  const unknown = Object.keys(posted).find((member) => !known.includes(member));
  if (unknown !== undefined) throw rejected(`${name} has no "${unknown}"; it takes ${known.join(', ')}`);
  const { own, effect, every = 1 } = rule.read(posted);
  const lasts = posted['for_ms'] === undefined ? {} : { for_ms: countOf(posted, 'for_ms') };
  return { fault: { target, fault: name, ...own, ...lasts }, effect, every };
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(RULES, name);
}

function countOf(fault: JsonObject, member: string, fallback?: number): number {
  const value: JsonValue = fault[member] ?? fallback ?? null;
  if (typeof value === 'number' && isCount(value)) return value;
  throw rejected(`"${member}" is a whole number from 0 to 86400000, not ${JSON.stringify(value)}`);
}

function rejected(message: string): FaultRejected {
  return new FaultRejected('invalid_request', message);
}

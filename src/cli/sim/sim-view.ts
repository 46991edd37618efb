import { arrayMember, isJsonObject, numberMember, stringMember, type JsonObject } from '../../core/json.ts';
import { durationText } from '../format.ts';

/** What a fault now does, as the simulator accepted it, and how to undo it. */
export function faultAddedText(fault: JsonObject): string {
  return `${faultText(fault)} (simulated). Undo: candor sim reset\n`;
}

/** The faults in force, one a line. */
export function faultListText(list: JsonObject): string {
  const faults = arrayMember(list, 'data').filter(isJsonObject);
  if (faults.length === 0) return 'no simulated faults\n';
  return faults.map((fault) => `${faultText(fault)}\n`).join('');
}

function faultText(fault: JsonObject): string {
  const forMs = numberMember(fault, 'for_ms');
  const duration = forMs === null ? '' : ` for ${durationText(forMs)}`;
  return `${stringMember(fault, 'target') ?? '?'} ${effectText(fault)}${duration}`;
}

function effectText(fault: JsonObject): string {
  const number = (member: string): number => numberMember(fault, member) ?? 0;
  switch (stringMember(fault, 'fault')) {
    case 'outage':
      return fault['status'] === 'refuse' ? 'refuses connections' : `answers ${numberMember(fault, 'status') ?? 503}`;
    case 'malformed_json':
      return number('every') <= 1
        ? 'breaks the JSON of every answer'
        : `breaks the JSON of every ${number('every')}. answer`;
    case 'slow':
      return `takes ${durationText(number('ms'))} to the first token`;
    case 'invent_citations':
      return 'invents citations';
    case 'refuse':
      return 'refuses to answer';
    case 'cut':
      return `cuts answers after ${number('after_tokens')} tokens`;
    case 'stall':
      return `stalls after ${number('after_tokens')} tokens`;
    case 'content_type':
      return `answers with content type ${stringMember(fault, 'value') ?? '?'}`;
    case 'rate_limit':
      return `answers 429 with Retry-After ${number('retry_after_s')}`;
    default:
      return `meets ${stringMember(fault, 'fault') ?? 'an unknown fault'}`;
  }
}

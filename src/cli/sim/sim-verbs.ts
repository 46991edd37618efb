import { InvalidArgumentError } from 'commander';

import { DURATION_FORM, parseDuration } from '../../config/duration.ts';
import type { JsonObject } from '../../core/json.ts';

/** What the command line says of one fault. */
export interface FaultOptions {
  readonly for?: number;
  readonly status?: number | 'refuse';
  readonly every?: number;
  readonly after?: number;
  readonly retryAfter?: number;
}

/** A word of the command line with the way it is read. Reading throws `InvalidArgumentError`. */
interface Word {
  readonly form: string;
  readonly description: string;
  readonly parse: (text: string) => number | string;
}

/** One verb of `candor sim` that puts a fault in force. */
export interface FaultVerb {
  readonly name: string;
  readonly description: string;
  /** A second argument, after the target. */
  readonly argument?: Word;
  readonly option?: Word & { readonly required: boolean };
  /** The fault in the words of the administration, without target and duration. */
  readonly fault: (options: FaultOptions, argument: number | string | undefined) => JsonObject;
}

const AFTER = { form: '--after <tokens>', description: 'tokens that still come', parse: parseCount, required: true };

export const FAULT_VERBS: readonly FaultVerb[] = [
  {
    name: 'outage',
    description: 'answer with an error, or refuse connections',
    option: { form: '--status <status>', description: '503, 429 or refuse', parse: parseStatus, required: false },
    fault: ({ status }) => ({ fault: 'outage', status: status ?? 503 }),
  },
  {
    name: 'slow',
    description: 'take long to the first token',
    argument: { form: '<duration>', description: DURATION_FORM, parse: parseDurationMs },
    fault: (_options, ms) => ({ fault: 'slow', ms }),
  },
  {
    name: 'malformed',
    description: 'break the JSON of answers',
    option: { form: '--every <n>', description: 'every n-th answer only', parse: parsePositive, required: false },
    fault: ({ every }) => ({ fault: 'malformed_json', every: every ?? 1 }),
  },
  {
    name: 'cut',
    description: 'break the connection in the middle of an answer',
    option: AFTER,
    fault: ({ after }) => ({ fault: 'cut', after_tokens: after }),
  },
  {
    name: 'stall',
    description: 'fall silent in the middle of an answer',
    option: AFTER,
    fault: ({ after }) => ({ fault: 'stall', after_tokens: after }),
  },
  {
    name: 'refuse',
    description: 'refuse to answer, in the way of the vendor',
    fault: () => ({ fault: 'refuse' }),
  },
  {
    name: 'invent',
    description: 'cite sources that do not exist',
    fault: () => ({ fault: 'invent_citations' }),
  },
  {
    name: 'content-type',
    description: 'answer with another content type',
    argument: { form: '<type>', description: 'such as text/html', parse: String },
    fault: (_options, value) => ({ fault: 'content_type', value }),
  },
  {
    name: 'rate-limit',
    description: 'answer 429 with Retry-After',
    option: {
      form: '--retry-after <seconds>',
      description: 'what Retry-After says',
      parse: parseCount,
      required: true,
    },
    fault: ({ retryAfter }) => ({ fault: 'rate_limit', retry_after_s: retryAfter }),
  },
];

/** Milliseconds of a duration. @throws InvalidArgumentError */
export function parseDurationMs(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === null) throw new InvalidArgumentError(`write ${DURATION_FORM}.`);
  return durationMs;
}

function parseStatus(text: string): number | 'refuse' {
  if (text === 'refuse') return text;
  if (text === '503' || text === '429') return Number(text);
  throw new InvalidArgumentError('use 503, 429 or refuse.');
}

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('write a whole number.');
}

function parsePositive(text: string): number {
  const count = parseCount(text);
  if (count > 0) return count;
  throw new InvalidArgumentError('write a whole number from 1.');
}

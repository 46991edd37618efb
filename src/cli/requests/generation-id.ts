import { isGenerationId } from '../../core/identifier.ts';
import { stringMember } from '../../core/json.ts';
import type { GatewayClient } from '../client.ts';
import { CommandError } from '../command-error.ts';
import { generationPages } from './generation-list.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PREFIX = /^gen_([0-9A-HJKMNP-TV-Z]+)$/;
const TIME_DIGITS = 10;
/** With these the beginning of an id stands for 32 seconds, so that few have to be looked through. */
const LEAST_DIGITS = 7;
/** Between the arrival, which the id tells, and the beginning on record the body is read. */
const ARRIVAL_MS = 600_000;

/**
 * The whole id that begins so. What is no beginning of one, or too short to be looked for, is given back as it is.
 * @throws CommandError when none begins so, or more than one
 */
export async function wholeId(gateway: GatewayClient, text: string): Promise<string> {
  const digits = PREFIX.exec(text)?.[1];
  if (digits === undefined || digits.length < LEAST_DIGITS || isGenerationId(text)) return text;
  const [sinceMs, untilMs] = madeBetween(digits);
  const [since, until] = [sinceMs, untilMs + ARRIVAL_MS].map((ms) => new Date(ms).toISOString()) as [string, string];
  const filters = { since, until, aside: 'any' };
  const found: string[] = [];
  for await (const page of generationPages(gateway, filters)) {
    const ids = page.map((generation) => stringMember(generation, 'id') ?? '');
    found.push(...ids.filter((id) => id.startsWith(text)));
    const [first, second] = found;
    if (first !== undefined && second !== undefined)
      throw new CommandError(1, `more than one id begins with ${text}: ${first}, ${second}`);
  }
  const [id] = found;
  if (id === undefined) throw new CommandError(1, `no id on record begins with ${text}`);
  return id;
}

/** From when to when ids that begin so were made, in milliseconds since the Unix epoch. */
function madeBetween(digits: string): readonly [sinceMs: number, untilMs: number] {
  const time = digits.slice(0, TIME_DIGITS);
  return [read(time.padEnd(TIME_DIGITS, '0')), read(time.padEnd(TIME_DIGITS, 'Z')) + 1];
}

function read(digits: string): number {
  let value = 0;
  for (const digit of digits) value = value * 32 + CROCKFORD.indexOf(digit);
  return value;
}

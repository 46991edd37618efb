import { randomUUID } from 'node:crypto';
import type { LedgerEventKind } from './ledger-event.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const EVENT_PREFIXES: Readonly<Record<LedgerEventKind, string>> = {
  outcome: 'out',
  certificate: 'cert',
  pair: 'pair',
};

/**
 * A generation id: `gen_` and 26 Crockford base-32 digits, ten of time (milliseconds) and sixteen
 * of randomness (80 bits), so that ids sort by the time they were made (the layout of ULID).
 */
export function newGenerationId(wallTimeMs: number): string {
  return newId('gen', wallTimeMs);
}

/** The id of a ledger event: the same digits after `out_`, `cert_` or `pair_`. */
export function newEventId(kind: LedgerEventKind, wallTimeMs: number): string {
  return newId(EVENT_PREFIXES[kind], wallTimeMs);
}

function newId(prefix: string, wallTimeMs: number): string {
  let time = '';
  let rest = Math.floor(wallTimeMs);
  for (let digit = 0; digit < TIME_DIGITS; digit++) {
    time = CROCKFORD[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  return `${prefix}_${time}${randomDigits()}`;
}

/** Whether the text has the shape of a generation id. */
export function isGenerationId(text: string): boolean {
  return /^gen_[0-9A-HJKMNP-TV-Z]{26}$/.test(text);
}

/** Sixteen digits out of a random UUID, whose bits Node draws many at a time. */
function randomDigits(): string {
  const uuid = randomUUID();
  // Only hexadecimal digits that are random throughout: not those of the version and the variant.
  return base32(uuid.slice(0, 8) + uuid.slice(9, 11)) + base32(uuid.slice(24, 34));
}

/** Eight digits for ten hexadecimal ones, which are forty bits. */
function base32(hexadecimal: string): string {
  let digits = '';
  for (let at = 0; at < 10; at += 5) {
    const bits = Number.parseInt(hexadecimal.slice(at, at + 5), 16);
    digits += digit(bits >> 15) + digit(bits >> 10) + digit(bits >> 5) + digit(bits);
  }
  return digits;
}

/** The digit of the lowest five bits. */
function digit(bits: number): string {
  return CROCKFORD.charAt(bits & 31);
}

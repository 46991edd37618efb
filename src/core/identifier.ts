import { randomBytes } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const RANDOM_BYTES = 10;

/**
 * A generation id: `gen_` and 26 Crockford base-32 digits, ten of time (milliseconds) and sixteen
 * of randomness (80 bits), so that ids sort by the time they were made (the layout of ULID).
 */
export function newGenerationId(wallTimeMs: number): string {
  let time = '';
  let rest = Math.floor(wallTimeMs);
  for (let digit = 0; digit < TIME_DIGITS; digit++) {
    time = CROCKFORD[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  return `gen_${time}${base32(randomBytes(RANDOM_BYTES))}`;
}

/** Whether the text has the shape of a generation id. */
export function isGenerationId(text: string): boolean {
  return /^gen_[0-9A-HJKMNP-TV-Z]{26}$/.test(text);
}

function base32(bytes: Buffer): string {
  let digits = '';
  for (let offset = 0; offset < bytes.length; offset += 5) {
    let chunk = 0n;
    for (let i = 0; i < 5; i++) chunk = (chunk << 8n) | BigInt(bytes[offset + i] ?? 0);
    let part = '';
    for (let i = 0; i < 8; i++) {
      part = CROCKFORD[Number(chunk & 31n)] + part;
      chunk >>= 5n;
    }
    digits += part;
  }
  return digits;
}

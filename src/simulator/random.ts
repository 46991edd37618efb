import { createHash } from 'node:crypto';

/** A repeatable source of choices. */
export interface Random {
  /** A number from 0 up to, not including, 1. */
  next(): number;
  /** One of the choices, which must not be empty. */
  pick<Choice>(choices: readonly Choice[]): Choice;
}

/** Choices that depend on the words given and on nothing else. */
export function randomFrom(...words: readonly (string | number)[]): Random {
  let state = createHash('sha256').update(words.join('\u0000')).digest().readUInt32LE(0);
  // mulberry32, a small public-domain generator: its quality is enough to vary tone and delay.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    pick(choices) {
      const choice = choices[Math.floor(next() * choices.length)];
      if (choice === undefined) throw new RangeError('nothing to pick from');
      return choice;
    },
  };
}

/** Letters and digits that depend on the words given and on nothing else; for ids. */
export function tokenFrom(length: number, ...words: readonly (string | number)[]): string {
  const hash = createHash('sha512').update(words.join('\u0000')).digest('base64');
  return hash.replace(/[^A-Za-z0-9]/g, '').slice(0, length);
}

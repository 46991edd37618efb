/** How far a number has come by JSON's grammar; `null`: it is none. */
export type NumberShape = 'minus' | 'zero' | 'digits' | 'point' | 'fraction' | 'e' | 'sign' | 'exponent';

type Sign = 'digit' | 'zero' | '.' | 'e' | '+' | '-';

const NEXT: Readonly<Record<NumberShape, Partial<Readonly<Record<Sign, NumberShape>>>>> = {
  minus: { zero: 'zero', digit: 'digits' },
  zero: { '.': 'point', e: 'e' },
  digits: { zero: 'digits', digit: 'digits', '.': 'point', e: 'e' },
  point: { zero: 'fraction', digit: 'fraction' },
  fraction: { zero: 'fraction', digit: 'fraction', e: 'e' },
  e: { zero: 'exponent', digit: 'exponent', '+': 'sign', '-': 'sign' },
  sign: { zero: 'exponent', digit: 'exponent' },
  exponent: { zero: 'exponent', digit: 'exponent' },
};
const SIGNS: ReadonlyMap<string, Sign> = new Map<string, Sign>([
  ['0', 'zero'],
  ...['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit): [string, Sign] => [digit, 'digit']),
  ['.', '.'],
  ['e', 'e'],
  ['E', 'e'],
  ['+', '+'],
  ['-', '-'],
]);

/** What the number is with its next character; `null`: the character is not of it. */
export function nextShape(shape: NumberShape, character: string): NumberShape | null {
  const sign = SIGNS.get(character);
  return sign === undefined ? null : (NEXT[shape][sign] ?? null);
}

/** Whether the number may end so. */
export function isWholeNumber(shape: NumberShape): boolean {
  return shape === 'zero' || shape === 'digits' || shape === 'fraction' || shape === 'exponent';
}

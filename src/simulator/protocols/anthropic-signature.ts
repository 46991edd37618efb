import { tokenFrom } from '../random.ts';

const MARK = 'sim';
const CHARACTERS = 64;

/** What the vendor signs its thinking with, so that it knows it when it comes back. */
export function signatureOf(reasoning: string): string {
  return MARK + tokenFrom(CHARACTERS, 'signature', reasoning);
}

/** Whether it looks like one of its own; the thinking itself may have been withheld from whom it was given to. */
export function isOwnSignature(signature: string): boolean {
  return signature.startsWith(MARK) && signature.length === MARK.length + CHARACTERS;
}

import type { VerifiedChain } from './chain-verifier.ts';
import { CHECKPOINTS_FILE } from '../checkpoints/checkpoint-log.ts';
import type { LedgerVerification } from './verification.ts';

/** What is legal in a ledger and worth knowing, a sentence each. */
export function verificationNotes(found: {
  readonly chains: readonly VerifiedChain[];
  /** How many of their unanswered intents have a final record elsewhere. */
  readonly answered: number;
  readonly isLogTorn: boolean;
  readonly content: LedgerVerification['content'];
  /** Whether the public keys that were believed lie in the same folder as what they vouch for. */
  readonly keysAreBeside: boolean;
}): readonly string[] {
  const { chains, answered, isLogTorn, content, keysAreBeside } = found;
  const notes: string[] = [];
  for (const { writer, unprotected, lastHeld } of chains) {
    if (unprotected === 0) continue;
    const since = lastHeld === null ? 'and it has no checkpoint' : `newer than its last checkpoint of ${lastHeld.at}`;
    notes.push(
      `writer ${writer}: ${unprotected} records are ${since}: that they are changed or cut off would not be seen`,
    );
  }
  for (const { writer, isTorn } of chains) {
    if (isTorn) notes.push(`writer ${writer} ends inside a frame: what a crash in the middle of a write leaves`);
  }
  if (isLogTorn) notes.push(`${CHECKPOINTS_FILE} ends inside a line: what a crash in the middle of a write leaves`);
  const begun = chains.reduce((sum, { unanswered }) => sum + unanswered.size, 0) - answered;
  if (begun > 0)
    notes.push(
      `requests that have begun and have no final record: ${begun}. They run, or no gateway has been here since theirs ended`,
    );
  const unknown = chains.reduce((sum, { unknownFrames }) => sum + unknownFrames, 0);
  if (unknown > 0) notes.push(`frames with what this version of Candor does not know: ${unknown}`);
  const retired = chains.filter((chain) => chain.retired !== null).length;
  if (retired > 0) notes.push(`writers whose older records were deleted by retention, as was signed: ${retired}`);
  if (content.erased > 0) notes.push(`records whose content was erased: ${content.erased}`);
  if (content.kept === null) notes.push('content was not checked: there is no keyring/content.key to decrypt it with');
  if (keysAreBeside) {
    notes.push(
      'the public keys lie beside the ledger: whoever can write there can make both anew. Keep them elsewhere: candor export --checkpoints',
    );
  }
  return notes;
}

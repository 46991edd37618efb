import type { Answer, ChainVerifier } from './chain-verifier.ts';
import type { BookLine, CheckpointBook } from './checkpoint-book.ts';
import { CHECKPOINTS_FILE } from './checkpoint-log.ts';
import type { Problems } from './verification.ts';

/**
 * Compares the checkpoints that stand in a chain with those its writer has in the log: each stands in
 * both, in the same order. Only the frame of the last one can be missing, when the chain ends right
 * before it: a crash between the two.
 */
export function checkSigned(chain: ChainVerifier, book: CheckpointBook, problems: Problems): void {
  if (chain.frames > 0 && book.about(chain.writer).length === 0) {
    const reason = 'no checkpoint speaks of this writer: nothing shows that its records are as they were written';
    problems.add({ writer: chain.writer, segment: CHECKPOINTS_FILE, offset: null, seq: chain.firstSeq, reason });
  }
  const lines = book.signedBy(chain.writer);
  const places = new Map(lines.map(({ hash }, index) => [hash, index]));
  let next = 0;
  const lacking: number[] = [];
  for (const { hash, ...place } of chain.checkpoints) {
    const index = places.get(hash);
    if (index === undefined || index < next) {
      const reason = index === undefined ? `is not in ${CHECKPOINTS_FILE}` : 'stands in another order than there';
      problems.add({ ...place, reason: `the checkpoint ${reason}` });
      continue;
    }
    for (; next < index; next++) lacking.push(next);
    next = index + 1;
  }
  const lastOld = lines.findLastIndex(({ isOld }) => isOld);
  for (let index = next; index <= lastOld; index++) lacking.push(index);
  if (chain.isBroken) return;
  const firstFound = places.get(chain.checkpoints[0]?.hash ?? '') ?? lines.length;
  for (const index of lacking) {
    const line = lines[index];
    if (line === undefined || (index < firstFound && wasDeleted(line, chain))) continue;
    if (index >= next && index === lastOld && isAtEnd(line, chain)) continue;
    const { writer, offset } = { writer: chain.writer, offset: line.offset };
    const reason = 'the frame of this checkpoint is missing in the chain of its signer';
    problems.add({ writer, segment: CHECKPOINTS_FILE, offset, seq: line.statement.seq, reason });
  }
}

/** Whether the frame of the checkpoint lay in a segment that was deleted, as was signed. */
function wasDeleted({ statement }: BookLine, { writer, retired }: ChainVerifier): boolean {
  return retired !== null && (statement.writer !== writer || statement.seq < retired.seq);
}

/** Whether the signer's chain ends where the frame of the checkpoint would begin, as far as it tells. */
function isAtEnd({ statement }: BookLine, { writer, seq }: ChainVerifier): boolean {
  return statement.writer !== writer || statement.kind === 'retired' || statement.seq === seq;
}

/** Checks that each interrupted generation began where its final record says. */
export function checkAnswers(
  answers: readonly Answer[],
  chains: ReadonlyMap<string, ChainVerifier>,
  problemsOf: (writer: string) => Problems,
): void {
  for (const { id, begun, ...place } of answers) {
    const chain = chains.get(begun.writer);
    const intent = chain?.unanswered.get(id);
    const isThere = intent?.seq === begun.seq && intent.hash === begun.hash;
    const isGone = chain !== undefined && (chain.isBroken || begun.seq <= (chain.retired?.seq ?? 0));
    if (isThere || isGone) continue;
    const reason = `it answers frame ${begun.seq} of writer ${begun.writer}, where no such request begins`;
    problemsOf(place.writer).add({ ...place, reason });
  }
  for (const { id, begun } of answers) chains.get(begun.writer)?.unanswered.delete(id);
}

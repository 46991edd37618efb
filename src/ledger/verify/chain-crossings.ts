import type { Answer, VerifiedChain } from './chain-verifier.ts';
import type { BookLine, CheckpointBook } from './checkpoint-book.ts';
import { CHECKPOINTS_FILE } from '../checkpoints/checkpoint-log.ts';
import type { Problems } from './verification.ts';

/**
 * Compares the checkpoints that stand in a chain with those its writer has in the log: each stands in
 * both, in the same order. Only the frame of the last one can be missing, when the chain ends right
 * before it: a crash between the two.
 */
export function checkSigned(chain: VerifiedChain, book: CheckpointBook, problems: Problems): void {
  if (chain.frames > 0 && book.about(chain.writer).length === 0) {
    const reason = 'no checkpoint speaks of this writer: nothing shows that its records are as they were written';
    problems.add({ writer: chain.writer, segment: CHECKPOINTS_FILE, offset: null, seq: chain.firstSeq, reason });
  }
  const lines = book.signedBy(chain.writer);
  const places = new Map(lines.map(({ hash }, index) => [hash, index]));
  const lacking: Lacking[] = [];
  let next = 0;
  let after = 0;
  for (const { hash, ...place } of chain.checkpoints) {
    const index = places.get(hash);
    if (index === undefined || index < next) {
      const reason = index === undefined ? `is not in ${CHECKPOINTS_FILE}` : 'stands in another order than there';
      problems.add({ ...place, reason: `the checkpoint ${reason}` });
      continue;
    }
    lacking.push(...lines.slice(next, index).map((line) => ({ line, after, isLast: false })));
    next = index + 1;
    after = place.seq;
  }
  const old = lines.slice(next).filter(({ isOld }) => isOld);
  lacking.push(...old.map((line, index) => ({ line, after, isLast: index === old.length - 1 })));
  if (chain.isBroken) return;
  for (const lack of lacking) {
    const { offset, statement } = lack.line;
    if (wasDeleted(lack, chain) || (lack.isLast && isAtEnd(lack.line, chain))) continue;
    const reason = 'the frame of this checkpoint is missing in the chain of its signer';
    problems.add({ writer: chain.writer, segment: CHECKPOINTS_FILE, offset, seq: statement.seq, reason });
  }
}

/** A line whose frame was not found. */
interface Lacking {
  readonly line: BookLine;
  /** Number of a frame that comes before it. */
  readonly after: number;
  /** Whether it is the last one the signer has made. */
  readonly isLast: boolean;
}

/** Whether its frame can have lain in a segment that was deleted, as was signed. */
function wasDeleted({ line: { statement }, after }: Lacking, { writer, retired }: VerifiedChain): boolean {
  const before = statement.writer === writer && statement.kind !== 'retired' ? statement.seq : after;
  return retired !== null && before < retired.seq;
}

/** Whether the signer's chain ends where the frame of the checkpoint would begin, as far as it tells. */
function isAtEnd({ statement }: BookLine, { writer, seq }: VerifiedChain): boolean {
  return statement.writer !== writer || statement.kind === 'retired' || statement.seq === seq;
}

/**
 * Checks that each interrupted generation began where its final record says.
 * @returns how many of the chains' unanswered intents these answer
 */
export function checkAnswers(
  answers: readonly Answer[],
  chains: ReadonlyMap<string, VerifiedChain>,
  problemsOf: (writer: string) => Problems,
): number {
  const answered = new Set<string>();
  for (const { id, begun, ...place } of answers) {
    const chain = chains.get(begun.writer);
    const intent = chain?.unanswered.get(id);
    const isThere = intent?.seq === begun.seq && intent.hash === begun.hash;
    const isGone = chain !== undefined && (chain.isBroken || begun.seq <= (chain.retired?.seq ?? 0));
    if (isThere) answered.add(id);
    if (isThere || isGone) continue;
    const reason = `it answers frame ${begun.seq} of writer ${begun.writer}, where no such request begins`;
    problemsOf(place.writer).add({ ...place, reason });
  }
  return answered.size;
}

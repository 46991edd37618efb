import type { Answer } from '../core/answer.ts';
import type { Generation } from './generation.ts';
import type { Interruption } from './interruption.ts';
import type { Reply } from './reply.ts';

/**
 * The last answer that did not pass its checks, for whoever was asked after it gave none: it is now the one that is delivered.
 * `null`: the route delivers no such answers, there is none, something has gone out already, or nobody waits any more.
 */
export function flaggedAnswer(generation: Generation, reply: Reply, interruption: Interruption): Answer | null {
  const { attempts, plan } = generation;
  const mayFlag = plan?.target.route?.invalid.includes('return_flagged') === true;
  if (!mayFlag || reply.committed || interruption.reason !== null) return null;
  const attempt = attempts.findLast(
    ({ answer, failed }) =>
      answer !== null && (failed?.kind === 'validation_failed' || failed?.kind === 'low_confidence'),
  );
  if (attempt === undefined || attempt.answer === null) return null;
  attempt.failed = null;
  generation.delivered = attempt;
  reply.expect(attempt.deployment, 'hold');
  reply.retake(attempt.answer);
  return attempt.answer;
}

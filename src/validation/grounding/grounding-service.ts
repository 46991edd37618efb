import type { ThreadLine } from '../../threads/helper-thread.ts';
import { TimeLimit, TimeLimitError } from '../time-limit.ts';
import { ContextIndex, type LocatedText } from './context-index.ts';
import { groundCitations, type GroundedCitation } from './ground-citations.ts';
import { checkFacts, type CheckedFact, type FactTerms } from './unsupported-facts.ts';

/** The texts of one answer that are to be compared with a context. */
export interface GroundingJob {
  /** The citations, or the facts, of each. */
  readonly terms: 'citations' | FactTerms;
  readonly answer: readonly string[];
}

/** For each text of the answer what `groundCitations` or `checkFacts` says, as it was asked; or why nothing was compared. */
export interface Grounding {
  readonly citations?: readonly (readonly GroundedCitation[] | null)[];
  readonly facts?: readonly (readonly CheckedFact[])[];
  readonly problem?: string;
}

/** What the thread is asked. */
export interface LongGroundingJob extends GroundingJob {
  /** The same number for the same context. */
  readonly contextId: number;
  readonly context: readonly LocatedText[];
}

const LIMIT_MS = 3000;

/** Compares here and now, for three seconds at most. */
export function ground({ terms, answer }: GroundingJob, context: () => ContextIndex, limit: TimeLimit): Grounding {
  try {
    return limit.within(LIMIT_MS, (): Grounding => {
      const index = context();
      return terms === 'citations'
        ? { citations: answer.map((text) => groundCitations(text, index)) }
        : { facts: answer.map((text) => checkFacts(text, index, terms)) };
    });
  } catch (error) {
    if (error instanceof TimeLimitError) return { problem: error.message };
    return { problem: `the check itself failed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Compares one after the other. Keeps what it has found out of the last context: several checks follow each other. */
export function serveGrounding(line: ThreadLine<LongGroundingJob, Grounding>): void {
  const limit = new TimeLimit();
  let last: { readonly id: number; readonly index: ContextIndex } | null = null;
  line.on('message', ({ id, job: { contextId, context, ...job } }) => {
    const index = last?.id === contextId ? last.index : new ContextIndex(context);
    last = { id: contextId, index };
    line.postMessage({ id, result: ground(job, () => index, limit) });
  });
}

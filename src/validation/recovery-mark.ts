import type { Judgement } from './run.ts';

const STEPS = { 1: 'extracted', 2: 'lossless', 3: 'lossy' } as const;

/** The flag of an answer whose JSON is not its text: `repaired:` with the boldest step taken, `recoverable:` where the text stayed. */
export function recoveryMark({ parseLevel, edits }: Judgement): string | null {
  if (!parseLevel) return null;
  return `${edits.length > 0 ? 'repaired' : 'recoverable'}:${STEPS[parseLevel]}`;
}

import { estimatedUsage } from '../core/usage.ts';
import type { Attempt } from './attempt.ts';
import type { Steps } from './exchange.ts';

/** How long the tokenizer is waited for while the client waits for its error, and when nobody does. */
const PATIENCE_MS = { waiting: 50, gone: 500 } as const;

/**
 * Estimates what an answer took that broke off after some of it had reached the client, where the vendor has not
 * reported it: the whole prompt, and as much as came of the answer. What it cost stays unknown.
 */
export async function estimateUsage(attempt: Attempt, client: 'waiting' | 'gone', steps: Steps): Promise<void> {
  const { sample, deployment } = attempt;
  // One that ended with an answer has the vendor's own counts, or is known to have none.
  if (attempt.usage !== null || attempt.answer !== null || sample === null) return;
  const patienceMs = PATIENCE_MS[client];
  const [prompt, sampled] = await Promise.all([
    steps.tokens.count(attempt.prompt, deployment, patienceMs),
    steps.tokens.countText(sample.text, deployment, patienceMs),
  ]);
  attempt.usage = estimatedUsage(prompt.count, Math.round(sampled * sample.scale));
}

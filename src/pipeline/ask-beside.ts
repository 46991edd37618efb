import type { ChatRequest } from '../core/chat.ts';
import type { ClientDialect } from '../core/client-dialect.ts';
import { familyOf } from '../core/model-family.ts';
import type { Aside } from './aside.ts';
import { askAside, type HandleChat } from './ask-aside.ts';
import type { Attempt } from './attempt.ts';
import type { Deadline } from './deadline.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import type { Interruption } from './interruption.ts';

/** How long somebody else's word on an answer is waited for, however long the request may take. */
const LIMIT_MS = 20_000;

/** The answer that somebody else is asked about, and what its request has left. */
export interface Besides {
  readonly generation: Generation;
  readonly attempt: Attempt;
  readonly steps: Steps;
  readonly interruption: Interruption;
  readonly deadline: Deadline;
  readonly handle: HandleChat;
}

/** What is asked of whom. */
export interface BesideQuestion {
  readonly purpose: Aside['purpose'];
  /** As `Aside.model`. */
  readonly model: string | null;
  readonly request: ChatRequest;
  readonly dialect: ClientDialect;
}

/**
 * Asks somebody else while a request waits, and notes it on the request: by its terms, within what it has left of time and
 * money. `null`: what it has cost so far is not known, and it may not cost any amount.
 */
export async function askBeside(question: BesideQuestion, besides: Besides): Promise<Generation | null> {
  const { generation, steps, interruption, deadline, handle } = besides;
  const { exchange } = generation;
  const { maxCostNanoUsd } = exchange.request.directives;
  const spent = generation.cost;
  if (maxCostNanoUsd !== null && spent === null) return null;
  const directives = {
    ...question.request.directives,
    timeoutMs: Math.max(1, Math.min(LIMIT_MS, Math.floor(deadline.remainingMs()))),
    maxCostNanoUsd: maxCostNanoUsd === null ? null : Math.max(0, maxCostNanoUsd - (spent ?? 0)),
  };
  const gone = new AbortController();
  const asked = askAside(
    {
      aside: { purpose: question.purpose, of: exchange.id, model: question.model, inPlaceOf: null },
      request: { ...question.request, directives },
      dialect: question.dialect,
      configuration: exchange.configuration,
      signal: gone.signal,
    },
    steps,
    handle,
  );
  await interruption.orInterrupted(asked.then(() => undefined));
  gone.abort();
  // One that was broken off ends at once, and may have cost something.
  const ended = await asked;
  generation.asides.push(ended);
  return ended;
}

/** Whether a model that the config names is of the family that gave the answer: it would take its own mistakes for right. */
export function isOfSameFamily(
  name: string,
  { generation, attempt }: Pick<Besides, 'generation' | 'attempt'>,
): boolean {
  const { models, deployments } = generation.exchange.configuration;
  const deployment = deployments.get(name);
  const asked = models.get(name)?.deployments ?? (deployment === undefined ? [] : [deployment]);
  const family = familyOf(attempt.deployment.modelId);
  return asked.some(({ modelId }) => familyOf(modelId) === family);
}

/** Why an aside came to nothing, in the words of its error: none of them quotes anybody. */
export function endOf({ recorded }: Generation): string {
  return recorded === null ? 'it could not be put on record' : (recorded.error?.code ?? recorded.status);
}

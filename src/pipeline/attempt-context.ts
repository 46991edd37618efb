import type { Timeouts } from '../core/deployment.ts';
import type { Provider } from '../providers/provider.ts';
import type { Steps } from './exchange.ts';
import type { Generation } from './generation.ts';
import type { Interruption } from './interruption.ts';
import type { Reply } from './reply.ts';
import type { Turn } from './turn.ts';

/** What one attempt needs beside itself. */
export interface AttemptContext {
  /** What it is part of. */
  readonly generation: Generation;
  readonly turn: Turn;
  readonly steps: Steps;
  readonly provider: Provider;
  readonly timeouts: Timeouts;
  readonly reply: Reply;
  readonly interruption: Interruption;
  /** Whether somebody reads the content of the answer when it has ended. */
  readonly readsContent: boolean;
}

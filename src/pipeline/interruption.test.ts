import { describe, expect, it } from 'vitest';

import { failure } from '../core/failure.ts';
import { Interruption } from './interruption.ts';

const REASON = failure('client_closed', 'the client closed the connection');
const NEVER = new Promise<void>(() => undefined);

describe('waiting for something else than an interruption', () => {
  it('ends with it, or with the interruption, or at once when that was before', async () => {
    const interruption = new Interruption();
    await interruption.orInterrupted(Promise.resolve());
    const waiting = [interruption.orInterrupted(NEVER), interruption.orInterrupted(NEVER)];
    interruption.interrupt(REASON);
    await Promise.all(waiting);
    await interruption.orInterrupted(NEVER);
    expect(interruption.reason).toBe(REASON);
  });
});

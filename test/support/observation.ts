import type { Observation } from '../../src/telemetry/observation.ts';

/** An attempt of a route `chat` at `openai/gpt-4o` that went well, but for what is said. */
export function observation(but: Partial<Observation> = {}): Observation {
  return {
    deployment: 'openai/gpt-4o',
    model: 'gpt-4o',
    route: 'chat',
    promptTokens: 100,
    streamed: true,
    outcome: 'accepted',
    failureKind: null,
    ttftMs: 400,
    wholeMs: null,
    waitedMs: null,
    tokensPerSecond: 60,
    completionTokens: 200,
    stalled: false,
    valid: true,
    repaired: false,
    costNanoUsd: 2_000_000,
    durationMs: 3_700,
    simulated: false,
    why: 'primary',
    ...but,
  };
}

/** An attempt that failed, of which no content came. */
export function failedObservation(failureKind: string, but: Partial<Observation> = {}): Observation {
  return observation({
    outcome: 'failed',
    failureKind,
    ttftMs: null,
    tokensPerSecond: null,
    completionTokens: null,
    valid: null,
    costNanoUsd: null,
    ...but,
  });
}

import { expect, vi } from 'vitest';

import { chunk, eventStream, type Script } from './raw-upstream.ts';
import { openAiChunk } from './upstream-streams.ts';

const PIECE = chunk(openAiChunk({ content: 'x'.repeat(8 * 1024) }));
/** Looks in a row at which nothing more has been written. */
const LOOKS = 5;

/** An upstream that streams an answer without end, as fast as its socket takes it. */
export interface Pouring {
  readonly script: Script;
  /** Waits until the gateway takes no more of it; fails when it goes on and on. */
  standstill(): Promise<void>;
}

export function pouring(): Pouring {
  let written = 0;
  const script: Script = (socket, request) => {
    eventStream([], 'open')(socket, request);
    const pump = (): void => {
      while (!socket.destroyed) {
        written += PIECE.length;
        if (!socket.write(PIECE)) return;
      }
    };
    socket.on('drain', pump);
    pump();
  };
  return {
    script,
    async standstill() {
      let before = -1;
      let still = 0;
      await vi.waitFor(
        () => {
          still = written > 0 && written === before ? still + 1 : 0;
          before = written;
          expect(still).toBeGreaterThanOrEqual(LOOKS);
        },
        { timeout: 12_000, interval: 50 },
      );
    },
  };
}

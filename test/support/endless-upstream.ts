import type { Socket } from 'node:net';

import { chunk, chunked, startRawUpstream, type RawRequest, type RawUpstream } from './raw-upstream.ts';
import { openAiChunk } from './upstream-streams.ts';

const EVENT = chunk(openAiChunk({ content: 'x'.repeat(8 * 1024) }));
/** Neither an event nor JSON ever ends of these. */
const LETTERS = chunk('x'.repeat(8 * 1024));

/** One answer without end. */
export interface Outpour {
  /** What the question asked for: the text after `pour `. */
  readonly name: string;
  readonly beganAt: number;
  /** When something was last written of it. */
  lastAt: number;
  /** When it stood still for the first time because nobody took more; `null`: it has not yet. */
  stillAt: number | null;
}

/** An answer of which nothing is taken for so long stands still. */
const STILL_MS = 200;

/** When the answer stood still for the first time; `null`: it has not yet. */
export function stillSince(outpour: Outpour): number | null {
  return outpour.stillAt ?? (performance.now() - outpour.lastAt > STILL_MS ? outpour.lastAt : null);
}

/** An upstream that answers without end, as fast as it is read: `pour whole` with JSON, `pour event` with one event, any other `pour …` with events; nothing else. */
export interface EndlessUpstream {
  readonly url: string;
  /** The answers under way. */
  readonly open: ReadonlySet<Outpour>;
  close(): Promise<void>;
}

/** @param onEnd called when the gateway has given one up */
export async function startEndlessUpstream(
  onEnd: (outpour: Outpour) => void = () => undefined,
): Promise<EndlessUpstream> {
  const open = new Set<Outpour>();
  const upstream: RawUpstream = await startRawUpstream((socket, request) => {
    const name = /"pour ([^"]*)"/.exec(request.body)?.[1];
    if (name === undefined) socket.destroy();
    else pour(socket, request, name);
  });
  function pour(socket: Socket, request: RawRequest, name: string): void {
    const piece = name === 'whole' || name === 'event' ? LETTERS : EVENT;
    const now = performance.now();
    const outpour: Outpour = { name, beganAt: now, lastAt: now, stillAt: null };
    open.add(outpour);
    socket.on('close', () => {
      open.delete(outpour);
      onEnd(outpour);
    });
    chunked(
      `content-type: ${name === 'whole' ? 'application/json' : 'text/event-stream'}`,
      [],
      'open',
    )(socket, request);
    const pump = (): void => {
      outpour.stillAt = stillSince(outpour);
      while (!socket.destroyed) {
        outpour.lastAt = performance.now();
        if (!socket.write(piece)) return;
      }
    };
    socket.on('drain', pump);
    pump();
  }
  return { url: upstream.url, open, close: () => upstream.close() };
}

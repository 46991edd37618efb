import type { ServerResponse } from 'node:http';
import type { SimulatorClock } from './clock.ts';
import type { Encounter } from './fault-board.ts';

/** A piece of a streamed answer, in the bytes of its protocol. */
export interface Frame {
  readonly text: string;
  /** Tokens of the answer in it; 0 for what frames the answer. */
  readonly tokens: number;
  /** Whether it belongs to the end of the answer: a stream cut before it is not complete. */
  readonly closing: boolean;
}

export interface Pace {
  readonly firstTokenMs: number;
  readonly tokensPerSecond: number;
}

export interface DeliveryOptions {
  readonly response: ServerResponse;
  readonly clock: SimulatorClock;
  readonly pace: Pace;
  readonly ending: Encounter['ending'];
  readonly contentType: string;
  /** What the vendor sends while the client waits for the first token; empty: nothing. */
  readonly keepAlive: string;
}

const KEEP_ALIVE_EVERY_MS = 1_000;

/** Sends a streamed answer, frame by frame, at the model's pace. Resolves when nothing more will be sent. */
export async function deliverStream(frames: readonly Frame[], options: DeliveryOptions): Promise<void> {
  const { response, pace, ending } = options;
  const startMs = options.clock.now();
  response.writeHead(200, { 'content-type': options.contentType, 'cache-control': 'no-cache' });
  response.flushHeaders();
  let tokens = 0;
  for (const frame of frames) {
    if (ending !== null && endsBefore(frame, tokens, ending.afterTokens)) return await endEarly(options);
    if (frame.tokens > 0) {
      const dueMs = startMs + pace.firstTokenMs + (tokens * 1_000) / pace.tokensPerSecond;
      if (!(await waitUntil(dueMs, tokens === 0 ? options.keepAlive : '', options))) return;
      tokens += frame.tokens;
    }
    if (!(await write(frame.text, options))) return;
  }
  response.end();
}

function endsBefore(frame: Frame, sentTokens: number, afterTokens: number): boolean {
  return frame.closing || (frame.tokens > 0 && sentTokens + frame.tokens > afterTokens);
}

/** Sends an answer as one body, when the model would have finished it. A cut or stalled one declares its whole length and has half. */
export async function deliverBody(body: string, tokens: number, options: DeliveryOptions): Promise<void> {
  const { response, pace, ending } = options;
  const startMs = options.clock.now();
  const written = ending === null ? tokens : Math.min(tokens, ending.afterTokens);
  const waitMs = pace.firstTokenMs + (written * 1_000) / pace.tokensPerSecond;
  const bytes = Buffer.from(body);
  const half = bytes.subarray(0, Math.floor(bytes.length / 2));
  const isCleanCut = ending?.kind === 'cut' && ending.clean;
  const length =
    plannedBeats(waitMs, options.keepAlive) * Buffer.byteLength(options.keepAlive) +
    (isCleanCut ? half.length : bytes.length);
  response.setHeader('content-type', options.contentType);
  response.setHeader('content-length', length);
  if (!(await waitUntil(startMs + waitMs, options.keepAlive, options))) return;
  if (ending === null) {
    response.end(bytes);
  } else if (await write(half, options)) {
    await endEarly(options);
  }
}

async function endEarly(options: DeliveryOptions): Promise<void> {
  const { response, ending } = options;
  if (ending?.kind === 'stall') return await closed(response);
  if (ending?.clean === true) response.end();
  else response.socket?.destroySoon();
}

/** Resolves when the client has gone. */
function closed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.closed) resolve();
    else response.once('close', resolve);
  });
}

/** How many signs of life the vendor sends in a wait of this length: planned, not measured, so that lengths can be declared. */
function plannedBeats(waitMs: number, keepAlive: string): number {
  return keepAlive === '' ? 0 : Math.max(0, Math.ceil(waitMs / KEEP_ALIVE_EVERY_MS) - 1);
}

/** Waits for the moment, keeping the client company where the vendor does. `false`: the client has gone. */
async function waitUntil(dueMs: number, keepAlive: string, options: DeliveryOptions): Promise<boolean> {
  const startMs = options.clock.now();
  const beats = plannedBeats(dueMs - startMs, keepAlive);
  for (let beat = 1; beat <= beats; beat++) {
    if (!(await pauseUntil(startMs + beat * KEEP_ALIVE_EVERY_MS, options))) return false;
    if (!(await write(keepAlive, options))) return false;
  }
  return await pauseUntil(dueMs, options);
}

async function pauseUntil(dueMs: number, options: DeliveryOptions): Promise<boolean> {
  const leftMs = dueMs - options.clock.now();
  return leftMs <= 0 ? !options.response.closed : await pause(leftMs, options);
}

function pause(delayMs: number, options: DeliveryOptions): Promise<boolean> {
  const { response, clock } = options;
  return new Promise((resolve) => {
    if (response.closed) return resolve(false);
    const onClose = (): void => {
      timer.cancel();
      resolve(false);
    };
    const timer = clock.after(delayMs, () => {
      response.off('close', onClose);
      resolve(true);
    });
    response.once('close', onClose);
  });
}

/** Writes, and waits for a slow reader. `false`: the client has gone. */
function write(data: string | Buffer, options: DeliveryOptions): Promise<boolean> {
  const { response } = options;
  return new Promise((resolve) => {
    if (response.closed || response.destroyed) return resolve(false);
    if (response.write(data)) return resolve(true);
    const settle = (isOpen: boolean) => (): void => {
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(isOpen);
    };
    const onDrain = settle(true);
    const onClose = settle(false);
    response.once('drain', onDrain);
    response.once('close', onClose);
  });
}

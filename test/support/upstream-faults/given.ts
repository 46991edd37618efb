import { readStream } from '../stream-reading.ts';
import type { Cell } from './cells.ts';
import type { ReadRecord } from './fault-bench.ts';

/** What came of one request. */
export interface Given {
  readonly response: Response;
  readonly text: string;
  readonly record: ReadRecord;
  readonly wallMs: number;
}

/** What the whole answer says, or all of a stream. */
export function textOf(text: string, { stream }: Cell): string {
  if (stream) return readStream(text).text;
  const { choices } = JSON.parse(text) as { choices?: { message: { content: string | null } }[] };
  return choices?.[0]?.message.content ?? '';
}

/** The model the answer names. */
export function modelOf(text: string, { stream }: Cell): unknown {
  return stream ? readStream(text).models.join() : (JSON.parse(text) as { model?: unknown }).model;
}

/** The `candor` object, wherever it rides. */
export function candorOf(text: string, { stream }: Cell): Readonly<Record<string, unknown>> | null {
  if (stream && text.startsWith('data:')) {
    const read = readStream(text);
    return read.candor ?? read.error?.candor ?? null;
  }
  const json = JSON.parse(text) as { candor?: Record<string, unknown>; error?: { candor: Record<string, unknown> } };
  return json.candor ?? json.error?.candor ?? null;
}

/** A sentence where two values are not the same. */
export function differ(what: string, got: unknown, wanted: unknown): readonly string[] {
  const [is, should] = [JSON.stringify(got), JSON.stringify(wanted)];
  return is === should ? [] : [`${what}: ${is} instead of ${should}`];
}

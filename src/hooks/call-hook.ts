import { createHash } from 'node:crypto';

import { GatewayError } from '../core/errors.ts';
import type { HookName, HookRun } from '../core/hook-run.ts';
import type { Hook, HookTerms } from '../core/hooks.ts';
import type { JsonValue } from '../core/json.ts';

/** How long the promise of a hook is waited for. */
export const HOOK_LIMIT_MS = 250;
/** The same for those that may ask somebody else. */
export const SLOW_HOOK_LIMIT_MS = 5000;
/** A hook that keeps the thread busy for longer keeps every other request waiting too: that is logged. */
const BUSY_MS = 50;

/** What a hook gave, or why it gave nothing. */
export type HookOutcome<Result> =
  | { readonly ok: true; readonly result: Result; readonly ms: number }
  | { readonly ok: false; readonly run: HookRun; readonly cause: unknown };

/**
 * Calls a hook and waits for what it gives, at most so long. Never rejects. Nothing can stop a function that does not
 * return; one that kept the thread busy is logged afterwards.
 */
export async function callHook<Run, Result>(
  name: HookName,
  hook: Hook<Run>,
  call: (run: Run) => Result | Promise<Result>,
  limitMs: number,
  terms: HookTerms,
): Promise<HookOutcome<Result>> {
  const { at } = hook;
  const startedAt = terms.now();
  const elapsedMs = (): number => Math.max(0, Math.round(terms.now() - startedAt));
  const fail = (outcome: HookRun['outcome'], reason: string, cause: unknown): HookOutcome<Result> => {
    const run: HookRun = { hook: name, at, outcome, ms: elapsedMs(), before: null, after: null, reason };
    return { ok: false, run, cause };
  };
  try {
    const given = call(hook.run);
    const busyMs = elapsedMs();
    if (busyMs > BUSY_MS) {
      terms.warn(`the hook ${at} kept the thread busy for ${busyMs} ms: all requests waited for it`);
    }
    const waited = isPromise(given) ? await inTime(given, limitMs, terms) : { result: given };
    if ('gaveUp' in waited) return fail('timed_out', waited.gaveUp, null);
    return { ok: true, result: waited.result, ms: elapsedMs() };
  } catch (error) {
    return fail('failed', `it threw ${thrownName(error, at)}`, error);
  }
}

/** The run of a hook that gave something it may not. */
export function invalidRun(name: HookName, hook: Hook<unknown>, ms: number, reason: string): HookRun {
  return { hook: name, at: hook.at, outcome: 'invalid', ms, before: null, after: null, reason };
}

/** Notes and logs the failed run of a hook without which the request cannot go on, and gives the error that ends it. */
export function hookError(run: HookRun, cause: unknown, terms: HookTerms): GatewayError {
  noteFailure(run, cause, terms);
  return new GatewayError('hook_error', `the hook ${run.at} failed: ${run.reason}`, { cause });
}

/** Notes and logs a run that failed. */
export function noteFailure(run: HookRun, cause: unknown, terms: HookTerms): void {
  terms.note(run);
  terms.warn(`the hook ${run.at} failed: ${run.reason}`, cause);
}

/** Names a value by the SHA-256 of its JSON. */
export function hashOf(value: JsonValue): { readonly sha256: string } {
  return { sha256: createHash('sha256').update(JSON.stringify(value)).digest('hex') };
}

function isPromise<Result>(given: Result | Promise<Result>): given is Promise<Result> {
  return typeof (given as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

/** What it gives; or why it was not waited for any longer. */
async function inTime<Result>(
  promise: Promise<Result>,
  limitMs: number,
  { watch, onEnd }: HookTerms,
): Promise<{ readonly result: Result } | { readonly gaveUp: string }> {
  let stop = (): void => undefined;
  const late = new Promise<{ readonly gaveUp: string }>((resolve) => {
    const watched = watch(limitMs, () => resolve({ gaveUp: `it did not end within ${limitMs} ms` }));
    const forget = onEnd?.(() => resolve({ gaveUp: 'the request had ended before it did' }));
    stop = () => {
      watched.stop();
      forget?.();
    };
  });
  // One that fails after its time has nobody left to tell.
  const settled = Promise.resolve(promise).then((result) => ({ result }));
  settled.catch(() => undefined);
  return await Promise.race([settled, late]).finally(stop);
}

/** The kind of what was thrown, and where: its message could quote people, models or secrets. */
function thrownName(error: unknown, at: string): string {
  if (!(error instanceof Error)) return `a ${error === null ? 'null' : typeof error}`;
  const [module = ''] = at.split('#');
  const file = module.split('/').at(-1) ?? module;
  const trace = error.stack ?? '';
  const place = trace.indexOf(`${file}?`) >= 0 ? trace.indexOf(`${file}?`) : trace.indexOf(`${file}:`);
  const line = place < 0 ? null : (/^[^:\s]*:(\d+)/.exec(trace.slice(place))?.[1] ?? null);
  const kind = /^\w{1,40}$/.test(error.name) ? error.name : 'Error';
  return line === null ? kind : `${kind} (${file}:${line})`;
}

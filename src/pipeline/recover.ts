import { failureClass, type Failure } from '../core/failure.ts';
import type { Route } from '../core/route.ts';

export type NextStep = 'fallback' | 'stop';

/**
 * What follows an attempt that failed otherwise than by its answer's checks. The client's own faults burn no fallbacks, a
 * refusal is carried to another vendor only where the route says so, and once a content byte has reached the client
 * nothing follows.
 */
export function recover(
  failed: Failure,
  situation: { readonly committed: boolean; readonly route: Route | null },
): NextStep {
  if (situation.committed) return 'stop';
  switch (failed.kind) {
    case 'content_filter':
      return situation.route?.onRefusal === 'fallback' ? 'fallback' : 'stop';
    default: {
      const kind = failureClass(failed.kind);
      return kind === 'D' || kind === 'X' ? 'stop' : 'fallback';
    }
  }
}

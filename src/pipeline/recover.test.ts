import { describe, expect, test } from 'vitest';

import { testRoute } from '../../test/support/deployment.ts';
import { FAILURES, failure, type FailureKind } from '../core/failure.ts';
import { recover, type NextStep } from './recover.ts';

/** What follows each failure before anything was sent, on a route that leaves everything at its default. */
const TABLE: Readonly<Record<FailureKind, NextStep>> = {
  unreachable: 'fallback',
  connect_timeout: 'fallback',
  dns: 'fallback',
  dns_timeout: 'fallback',
  address_forbidden: 'fallback',
  tls: 'fallback',
  reset: 'fallback',
  stale_socket: 'fallback',
  protocol: 'fallback',
  headers: 'fallback',
  redirect_refused: 'fallback',
  content_type: 'fallback',
  encoding: 'fallback',
  invalid_json: 'fallback',
  invalid_event: 'fallback',
  invalid_utf8: 'fallback',
  invalid_answer: 'fallback',
  frame_too_large: 'fallback',
  overrun: 'fallback',
  truncated: 'fallback',
  first_byte_timeout: 'fallback',
  first_token_timeout: 'fallback',
  idle_timeout: 'fallback',
  total_timeout: 'fallback',
  unknown_finish_reason: 'fallback',
  interrupted: 'fallback',
  pause_turn: 'fallback',
  unsupported_parameter: 'fallback',
  malformed_tool_call: 'fallback',
  auth: 'fallback',
  quota: 'fallback',
  model_unavailable: 'fallback',
  rate_limited: 'fallback',
  overloaded: 'fallback',
  error: 'fallback',
  timeout: 'fallback',
  validation_failed: 'fallback',
  low_confidence: 'fallback',
  invalid_request: 'stop',
  context_length_exceeded: 'stop',
  request_too_large_for_model: 'stop',
  content_filter: 'stop',
  deadline_exceeded: 'stop',
  internal_error: 'stop',
  shutting_down: 'stop',
  client_closed: 'stop',
};
const KINDS = Object.keys(FAILURES) as FailureKind[];
const after = (kind: FailureKind, route = testRoute([]), committed = false): NextStep =>
  recover(failure(kind, 'it failed'), { committed, route });

test.each(KINDS)('after %s', (kind) => {
  expect(after(kind)).toBe(TABLE[kind]);
});

test.each(KINDS)('after %s nothing follows once content has gone out', (kind) => {
  expect(after(kind, testRoute([], { onRefusal: 'fallback' }), true)).toBe('stop');
});

describe('what a route says', () => {
  test('a refusal is carried on only where the route wants it', () => {
    expect(after('content_filter', testRoute([], { onRefusal: 'fallback' }))).toBe('fallback');
  });

  test('without a route the model’s other deployments are asked', () => {
    const pinned = { committed: false, route: null };
    expect(recover(failure('overloaded', 'it failed'), pinned)).toBe('fallback');
    expect(recover(failure('content_filter', 'it failed'), pinned)).toBe('stop');
  });
});

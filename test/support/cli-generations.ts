import type { JsonObject } from '../../src/core/json.ts';

/** Generations as `GET /v1/generations` lists them, one of each outcome, with everything fixed: for what commands print. */

const HASH = 'a'.repeat(64);
const NO_BODY = { body: null, sha256: HASH };

function usage(prompt: number, completion: number): JsonObject {
  const parts = { cached_tokens: null, cache_write_tokens: null, reasoning_tokens: null, source: 'reported' };
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, ...parts };
}

function attempt(n: number, deployment: string, more: JsonObject): JsonObject {
  return {
    n,
    deployment,
    status: 200,
    kind: 'ok',
    ms: 900,
    cost: 0.00039,
    why: n === 1 ? 'primary' : 'fallback',
    model_asked: 'x',
    model_reported: 'x',
    region_reported: null,
    template: null,
    sent: NO_BODY,
    received: NO_BODY,
    usage: usage(61, 24),
    price: null,
    finish: 'stop',
    finish_native: 'stop',
    upstream: { request_id: null, error: null },
    possibly_billed: true,
    timings_ms: { queue: null, connect: 1, headers: 200, first_token: 212, last: 890, total: 900 },
    sim_fault: null,
    adjustments: [],
    validation: { status: 'none', verdicts: [] },
    flags: [],
    ...more,
  };
}

const OVERLOADED = {
  status: 503,
  kind: 'overloaded',
  ms: 38,
  cost: 0,
  usage: null,
  finish: null,
  finish_native: null,
  possibly_billed: false,
  timings_ms: { queue: null, connect: 1, headers: 38, first_token: null, last: null, total: 38 },
};

function generation(number: number, more: JsonObject): JsonObject {
  const id = `gen_01M8200000${String(number).padStart(16, '0')}`;
  const second = String(30 + number).padStart(2, '0');
  return {
    id,
    object: 'generation',
    status: 'complete',
    http: 200,
    error: null,
    created_at: `2026-11-22T11:20:${second}.000Z`,
    ended_at: `2026-11-22T11:20:${second}.900Z`,
    key: null,
    dialect: 'openai-chat',
    stream: false,
    config: '9f2c1a9f2c1a',
    asked: 'extract',
    route: 'extract',
    served_by: 'openai/gpt-4o',
    simulated: false,
    fallback: null,
    degraded: null,
    adjustments: [],
    validation: { status: 'none', verdicts: [] },
    confidence: { value: null, status: 'unknown', signals: {} },
    data: ['public'],
    why: 'first choice of the route `extract`',
    trace: `http://127.0.0.1:4141/r/${id}`,
    request: { ...NO_BODY, params: {}, tags: {} },
    candidates: [{ deployment: 'openai/gpt-4o', verdict: 'tried', reasons: [] }],
    decision: null,
    attempts: [attempt(1, 'openai/gpt-4o', {})],
    usage: usage(61, 24),
    cost: 0.00039,
    content: 'kept',
    chain: { writer: 'w', seq: number, prev: HASH, hash: HASH },
    ...more,
  };
}

const PLAIN = generation(1, {
  confidence: { value: 0.97, status: 'calibrated', signals: {}, lower95: 0.93, n: 140 },
  validation: { status: 'passed', verdicts: [{ validator: 'json_schema', outcome: 'pass', reason: null }] },
});

const FALLBACK = generation(2, {
  asked: 'legal',
  route: 'legal',
  ended_at: '2026-11-22T11:20:34.310Z',
  served_by: 'anthropic/claude-opus@us',
  simulated: true,
  fallback: { reason: 'upstream_overloaded', certificate: null },
  degraded: { reason: 'uncertified' },
  attempts: [
    attempt(1, 'openai/gpt-4o', { ...OVERLOADED, sim_fault: '503' }),
    attempt(2, 'anthropic/claude-opus', {
      ms: 2190,
      cost: 0.0121,
      usage: usage(500, 111),
      adjustments: [
        { param: 'temperature', asked: 0.9, sent: 0.3, kind: 'capped', reason: 'cap', at: 'candor.yaml:33' },
      ],
      timings_ms: { queue: null, connect: 1, headers: 600, first_token: 617, last: 2180, total: 2190 },
    }),
  ],
  usage: usage(500, 111),
  cost: 0.0121,
});

const REFUSED = generation(3, {
  asked: 'legal',
  route: 'legal',
  status: 'failed',
  http: 424,
  error: { code: 'validation_failed', message: 'no answer passed: truncation' },
  served_by: null,
  validation: {
    status: 'failed',
    verdicts: [{ validator: 'truncation', outcome: 'fail', reason: 'the answer was cut\n\u001b[2Jby length' }],
  },
  attempts: [attempt(1, 'openai/gpt-4o', { kind: 'validation_failed', finish: 'length' })],
  usage: null,
});

const FAILED = generation(4, {
  asked: 'gpt-4o',
  route: null,
  status: 'failed',
  http: 503,
  error: { code: 'upstream_overloaded', message: 'openai/gpt-4o failed (overloaded)' },
  ended_at: '2026-11-22T11:20:34.040Z',
  served_by: null,
  attempts: [attempt(1, 'openai/gpt-4o', OVERLOADED)],
  usage: null,
  cost: 0,
});

const INTERRUPTED = generation(5, {
  status: 'interrupted',
  http: null,
  ended_at: null,
  served_by: null,
  why: 'the gateway ended before this request did; what the client got of an answer is not known',
  candidates: [{ deployment: 'openai/gpt-4o', verdict: 'eligible', reasons: [] }],
  attempts: [],
  usage: null,
  cost: null,
  content: 'not_kept',
});

const CANCELLED = generation(6, {
  key: 'web',
  status: 'cancelled',
  http: 499,
  error: { code: 'client_closed', message: 'the client went away' },
  attempts: [
    attempt(1, 'openai/gpt-4o', { kind: 'client_closed', cost: null, usage: null, finish: null, finish_native: null }),
  ],
  usage: null,
  cost: null,
});

const RUNNING = generation(7, {
  status: 'running',
  http: null,
  ended_at: null,
  served_by: null,
  validation: { status: 'pending', verdicts: [] },
  why: 'the request is under way',
  candidates: [{ deployment: 'openai/gpt-4o', verdict: 'eligible', reasons: [] }],
  attempts: [],
  usage: null,
  cost: null,
  content: 'not_kept',
});

/** Newest first, as a list has them. */
export const GENERATIONS: readonly JsonObject[] = [RUNNING, CANCELLED, INTERRUPTED, FAILED, REFUSED, FALLBACK, PLAIN];

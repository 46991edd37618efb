import type { JsonObject } from '../../src/core/json.ts';
import { simulatedConfig } from './simulated-config.ts';

/** Each protocol by the provider that speaks it: the model asked first, and one at another provider that stands in. */
export const PROTOCOLS = {
  openai: { model: 'gpt-4o', fallback: 'claude-haiku' },
  anthropic: { model: 'claude-opus', fallback: 'gpt-4o-mini' },
  google: { model: 'gemini-flash', fallback: 'gpt-4o-mini' },
  deepseek: { model: 'deepseek-chat', fallback: 'gemini-flash' },
} as const;

export type ProtocolName = keyof typeof PROTOCOLS;

/** `pinned`: the model is named; `degraded`: a route with another model behind it; `off`: such a route without fallback. */
export type Mode = 'pinned' | 'degraded' | 'off';

/** The first model fails and nothing has reached the client. */
interface FailsFirst {
  readonly outcome: 'fails';
  /** HTTP status and code where nobody may stand in. */
  readonly status: number;
  readonly code: string;
  /** What the attempt itself met; `null`: no HTTP answer. */
  readonly upstreamStatus: number | null;
  readonly shouldRetry: boolean;
  /** `retry-after` in seconds; `null`: none. */
  readonly retryAfterS: number | null;
  readonly possiblyBilled: boolean;
  /** Whether it is asked once more where nobody else may be: what was perhaps not processed, after no silence. */
  readonly isRetried: boolean;
}

/** Content has reached the client, then the answer breaks. */
interface Breaks {
  readonly outcome: 'breaks';
  readonly code: string;
  readonly possiblyBilled: boolean;
}

/** The answer is delivered as the model gave it. */
interface Answers {
  readonly outcome: 'answers';
  readonly finish: 'stop' | 'content_filter';
}

export type Expected = FailsFirst | Breaks | Answers;

interface FaultRow {
  readonly name: string;
  /** The fault as `POST /admin/sim` takes it, without its target. */
  readonly fault: JsonObject & { readonly fault: string };
  /** What the first model's attempt comes to. */
  readonly expected: (at: {
    readonly protocol: ProtocolName;
    readonly stream: boolean;
    readonly mode: Mode;
  }) => Expected;
  /** Asks for JSON of a schema. */
  readonly asksForJson?: boolean;
  /** Uses the routes with `timeout.first_token`. */
  readonly isQuick?: boolean;
}

function fails(status: number, code: string, details: Partial<FailsFirst> = {}): FailsFirst {
  return {
    outcome: 'fails',
    status,
    code,
    upstreamStatus: 200,
    shouldRetry: false,
    retryAfterS: null,
    possiblyBilled: false,
    isRetried: false,
    ...details,
  };
}

function breaks(code: string): Breaks {
  return { outcome: 'breaks', code, possiblyBilled: true };
}

const ANSWERS: Answers = { outcome: 'answers', finish: 'stop' };
/** The vendor had the whole request and may charge for it. */
const BILLED = { possiblyBilled: true };
/** Class A: it was not processed. */
const RETRIED = { isRetried: true };
/** Class B: nobody knows. */
const BILLED_AND_RETRIED = { ...BILLED, ...RETRIED };

/** Every fault the simulator plays, and what is promised for it. */
const FAULTS: readonly FaultRow[] = [
  {
    name: 'outage 503',
    fault: { fault: 'outage', status: 503 },
    expected: () => fails(503, 'upstream_overloaded', { upstreamStatus: 503, ...RETRIED }),
  },
  {
    name: 'outage 429',
    fault: { fault: 'outage', status: 429 },
    // The vendor does not say for how long; our 429 says it all the same.
    expected: () =>
      fails(429, 'upstream_rate_limited', { upstreamStatus: 429, shouldRetry: true, retryAfterS: 1, ...RETRIED }),
  },
  {
    name: 'connection refused',
    fault: { fault: 'outage', status: 'refuse' },
    expected: () => fails(502, 'upstream_unreachable', { upstreamStatus: null, ...RETRIED }),
  },
  {
    name: 'rate limit with Retry-After',
    fault: { fault: 'rate_limit', retry_after_s: 7 },
    // Nobody waits for longer than five seconds.
    expected: () => fails(429, 'upstream_rate_limited', { upstreamStatus: 429, shouldRetry: true, retryAfterS: 7 }),
  },
  {
    name: 'web page',
    fault: { fault: 'content_type', value: 'text/html' },
    expected: () => fails(502, 'upstream_content_type', BILLED),
  },
  {
    name: 'malformed JSON',
    fault: { fault: 'malformed_json' },
    asksForJson: true,
    // The first breakage is a fence, which is taken off. A response format holds no stream: there nothing is, so it fails at its first character.
    expected: ({ stream }) => (stream ? fails(424, 'validation_failed', BILLED) : ANSWERS),
  },
  {
    name: 'slow first token under timeout.first_token',
    fault: { fault: 'slow', ms: 20_000 },
    isQuick: true,
    // A model that is named has no route, so no such limit; and of a whole answer no first token is seen.
    expected: ({ mode, stream }) =>
      mode === 'pinned' || !stream ? ANSWERS : fails(504, 'upstream_first_token_timeout', BILLED),
  },
  { name: 'invented citations', fault: { fault: 'invent_citations' }, expected: () => ANSWERS },
  {
    name: 'refusal',
    fault: { fault: 'refuse' },
    // OpenAI and DeepSeek refuse in an ordinary answer; the other two say by their finish that they do.
    expected: ({ protocol }) => ({
      outcome: 'answers',
      finish: protocol === 'openai' || protocol === 'deepseek' ? 'stop' : 'content_filter',
    }),
  },
  {
    name: 'cut in the middle',
    fault: { fault: 'cut', after_tokens: 5 },
    expected: ({ stream }) =>
      stream ? breaks('upstream_truncated') : fails(502, 'upstream_truncated', BILLED_AND_RETRIED),
  },
  {
    name: 'cut before the first token',
    fault: { fault: 'cut', after_tokens: 0 },
    expected: () => fails(502, 'upstream_truncated', BILLED_AND_RETRIED),
  },
  {
    name: 'clean end in the middle',
    fault: { fault: 'cut', after_tokens: 5, clean: true },
    // Half a JSON body of the declared length is simply no JSON.
    expected: ({ stream }) => (stream ? breaks('upstream_truncated') : fails(502, 'upstream_invalid_json', BILLED)),
  },
  {
    name: 'clean end before the first token',
    fault: { fault: 'cut', after_tokens: 0, clean: true },
    expected: ({ stream }) =>
      stream ? fails(502, 'upstream_truncated', BILLED_AND_RETRIED) : fails(502, 'upstream_invalid_json', BILLED),
  },
  {
    name: 'stall in the middle',
    fault: { fault: 'stall', after_tokens: 5 },
    expected: ({ stream }) => (stream ? breaks('upstream_idle_timeout') : fails(504, 'upstream_idle_timeout', BILLED)),
  },
  {
    name: 'stall before the first token',
    fault: { fault: 'stall', after_tokens: 0 },
    expected: () => fails(504, 'upstream_idle_timeout', BILLED),
  },
];

/** One row of the matrix. */
export interface FaultCase {
  readonly name: string;
  readonly fault: JsonObject;
  readonly protocol: ProtocolName;
  readonly stream: boolean;
  readonly mode: Mode;
  readonly expected: Expected;
  /** What the client puts into `model`. */
  readonly asked: string;
  readonly asksForJson: boolean;
}

/** The whole matrix: every fault, streamed and not, from each protocol, in each mode. */
export function allFaultCases(): readonly FaultCase[] {
  const protocols = Object.keys(PROTOCOLS) as ProtocolName[];
  const modes: readonly Mode[] = ['pinned', 'degraded', 'off'];
  return FAULTS.flatMap((row) =>
    [false, true].flatMap((stream) =>
      protocols.flatMap((protocol) =>
        modes.map((mode) => ({
          name: `${row.name}, ${stream ? 'streamed' : 'whole'}, ${protocol}, ${mode}`,
          fault: { ...row.fault, target: protocol },
          protocol,
          stream,
          mode,
          expected: row.expected({ protocol, stream, mode }),
          asked: askedName(protocol, mode, row.isQuick ?? false),
          asksForJson: row.asksForJson ?? false,
        })),
      ),
    ),
  );
}

function askedName(protocol: ProtocolName, mode: Mode, isQuick: boolean): string {
  if (mode === 'pinned') return PROTOCOLS[protocol].model;
  return `${protocol}-${mode}${isQuick ? '-quick' : ''}`;
}

/** The config the matrix runs on: for each protocol a route that falls back and one that does not, with and without a limit on the first token. */
export function faultMatrixConfig(): string {
  const routes = (Object.keys(PROTOCOLS) as ProtocolName[]).flatMap((protocol) => {
    const { model, fallback } = PROTOCOLS[protocol];
    return (['degraded', 'off'] as const).flatMap((mode) => [
      `${protocol}-${mode}: { try: [${model}, ${fallback}], fallback: ${mode} }`,
      `${protocol}-${mode}-quick: { try: [${model}, ${fallback}], fallback: ${mode}, timeout: { first_token: 10s } }`,
    ]);
  });
  return simulatedConfig(routes);
}

/** For each protocol a route whose streams flow, and one whose streams are held. */
export function flowingAndHeldConfig(): string {
  return simulatedConfig(
    Object.entries(PROTOCOLS).flatMap(([name, { model, fallback }]) => [
      `${name}-flows: { try: [${model}, ${fallback}] }`,
      `${name}-held: { try: [${model}, ${fallback}], stream: hold }`,
    ]),
  );
}

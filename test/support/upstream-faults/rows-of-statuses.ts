import { raw, eventStream, type Script } from '../raw-upstream.ts';
import {
  ambiguous,
  breaks,
  broken,
  clientsFault,
  notProcessed,
  type FaultRow,
  type Outcome,
  type Shape,
  type TrapPlaces,
  type Variant,
} from './fault-row.ts';
import { CANARY } from './canary.ts';
import { errorBody, errorEvent, withContent, type Complaint } from './vendor-wire.ts';

/** Vendors quote the key they were sent. */
const MESSAGE = `It did not like the key ${CANARY} at all.`;

/** Rows 34 to 44: statuses other than 200. */
export const ROWS_OF_STATUSES: readonly FaultRow[] = [
  {
    number: 34,
    name: 'key not accepted',
    variants: (shape) => [
      status(shape, '401 Unauthorized', broken('upstream_auth', { status: 401 })),
      status(shape, '403 Forbidden', broken('upstream_auth', { status: 403 })),
    ],
  },
  {
    number: 35,
    name: 'model gone',
    variants: (shape) => [status(shape, '404 Not Found', broken('upstream_model_unavailable', { status: 404 }))],
  },
  {
    number: 36,
    name: 'parameter not accepted',
    variants: (shape) => [
      status(shape, '400 Bad Request', clientsFault(400, 'upstream_invalid_request', 400), 'plain'),
      status(shape, '422 Unprocessable Entity', clientsFault(400, 'upstream_invalid_request', 422), 'plain'),
    ],
  },
  {
    number: 37,
    name: 'prompt too long',
    variants: (shape) => [
      status(shape, '400 Bad Request', clientsFault(400, 'context_length_exceeded', 400), 'too_long'),
    ],
  },
  {
    number: 38,
    name: '408',
    variants: (shape) => [status(shape, '408 Request Timeout', ambiguous(504, 'upstream_timeout', { status: 408 }))],
  },
  {
    number: 39,
    name: '413',
    variants: (shape) => [
      status(shape, '413 Payload Too Large', clientsFault(413, 'request_too_large_for_model', 413)),
    ],
  },
  { number: 40, name: 'rate limited', variants: rateLimits },
  { number: 41, name: 'no quota left', variants: quota },
  {
    number: 42,
    name: 'server error',
    variants: (shape) => [
      status(shape, '500 Internal Server Error', ambiguous(502, 'upstream_error', { status: 500 })),
      status(shape, '502 Bad Gateway', ambiguous(502, 'upstream_error', { status: 502 })),
      status(shape, '504 Gateway Timeout', ambiguous(504, 'upstream_timeout', { status: 504 })),
    ],
  },
  {
    number: 43,
    name: 'overloaded',
    variants: (shape) => {
      const { protocol, stream } = shape;
      const event = errorEvent(protocol, 'overloaded', 'Overloaded');
      const late = eventStream([...withContent(protocol), event], 'clean');
      return [
        status(shape, '503 Service Unavailable', notProcessed(503, 'upstream_overloaded', { status: 503 })),
        status(shape, '529 Overloaded', notProcessed(503, 'upstream_overloaded', { status: 529 })),
        ...(stream ? [server('as an event after content', late, breaks('upstream_overloaded'))] : []),
      ];
    },
  },
  { number: 44, name: 'redirect', variants: redirects },
];

function server(name: string, script: Script, expected: Outcome): Variant {
  return { name, wire: { at: 'server', script }, expected };
}

function answer(line: string, headers: readonly string[], text: string): Script {
  const head = [`HTTP/1.1 ${line}`, ...headers, `content-length: ${Buffer.byteLength(text)}`].join('\r\n');
  return raw(`${head}\r\n\r\n${text}`, 'keep');
}

/** An answer with this status; without a complaint, its body says nothing more exact. */
function status({ protocol }: Shape, line: string, expected: Outcome, complaint?: Complaint): Variant {
  const text =
    complaint === undefined ? `<h1>${MESSAGE}</h1>` : JSON.stringify(errorBody(protocol, complaint, MESSAGE));
  const type = complaint === undefined ? 'text/html' : 'application/json';
  return server(line, answer(line, [`content-type: ${type}`], text), expected);
}

/** When the answers of these tests were given, as the vendor's clock has it; and a second later. */
const VENDOR_DATE = 'Tue, 03 Nov 2026 10:00:00 GMT';
const SECOND_LATER = 'Tue, 03 Nov 2026 10:00:01 GMT';
const LONG_AGO = 'Wed, 21 Oct 2015 07:28:00 GMT';

function rateLimits(): readonly Variant[] {
  const limited = (details: Parameters<typeof notProcessed>[2]): Outcome =>
    notProcessed(429, 'upstream_rate_limited', { status: 429, shouldRetry: true, ...details });
  const variant = (name: string, headers: readonly string[], expected: Outcome): Variant =>
    server(name, answer('429 Too Many Requests', headers, '{}'), expected);
  const after = (milliseconds: number) => limited({ pauseMs: [milliseconds, milliseconds * 1.1] });
  return [
    variant('Retry-After: 2', ['retry-after: 2'], after(2_000)),
    variant('a date', [`date: ${VENDOR_DATE}`, `retry-after: ${SECOND_LATER}`], after(1_000)),
    variant('retry-after-ms', ['retry-after-ms: 120'], after(120)),
    variant(
      'a limit that is renewed later than anybody waits',
      ['x-ratelimit-remaining-tokens: 0', 'x-ratelimit-reset-tokens: 6m0s'],
      limited({ isRetried: false }),
    ),
    variant('a date that has passed', [`date: ${VENDOR_DATE}`, `retry-after: ${LONG_AGO}`], after(0)),
    variant('Retry-After: 0', ['retry-after: 0'], after(0)),
    variant('Retry-After: 1000000000', ['retry-after: 1000000000'], limited({ isRetried: false })),
    variant('Retry-After: soon', ['retry-after: soon'], limited({})),
  ];
}

const QUOTA_LINES = {
  openai: '429 Too Many Requests',
  anthropic: '402 Payment Required',
  google: '429 Too Many Requests',
  deepseek: '402 Insufficient Balance',
} as const;

function quota(shape: Shape): readonly Variant[] {
  const line = QUOTA_LINES[shape.protocol];
  const expected = broken('upstream_quota', { status: Number(line.slice(0, 3)) });
  return [status(shape, line, expected, 'no_money')];
}

function redirects(_shape: Shape, { trapUrl }: TrapPlaces): readonly Variant[] {
  const lines = [
    '301 Moved Permanently',
    '302 Found',
    '303 See Other',
    '307 Temporary Redirect',
    '308 Permanent Redirect',
  ];
  const places = [`${trapUrl}/stolen?key=${CANARY}`, 'http://169.254.169.254/latest/meta-data/'];
  return lines.map((line, index) => {
    const location = places[index % places.length] ?? trapUrl;
    const expected = broken('upstream_redirect_refused', { status: Number(line.slice(0, 3)) });
    return server(line, answer(line, [`location: ${location}`], ''), expected);
  });
}

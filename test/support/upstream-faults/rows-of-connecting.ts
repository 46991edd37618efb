import { eventStream, raw, type Script } from '../raw-upstream.ts';
import { ambiguous, answers, broken, notProcessed, silent, type FaultRow, type Shape } from './fault-row.ts';
import { healthy } from './healthy.ts';
import { beforeContent, TEXT } from './vendor-wire.ts';

/** The timers of every route here. */
export const CONNECT_MS = 300;
export const FIRST_BYTE_MS = 500;
export const IDLE_MS = 500;
export const TOTAL_MS = 3_000;

/** Rows 1 to 14: up to the first event of the answer. */
export const ROWS_OF_CONNECTING: readonly FaultRow[] = [
  {
    number: 1,
    name: 'connection refused',
    variants: () => [
      {
        name: 'a port nobody listens on',
        wire: { at: 'refused' },
        expected: notProcessed(502, 'upstream_unreachable'),
      },
    ],
  },
  {
    number: 2,
    name: 'connection never accepted',
    variants: () => [
      {
        name: 'a queue that is full',
        wire: { at: 'full' },
        expected: silent('upstream_connect_timeout', CONNECT_MS, { isBilled: false }),
      },
    ],
  },
  {
    number: 3,
    name: 'no such name',
    variants: () => [{ name: 'NXDOMAIN', wire: { at: 'unknown name' }, expected: notProcessed(502, 'upstream_dns') }],
  },
  {
    number: 4,
    name: 'name service stalls',
    variants: () => [
      {
        name: 'no answer',
        wire: { at: 'stalled name' },
        expected: silent('upstream_dns_timeout', CONNECT_MS, { isBilled: false }),
      },
    ],
  },
  {
    number: 5,
    name: 'name leads to a private address',
    variants: () => [
      {
        name: 'this machine',
        wire: { at: 'rebound name' },
        expected: broken('upstream_address_forbidden'),
      },
    ],
  },
  {
    number: 6,
    name: 'TLS of nobody',
    variants: () => [
      {
        name: 'signed by itself',
        wire: { at: 'self-signed' },
        expected: broken('upstream_tls', { withinMs: 100 }),
      },
      { name: 'no TLS at all', wire: { at: 'no tls' }, expected: broken('upstream_tls', { withinMs: 100 }) },
    ],
  },
  {
    number: 7,
    name: 'no HTTP',
    variants: () => [
      server('another protocol', raw('SSH-2.0-OpenSSH_9.2\r\n'), broken('upstream_protocol', { isBilled: true })),
    ],
  },
  {
    number: 8,
    name: 'TLS handshake stalls',
    variants: () => [
      {
        name: 'no word after the hello',
        wire: { at: 'silent tls' },
        expected: silent('upstream_connect_timeout', CONNECT_MS, { isBilled: false }),
        closes: true,
      },
    ],
  },
  {
    number: 9,
    name: 'closed before headers',
    variants: () => [server('FIN', (socket) => socket.end(), ambiguous(502, 'upstream_reset'))],
  },
  {
    number: 10,
    name: 'idle socket closed as the request comes',
    variants: (shape) => [stale('FIN', shape, (socket) => socket.end()), stale('RST', shape, RESET)],
  },
  {
    number: 11,
    name: 'reset before headers',
    variants: () => [server('RST', RESET, ambiguous(502, 'upstream_reset'))],
  },
  {
    number: 12,
    name: 'closed in the middle of the headers',
    variants: () => [server('FIN', raw('HTTP/1.1 200 OK\r\ncontent-ty'), ambiguous(502, 'upstream_reset'))],
  },
  {
    number: 13,
    name: 'silence before headers',
    variants: () => [
      {
        ...server('not a byte', () => undefined, silent('upstream_first_byte_timeout', FIRST_BYTE_MS)),
        closes: true,
      },
    ],
  },
  { number: 14, name: 'silence after headers', variants: silenceAfterHeaders },
];

const RESET: Script = (socket) => socket.resetAndDestroy();

function server(name: string, script: Script, expected: ReturnType<typeof broken>) {
  return { name, wire: { at: 'server', script }, expected } as const;
}

/** A request over a connection that has carried an answer meets its end; one over another is answered. */
function stale(name: string, { protocol }: Shape, end: Script) {
  const answer = healthy(protocol);
  const script: Script = (socket, request) => (socket.bytesWritten > 0 ? end : answer)(socket, request);
  return {
    name,
    wire: { at: 'server', script, isPrimed: true },
    expected: answers(TEXT, { isStale: true }),
  } as const;
}

function silenceAfterHeaders({ protocol, stream }: Shape) {
  const expected = silent('upstream_idle_timeout', IDLE_MS, { status: 200 });
  if (!stream) {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n';
    return [{ ...server('not a byte of the body', raw(head, 'keep'), expected), closes: true }];
  }
  const commenting: Script = (socket, request) => {
    eventStream(beforeContent(protocol), 'open')(socket, request);
    const timer = setInterval(() => socket.write('e\r\n: keep-alive\n\n\r\n'), 100);
    socket.on('close', () => clearInterval(timer));
  };
  return [
    { ...server('no event', eventStream([], 'open'), expected), closes: true },
    { ...server('events without content', eventStream(beforeContent(protocol), 'open'), expected), closes: true },
    { ...server('comments only', commenting, expected), closes: true },
  ];
}

import type { Socket } from 'node:net';

import { chunk, chunked, eventStream, raw, type BodyEnd, type Script } from '../raw-upstream.ts';
import {
  ambiguous,
  answers,
  breaks,
  broken,
  silent,
  type FaultRow,
  type Outcome,
  type Shape,
  type Variant,
} from './fault-row.ts';
import { IDLE_MS, TOTAL_MS } from './rows-of-connecting.ts';
import { beforeContent, contentEvent, streamOf, TEXT, wholeAnswer, withContent } from './vendor-wire.ts';

const JSON_TYPE = 'content-type: application/json';
const NO_STREAM = 'a whole body has no events';
/** More than an event may have, an answer, and a body. */
const PIECE_BYTES = 64 * 1024;
const BY_BYTES_MS = 5_000;
/** How often a slow upstream lets something drop: too often for the limit on silence. */
const DROP_MS = 200;

/** Rows 15 to 24: while the answer comes. */
export const ROWS_OF_STREAMING: readonly FaultRow[] = [
  { number: 15, name: 'reset in the middle', variants: (shape) => cut(shape, 'reset') },
  { number: 16, name: 'closed in the middle', variants: (shape) => cut(shape, 'cut') },
  { number: 17, name: 'clean end without a terminal event', variants: cleanEnd },
  {
    number: 18,
    name: 'finish without [DONE]',
    variants: ({ protocol, stream }) => {
      if (!stream) return NO_STREAM;
      const lack = lackOfDone(protocol);
      if (lack !== null) return lack;
      const events = streamOf(protocol).events.slice(0, -1);
      const expected = answers(TEXT, { flags: ['missing_done'] });
      return [server('clean end after the finish', eventStream(events, 'clean'), expected)];
    },
  },
  {
    number: 19,
    name: 'more after [DONE]',
    variants: ({ protocol, stream }) => {
      if (!stream) return NO_STREAM;
      const lack = lackOfDone(protocol);
      if (lack !== null) return lack;
      const { events } = streamOf(protocol);
      const expected = answers(TEXT, { flags: ['data_after_done'] });
      return [server('the whole stream again', eventStream([...events, ...events], 'clean'), expected)];
    },
  },
  {
    number: 20,
    name: 'silence in the middle',
    variants: ({ protocol, stream }) =>
      stream
        ? [
            closing(
              server(
                'after content',
                eventStream(withContent(protocol), 'open'),
                breaks('upstream_idle_timeout', IDLE_MS, IDLE_MS),
              ),
            ),
          ]
        : [
            closing(
              server(
                'after half of the body',
                chunked(JSON_TYPE, [halfOf(protocol)], 'open'),
                silent('upstream_idle_timeout', IDLE_MS, { status: 200 }),
              ),
            ),
          ],
  },
  { number: 21, name: 'slow drip', variants: drip },
  {
    number: 22,
    name: 'no end',
    variants: ({ protocol, stream }) => {
      const text = 'x'.repeat(PIECE_BYTES);
      if (!stream) {
        const expected = broken('upstream_overrun', { status: 200, withinMs: BY_BYTES_MS });
        return [closing(server('a body', pouring(JSON_TYPE, '"', text), expected))];
      }
      const script = pouring(EVENT_TYPE, withContent(protocol).join(''), contentEvent(protocol, text));
      return [closing(server('events', script, breaks('upstream_overrun', BY_BYTES_MS)))];
    },
  },
  {
    number: 23,
    name: 'an event that never ends',
    variants: ({ protocol, stream }) => {
      if (!stream) return NO_STREAM;
      const endless = (events: readonly string[]): Script =>
        pouring(EVENT_TYPE, [...events, 'data: '].join(''), 'x'.repeat(PIECE_BYTES));
      const code = 'upstream_frame_too_large';
      const unheard = broken(code, { status: 200, withinMs: BY_BYTES_MS });
      return [
        closing(server('before content', endless(beforeContent(protocol)), unheard)),
        closing(server('after content', endless(withContent(protocol)), breaks(code, BY_BYTES_MS))),
      ];
    },
  },
  { number: 24, name: 'no JSON', variants: noJson },
];

const EVENT_TYPE = 'content-type: text/event-stream';

function server(name: string, script: Script, expected: Outcome): Variant {
  return { name, wire: { at: 'server', script }, expected };
}

function closing(variant: Variant): Variant {
  return { ...variant, closes: true };
}

function halfOf(protocol: Shape['protocol']): string {
  const text = wholeAnswer(protocol);
  return text.slice(0, text.length / 2);
}

function lackOfDone(protocol: Shape['protocol']): string | null {
  if (protocol === 'anthropic') return 'its last word is its terminal signal: without it the answer is cut (row 17)';
  return protocol === 'google' ? 'it has no word after its terminal signal' : null;
}

function cut({ protocol, stream }: Shape, end: BodyEnd): readonly Variant[] {
  if (!stream) {
    const expected = ambiguous(502, 'upstream_truncated', { status: 200 });
    return [server('in half of the body', chunked(JSON_TYPE, [halfOf(protocol)], end), expected)];
  }
  const { events, firstContent } = streamOf(protocol);
  const next = events[firstContent + 1] ?? '';
  const inEvent = [...withContent(protocol), next.slice(0, next.length / 2)];
  return [
    server('after an event', eventStream(withContent(protocol), end), breaks('upstream_truncated')),
    server('in an event', eventStream(inEvent, end), breaks('upstream_truncated')),
  ];
}

function cleanEnd({ protocol, stream }: Shape): readonly Variant[] {
  if (!stream) {
    const expected = broken('upstream_invalid_json', { status: 200 });
    return [server('of half a body', chunked(JSON_TYPE, [halfOf(protocol)], 'clean'), expected)];
  }
  const byClosing = `HTTP/1.1 200 OK\r\n${EVENT_TYPE}\r\n\r\n${withContent(protocol).join('')}`;
  const unheard = ambiguous(502, 'upstream_truncated', { status: 200 });
  return [
    server('of a chunked body', eventStream(withContent(protocol), 'clean'), breaks('upstream_truncated')),
    server('of a body that ends with its connection', raw(byClosing), breaks('upstream_truncated')),
    server('before content', eventStream(beforeContent(protocol), 'clean'), unheard),
  ];
}

function drip({ protocol, stream }: Shape): readonly Variant[] {
  if (!stream) {
    const script = dropping(JSON_TYPE, '', () => 'x');
    const expected = silent('upstream_total_timeout', TOTAL_MS, { status: 200, endsAll: true });
    return [closing(server('a byte of the body every so often', script, expected))];
  }
  const begun = withContent(protocol).join('');
  const events = dropping(EVENT_TYPE, begun, () => contentEvent(protocol, 'x'));
  const bytes = dropping(EVENT_TYPE, `${begun}data: `, () => 'x');
  return [
    closing(server('an event every so often', events, breaks('upstream_total_timeout', TOTAL_MS, TOTAL_MS))),
    closing(server('a byte of an event every so often', bytes, breaks('upstream_idle_timeout', 2 * IDLE_MS, IDLE_MS))),
  ];
}

function noJson({ protocol, stream }: Shape): readonly Variant[] {
  if (!stream) {
    const script = chunked(JSON_TYPE, ['{"choices": [,'], 'clean');
    return [server('the body', script, broken('upstream_invalid_json', { status: 200 }))];
  }
  const { events, firstContent, terminal } = streamOf(protocol);
  const bad = 'data: {"choices": [\n\n';
  const early = eventStream([...beforeContent(protocol), bad, ...events], 'clean');
  const late = eventStream(events.toSpliced(firstContent + 1, 0, bad), 'clean');
  const last = eventStream(events.toSpliced(terminal, 1, bad), 'clean');
  return [
    server('before content', early, broken('upstream_invalid_event', { status: 200 })),
    server('after content', late, answers(TEXT, { degraded: 'event_skipped' })),
    server('in place of the terminal event', last, breaks('upstream_truncated')),
  ];
}

/** Answers with the beginning, then with more of the same as fast as it is taken. */
function pouring(type: string, beginning: string, more: string): Script {
  return (socket, request) => {
    chunked(type, [beginning], 'open')(socket, request);
    const piece = chunk(more);
    const pour = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', pour);
    pour();
  };
}

/** Answers with the beginning, then with a drop every so often. */
function dropping(type: string, beginning: string, drop: () => string): Script {
  return (socket: Socket, request) => {
    chunked(type, [beginning], 'open')(socket, request);
    const timer = setInterval(() => socket.write(chunk(drop())), DROP_MS);
    socket.on('close', () => clearInterval(timer));
  };
}

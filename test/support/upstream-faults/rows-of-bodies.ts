import { body, chunked, eventStream, raw, type Script } from '../raw-upstream.ts';
import {
  ambiguous,
  answers,
  breaks,
  broken,
  notProcessed,
  type FaultRow,
  type Outcome,
  type Shape,
  type Variant,
} from './fault-row.ts';
import {
  beforeContent,
  errorBody,
  errorEvent,
  streamOf,
  TEXT,
  WORDS,
  wholeAnswer,
  withContent,
} from './vendor-wire.ts';

const JSON_TYPE = 'content-type: application/json';
const EVENT_TYPE = 'content-type: text/event-stream';
const CHARACTERS = ['größer', '😀', '漢字'] as const;
const CHARACTERS_TEXT = 'größer 😀 漢字 ';
const NO_UTF8 = Buffer.concat([Buffer.from('data: {"a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n\n')]);

/** Rows 25 to 33: what the bytes of the answer are. */
export const ROWS_OF_BODIES: readonly FaultRow[] = [
  {
    number: 25,
    name: 'declared longer than it is',
    variants: ({ protocol, stream }) =>
      stream
        ? [server('a stream', raw(declared(withContent(protocol).join(''), 200, EVENT_TYPE)), cutAfterContent())]
        : [
            server(
              'a body',
              raw(declared(wholeAnswer(protocol), 20)),
              ambiguous(502, 'upstream_truncated', { status: 200 }),
            ),
          ],
  },
  { number: 26, name: 'declared shorter than it is', variants: tooShort },
  {
    number: 27,
    name: 'a length and chunks at once',
    variants: ({ protocol }) => {
      const text = wholeAnswer(protocol);
      const head = `HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\ncontent-length: ${text.length}\r\ntransfer-encoding: chunked\r\n\r\n`;
      const script = raw(`${head}${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`, 'keep');
      return [closing(server('in one head', script, broken('upstream_protocol', { isBilled: true })))];
    },
  },
  { number: 28, name: 'a chunk without a size', variants: badChunk },
  {
    number: 29,
    name: 'characters cut between chunks',
    variants: ({ protocol, stream }) => {
      const text = stream
        ? streamOf(protocol, CHARACTERS).events.join('')
        : wholeAnswer(protocol, { text: CHARACTERS_TEXT });
      const script = stream ? eventStream(bytesOf(text), 'clean') : chunked(JSON_TYPE, bytesOf(text), 'clean');
      return [server('byte by byte', script, answers(CHARACTERS_TEXT))];
    },
  },
  {
    number: 30,
    name: 'no UTF-8',
    variants: ({ protocol, stream }) => {
      const unheard = broken('upstream_invalid_utf8', { status: 200 });
      if (!stream) return [server('the body', body(Buffer.from([0x22, 0xc3, 0x28, 0x22])), unheard)];
      const early = eventStream([...beforeContent(protocol), NO_UTF8], 'open');
      const late = eventStream([...withContent(protocol), NO_UTF8], 'open');
      return [
        closing(server('before content', early, unheard)),
        closing(server('after content', late, breaks('upstream_invalid_utf8'))),
      ];
    },
  },
  {
    number: 31,
    name: 'a web page',
    variants: ({ protocol }) => [
      server('HTML', body('<h1>Sign in, please</h1>', 'text/html'), broken('upstream_content_type', { status: 200 })),
      server(
        'JSON under a false name',
        body(wholeAnswer(protocol), 'text/plain'),
        broken('upstream_content_type', { status: 200 }),
      ),
    ],
  },
  {
    number: 32,
    name: '200 with an error inside',
    variants: ({ protocol, stream }) => {
      const play = (complaint: 'overloaded' | 'internal'): Script =>
        stream
          ? eventStream([errorEvent(protocol, complaint, 'It broke.')], 'clean')
          : body(JSON.stringify(errorBody(protocol, complaint, 'It broke.')));
      return [
        server('overloaded', play('overloaded'), notProcessed(503, 'upstream_overloaded', { status: 200 })),
        server('broken', play('internal'), ambiguous(502, 'upstream_error', { status: 200 })),
      ];
    },
  },
  {
    number: 33,
    name: 'the other form than was asked for',
    variants: ({ protocol, stream }) => {
      const script = stream ? body(wholeAnswer(protocol)) : eventStream(streamOf(protocol, WORDS).events, 'clean');
      return [server(stream ? 'whole' : 'streamed', script, answers(TEXT, { flags: ['stream_emulated'] }))];
    },
  },
];

function server(name: string, script: Script, expected: Outcome): Variant {
  return { name, wire: { at: 'server', script }, expected };
}

function closing(variant: Variant): Variant {
  return { ...variant, closes: true };
}

function cutAfterContent(): Outcome {
  return breaks('upstream_truncated');
}

/** A body under a false length. */
function declared(text: string, by: number, type = JSON_TYPE): string {
  return `HTTP/1.1 200 OK\r\n${type}\r\ncontent-length: ${Buffer.byteLength(text) + by}\r\n\r\n${text}`;
}

function tooShort({ protocol, stream }: Shape): readonly Variant[] {
  if (stream) {
    const { events } = streamOf(protocol);
    const rest = events.slice(withContent(protocol).length).join('');
    const script = raw(declared(events.join(''), -Buffer.byteLength(rest), EVENT_TYPE), 'keep');
    return [closing(server('a stream', script, cutAfterContent()))];
  }
  const text = wholeAnswer(protocol);
  const twice = declared(text, 0) + declared(wholeAnswer(protocol, { text: 'smuggled' }), 0);
  return [
    closing(server('a body', raw(declared(text, -20), 'keep'), broken('upstream_invalid_json', { status: 200 }))),
    closing(server('two answers', raw(twice, 'keep'), answers(TEXT))),
  ];
}

function badChunk({ protocol, stream }: Shape): readonly Variant[] {
  const bad =
    (type: string, text: string): Script =>
    (socket, request) => {
      chunked(type, [text], 'open')(socket, request);
      socket.end('not-a-size\r\n');
    };
  const unheard = broken('upstream_protocol', { status: 200 });
  if (!stream) return [server('in the body', bad(JSON_TYPE, wholeAnswer(protocol).slice(0, 20)), unheard)];
  return [
    server('before content', bad(EVENT_TYPE, `${beforeContent(protocol).join('')}: comment\n\n`), unheard),
    server('after content', bad(EVENT_TYPE, withContent(protocol).join('')), breaks('upstream_protocol')),
  ];
}

function bytesOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
}

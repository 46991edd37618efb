import { isJsonObject, objectMember, parseJson, stringMember, type JsonObject } from '../../src/core/json.ts';
import { randomFrom } from '../../src/simulator/random.ts';

/** One way in which the same stream may come over the wire. */
export interface StreamVariant {
  readonly name: string;
  /** What is written at a time. */
  readonly pieces: readonly Buffer[];
}

const LINE_ENDS = { LF: '\n', CRLF: '\r\n', CR: '\r' } as const;
/** Cuts of one random cutting. */
const CUTS = 20;

/** A stream in all framings, each whole, byte by byte and cut at random places that depend on the seed alone. */
export function streamVariants(body: string, seed: string): readonly StreamVariant[] {
  const lines = withLineFeeds(body);
  const framed = [
    ...Object.entries(LINE_ENDS).map(([name, end]) => [name, lines.replaceAll('\n', end)] as const),
    ['LF after a byte-order mark', `\uFEFF${lines}`] as const,
  ];
  return framed.flatMap(([framing, text]) => {
    const bytes = Buffer.from(text);
    const cuttings: readonly (readonly [string, readonly Buffer[]])[] = [
      ['whole', [bytes]],
      ['byte by byte', Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1))],
      [`cut at ${CUTS} places`, randomPieces(bytes, `${seed} ${framing}`)],
    ];
    return cuttings.map(([cutting, pieces]) => ({ name: `${framing}, ${cutting}`, pieces }));
  });
}

/** The bytes cut at random places. */
export function randomPieces(bytes: Buffer, seed: string): readonly Buffer[] {
  const random = randomFrom(seed);
  const cuts = Array.from({ length: CUTS }, () => Math.floor(random.next() * (bytes.length + 1)));
  const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter((piece) => piece.length > 0);
}

/** Every beginning of the stream that ends after a whole event (or before the first) and lacks the terminal signal. */
export function truncations(body: string): readonly string[] {
  const events = withLineFeeds(body).split(/(?<=\n\n)/);
  const terminal = events.findIndex(isTerminal);
  const last = terminal < 0 ? events.length - 1 : terminal;
  return Array.from({ length: last + 1 }, (_, count) => events.slice(0, count).join(''));
}

function withLineFeeds(body: string): string {
  return body.replace(/\r\n?/g, '\n');
}

/** Whether the event is the one with which its protocol says that the answer is complete. */
function isTerminal(event: string): boolean {
  const data = event
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length));
  const json = parseJson(data.join('\n'));
  if (!isJsonObject(json)) return false;
  const ends = (holder: JsonObject, name: string): boolean => stringMember(holder, name) !== null;
  const answers = [json['choices'], json['candidates']].flatMap((list) => (Array.isArray(list) ? list : []));
  return (
    json['type'] === 'message_stop' ||
    ends(objectMember(json, 'promptFeedback') ?? {}, 'blockReason') ||
    answers.filter(isJsonObject).some((answer) => ends(answer, 'finish_reason') || ends(answer, 'finishReason'))
  );
}

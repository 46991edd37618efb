import type { JsonObject } from '../../../src/core/json.ts';
import type { ManualClock } from '../manual-clock.ts';
import { body, chunked, eventStream, type RawRequest, type Script } from '../raw-upstream.ts';
import { answer, completion, USAGE } from '../vendor-answers.ts';

/** How likely each way of answering is, beside the others. */
export type Mood = Partial<Record<keyof typeof WAYS, number>>;

/** What the schema of the route that checks takes. */
const VALID = '{"a": 1, "b": 2}';
const JSON_TYPE = 'content-type: application/json';
const failed = (status: string, error: JsonObject, ...headers: readonly string[]): Script =>
  answer(status, [JSON_TYPE, ...headers], JSON.stringify({ error: { message: 'no', ...error } }));

const WAYS = {
  well: (ask: RawRequest): Script => whole(ask, VALID, 'stop'),
  wrong: (ask: RawRequest): Script => whole(ask, 'Good day.', 'stop'),
  refusing: (ask: RawRequest): Script => whole(ask, 'Hello', 'content_filter'),
  slow: (ask: RawRequest): Script => whole(ask, VALID, 'stop'),
  overloaded: (): Script => failed('503 Busy', {}),
  erring: (): Script => failed('500 Broken', {}),
  limited: (): Script => failed('429 Slow Down', {}),
  limitedShortly: (): Script => failed('429 Slow Down', {}, 'retry-after: 1'),
  limitedLong: (): Script => failed('429 Slow Down', {}, 'retry-after: 40'),
  rejecting: (): Script => failed('401 Unauthorized', {}),
  broke: (): Script => failed('402 Payment Required', {}),
  lost: (): Script => failed('404 Not Found', { code: 'model_not_found' }),
  objecting: (): Script => failed('400 Bad Request', { type: 'invalid_request_error' }),
  tooLong: (): Script => failed('400 Bad Request', { code: 'context_length_exceeded' }),
  filtering: (): Script => failed('400 Bad Request', { code: 'content_filter' }),
  closing: (): Script => (socket) => socket.destroy(),
  silent: (): Script => () => undefined,
  cutEarly: (ask: RawRequest): Script => broken(ask, 1, 'cut'),
  cutLate: (ask: RawRequest): Script => broken(ask, 3, 'cut'),
  stalling: (ask: RawRequest): Script => broken(ask, 3, 'open'),
  garbled: (): Script => body('{"id": '),
} as const;

/** One that is mostly well, or mostly one thing, or all at once. */
export function moodOf(random: () => number): Mood {
  const names = Object.keys(WAYS) as (keyof typeof WAYS)[];
  const one = names[Math.floor(random() * names.length)] ?? 'well';
  const chance = random();
  if (chance < 0.3) return { well: 1, [one]: 0.2 };
  if (chance < 0.7) return { well: 0.1, [one]: 1 };
  return Object.fromEntries(names.map((name) => [name, name === 'well' ? 4 : random()]));
}

/** Answers each request in one of the ways of the mood. */
export function playBy(mood: Mood, clock: ManualClock, random: () => number): Script {
  const ways = Object.entries(mood) as [keyof typeof WAYS, number][];
  const total = ways.reduce((sum, [, weight]) => sum + weight, 0);
  return (socket, request) => {
    let rest = random() * total;
    const [name] = ways.find(([, weight]) => (rest -= weight) < 0) ?? ['well'];
    const script = WAYS[name](request);
    if (name === 'slow') clock.setTimer(700, () => script(socket, request));
    else script(socket, request);
  };
}

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
}

function whole({ body: asked }: RawRequest, text: string, finish: string): Script {
  const { model, stream } = JSON.parse(asked) as Asked;
  return stream === true
    ? eventStream(events(model, text, finish), 'clean')
    : body(JSON.stringify(completion({ text, finish, members: { model } })));
}

/** So many events of a stream, or the beginning of a whole answer. */
function broken({ body: asked }: RawRequest, count: number, end: 'cut' | 'open'): Script {
  const { model, stream } = JSON.parse(asked) as Asked;
  return stream === true
    ? eventStream(events(model, VALID, 'stop').slice(0, count), end)
    : chunked(JSON_TYPE, [JSON.stringify(completion()).slice(0, 80)], end);
}

function events(model: string, text: string, finish: string): readonly string[] {
  const event = (members: JsonObject): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model, ...members })}\n\n`;
  const choice = (delta: JsonObject, finish_reason: string | null = null): string =>
    event({ choices: [{ index: 0, delta, finish_reason }] });
  return [
    choice({ role: 'assistant', content: '' }),
    ...text.split(' ').map((word) => choice({ content: `${word} ` })),
    choice({}, finish),
    event({ choices: [], usage: USAGE }),
    'data: [DONE]\n\n',
  ];
}

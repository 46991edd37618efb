import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { flowingAndHeldConfig, PROTOCOLS, type ProtocolName } from './support/fault-cases.ts';
import { eventStream } from './support/raw-upstream.ts';
import { FIRST_WORDS, flawsOfAuthorship, SECOND_WORDS, type Relayed } from './support/splice-check.ts';
import { flawsOfBrokenStream, flawsOfCompleteStream, readStream } from './support/stream-reading.ts';
import { openUpstreamBench, type UpstreamBench } from './support/upstream-bench.ts';
import { textStreams, type UpstreamStream } from './support/upstream-streams.ts';

const CONFIG = flowingAndHeldConfig();

const FIRST = textStreams(FIRST_WORDS);
const SECOND = textStreams(SECOND_WORDS);

/** The provider whose model stands in for this one's. */
function standInOf(provider: string): UpstreamStream {
  const { fallback } = PROTOCOLS[provider as ProtocolName];
  const at = fallback.startsWith('gpt') ? 'openai' : fallback.startsWith('claude') ? 'anthropic' : 'google';
  return SECOND.find((stream) => stream.provider === at)!;
}

describe('one model writes one message', () => {
  let bench: UpstreamBench;
  beforeAll(async () => {
    bench = await openUpstreamBench({ config: CONFIG });
  });
  afterAll(() => bench.close());

  /** Lets the first model stop after so many events, its stand-in answer whole, and gives what the client got. */
  async function relay(route: string, first: UpstreamStream, events: number, end: 'clean' | 'cut'): Promise<Relayed> {
    const standIn = standInOf(first.provider);
    const [one, two] = [bench.upstreams[first.provider]!, bench.upstreams[standIn.provider]!];
    const before = [one.requests.length, two.requests.length] as const;
    one.play(eventStream([first.events.slice(0, events).join('')], end));
    two.play(eventStream([standIn.events.join('')], 'clean'));
    const response = await bench.gateway.post('/v1/chat/completions', {
      model: route,
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
    });
    const bytes = await response.text();
    return {
      status: response.status,
      bytes,
      asked: [one.requests.length - before[0], two.requests.length - before[1]],
    };
  }

  test.each(FIRST.map((stream) => [stream.name, stream] as const))(
    '%s: wherever it stops, nobody goes on in its place',
    async (_name, stream) => {
      for (let events = 0; events <= stream.terminal; events++) {
        for (const end of ['clean', 'cut'] as const) {
          const relayed = await relay(`${stream.provider}-flows`, stream, events, end);
          expect(flawsOfAuthorship(relayed)).toEqual([]);
          expect(relayed.status).toBe(200);
          if (events > stream.firstContent) {
            expect(relayed.asked).toEqual([1, 0]);
            expect(flawsOfBrokenStream(relayed.bytes)).toEqual([]);
          } else {
            expect(relayed.asked).toEqual([1, 1]);
            expect(flawsOfCompleteStream(relayed.bytes)).toEqual([]);
            expect(readStream(relayed.bytes).text).toBe(`${SECOND_WORDS.join(' ')} `);
          }
        }
      }
    },
  );

  test.each(FIRST.map((stream) => [stream.name, stream] as const))(
    '%s: of a held answer that breaks, not a word goes out, so another model may answer whole',
    async (_name, stream) => {
      for (let events = 0; events <= stream.terminal; events++) {
        const relayed = await relay(`${stream.provider}-held`, stream, events, 'cut');
        expect(flawsOfAuthorship(relayed)).toEqual([]);
        expect(relayed.asked).toEqual([1, 1]);
        expect(flawsOfCompleteStream(relayed.bytes)).toEqual([]);
        expect(readStream(relayed.bytes).text).toBe(`${SECOND_WORDS.join(' ')} `);
      }
    },
  );
});

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { askChunks, askCollected, askWhole, askWithoutUsage } from '../support/received-answer.ts';
import { isAnswer, readRecordings, type RecordedResponse } from '../support/recordings.ts';
import { allOf, openReplayBench, type ReplayBench } from '../support/replay.ts';
import { streamVariants, truncations } from '../support/stream-variants.ts';

/** Every recorded answer of the vendors, in every framing and cut at every place, from the upstream's socket to the application. */
const folder = process.env['CANDOR_RECORDINGS'];
const recordings = folder === undefined ? null : readRecordings(folder);
const responses = recordings?.responses ?? [];
const streams = responses.filter((recorded) => recorded.isStream);
const wholes = responses.filter((recorded) => !recorded.isStream);
const AT_ONCE = 12;

/** Begun anew by the vendor after its first words: these are out already where the stream flows. */
const RESTARTED = 'anthropic/spliced-message-start.stream.jsonl';
const flows = (recorded: RecordedResponse): boolean => isAnswer(recorded) && recorded.name !== RESTARTED;

describe.skipIf(recordings === null)('recorded answers (set CANDOR_RECORDINGS to their folder)', () => {
  let bench: ReplayBench;
  beforeAll(async () => {
    bench = await openReplayBench();
  });
  afterAll(() => bench.close());

  test('are all replayed, but for those that are listed by name', () => {
    expect(recordings?.misplaced).toEqual([]);
    expect(streams.length).toBeGreaterThan(25);
    expect(wholes.length).toBeGreaterThan(15);
  });

  test.each(wholes.map((recorded) => [recorded.name, recorded] as const))('%s', async (_name, recorded) => {
    const flaw = isAnswer(recorded) ? bench.flawOfAnswer : bench.flawOfError;
    expect(await flaw(recorded, { ask: askWhole })).toBeNull();
  });

  describe.each(streams.map((recorded) => [recorded.name, recorded] as const))('%s', (name, recorded) => {
    test('gives its result in every framing, however it is cut, and however it is asked for', async () => {
      const flaw = flows(recorded) ? bench.flawOfAnswer : bench.flawOfError;
      const variants = streamVariants(recorded.body, name);
      const jobs = variants.flatMap(({ name: variant, pieces }) =>
        [askChunks, askCollected].map((ask) => async () => {
          // The collector reads the same bytes again: for the longest cutting once is enough.
          if (ask === askCollected && pieces.length > 100) return null;
          const found = await flaw(recorded, { ask, pieces });
          return found === null ? null : `${variant}: ${found}`;
        }),
      );
      expect(await allOf(jobs, AT_ONCE)).toEqual([]);
    });

    test('gives the same where the answer is held, and where a whole one was asked for', async () => {
      const flaw = isAnswer(recorded) ? bench.flawOfAnswer : bench.flawOfError;
      expect(await flaw(recorded, { ask: askChunks, held: true })).toBeNull();
      expect(await flaw(recorded, { ask: askCollected, held: true })).toBeNull();
      expect(await flaw(recorded, { ask: askWhole })).toBeNull();
    });

    test('is an error wherever it is cut before its terminal signal', async () => {
      const jobs = truncations(recorded.body).flatMap((beginning, events) =>
        [askChunks, askCollected].flatMap((ask) =>
          [false, true].map((held) => async () => {
            // What a held answer lacks is the same however it is asked for.
            if (held && ask === askCollected) return null;
            const found = await bench.flawOfError(recorded, { ask, held, pieces: [Buffer.from(beginning)] });
            return found === null ? null : `after ${events} events: ${found}`;
          }),
        ),
      );
      expect(jobs.length).toBeGreaterThan(3);
      expect(await allOf(jobs, AT_ONCE)).toEqual([]);
    });
  });

  test.each(streams.filter(flows).map((recorded) => [recorded.name, recorded] as const))(
    '%s: what was used is on record also where the client does not ask',
    async (_name, recorded) => {
      const received = await bench.replay(recorded, { ask: askWithoutUsage });
      if (received instanceof Error) throw received;
      expect(received.usage).toBeNull();
      const record = await bench.gateway.record(received.id);
      const { prompt_tokens, completion_tokens, total_tokens } = recorded.expected.usage ?? {};
      if (recorded.expected.usage === null) expect(record['usage']).toBeNull();
      else expect(record['usage']).toMatchObject({ prompt_tokens, completion_tokens, total_tokens });
    },
  );

  test('an answer that its vendor began anew is an error inside a stream that flows', async () => {
    const restarted = streams.find(({ name }) => name === RESTARTED)!;
    const error = await bench.replay(restarted, { ask: askChunks });
    expect(error).toMatchObject({ code: 'upstream_protocol', status: undefined });
  });

  test('what is written apart arrives apart', async () => {
    const pieces = Array.from({ length: 2000 }, () => Buffer.from('x'));
    const request = bench.prepare(streams[0]!, pieces);
    const socket = connect(Number(new URL(bench.upstream.url).port), '127.0.0.1');
    let reads = 0;
    const ended = new Promise<void>((resolve) => {
      socket.on('data', (bytes) => {
        reads++;
        if (bytes.toString('latin1').endsWith('0\r\n\r\n')) resolve();
      });
    });
    socket.write(`POST / HTTP/1.1\r\ncontent-length: ${request.length}\r\n\r\n${request}`);
    await ended;
    socket.destroy();
    expect(reads).toBeGreaterThanOrEqual(pieces.length);
  });
});

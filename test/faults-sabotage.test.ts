import { afterEach, describe, expect, test } from 'vitest';

import { isFailure } from '../src/core/failure.ts';
import type { AnswerPart } from '../src/core/answer.ts';
import type { ExpectedAnswer, Provider, StreamDecoder } from '../src/providers/provider.ts';
import { PROVIDERS } from '../src/providers/registry.ts';
import { Transport, type Call, type CallResponse, type OpenCall } from '../src/transport/send.ts';
import { startInjectedGateway, type Injected, type InjectedGateway } from './support/injected-gateway.ts';
import { eventStream } from './support/raw-upstream.ts';
import { FIRST_WORDS, flawsOfAuthorship, SECOND_WORDS } from './support/splice-check.ts';
import { askWithSdk, flawsOfBrokenStream, flawsOfCompleteStream } from './support/stream-reading.ts';
import { openAiStream } from './support/upstream-streams.ts';

/**
 * The twins of the suites about truncation and splicing: with a step that breaks the promise put in
 * the place of ours, the very checks those suites use must find the flaw.
 */
const MESSAGES = [{ role: 'user', content: 'Hello' }];
const FIRST = openAiStream(FIRST_WORDS);
const SECOND = openAiStream(SECOND_WORDS);
const CUT = FIRST.events.slice(0, FIRST.firstContent + 1);

let gateway: InjectedGateway | null = null;
afterEach(async () => {
  await gateway?.close();
  gateway = null;
});

async function start(injected: Injected): Promise<InjectedGateway> {
  gateway = await startInjectedGateway(injected);
  return gateway;
}

/** A decoder to which every stream that ends has ended well: it makes up the finish that never came. */
class TrustingDecoder implements StreamDecoder {
  readonly endsWithFinish = true;
  readonly #inner: StreamDecoder;
  #invented = false;

  constructor(inner: StreamDecoder) {
    this.#inner = inner;
  }

  decode(event: Parameters<StreamDecoder['decode']>[0]): ReturnType<StreamDecoder['decode']> {
    const decoded = this.#inner.decode(event);
    if (isFailure(decoded) || this.#invented || !decoded.parts.some((part) => part.type === 'text')) return decoded;
    this.#invented = true;
    const finish: AnswerPart = { type: 'finish', reason: 'stop', native: 'stop' };
    return { ...decoded, parts: [...decoded.parts, finish] };
  }

  get saidAll(): boolean {
    return this.#inner.saidAll;
  }

  end(): readonly string[] {
    return [];
  }
}

function trusting(): ReadonlyMap<string, Provider> {
  return new Map(
    [...PROVIDERS].map(([kind, provider]) => [
      kind,
      {
        ...provider,
        streamDecoder: (expected: ExpectedAnswer) => new TrustingDecoder(provider.streamDecoder(expected)),
      },
    ]),
  );
}

/** A transport that, when a body breaks off, silently goes on with the answer of another upstream. */
class SplicingTransport extends Transport {
  elsewhere = '';

  override send(call: Call): OpenCall {
    const open = super.send(call);
    return {
      response: open.response.then((response) => (isFailure(response) ? response : this.#spliced(response, call))),
      abort: (reason) => open.abort(reason),
    };
  }

  #spliced(response: CallResponse, call: Call): CallResponse {
    let current = response;
    const next = async (): ReturnType<CallResponse['next']> => {
      const chunk = await current.next();
      if (!isFailure(chunk) || current !== response) return chunk;
      const second = await super.send({ ...call, origin: this.elsewhere }).response;
      if (isFailure(second)) return chunk;
      current = second;
      return current.next();
    };
    return { status: response.status, headers: response.headers, headersAt: response.headersAt, next };
  }
}

describe('a terminal event for an upstream that ended otherwise', () => {
  test('does not pass the check with the real steps', async () => {
    const { url, upstreams } = await start({});
    upstreams.openai.play(eventStream(CUT, 'clean'));
    const outcome = await askWithSdk(url, { model: 'gpt-4o', messages: MESSAGES });
    expect(flawsOfBrokenStream(outcome.bytes)).toEqual([]);
    expect(outcome.thrown).toMatchObject({ code: 'upstream_truncated' });
  });

  test('turns the check red when a decoder takes every end for a good one', async () => {
    const { url, upstreams } = await start({ providers: trusting() });
    upstreams.openai.play(eventStream(CUT, 'clean'));
    const outcome = await askWithSdk(url, { model: 'gpt-4o', messages: MESSAGES });
    expect(flawsOfBrokenStream(outcome.bytes)).toEqual(['no error event', 'a [DONE]', 'finish_reason stop']);
    // To the application it looks like an answer: this is what the promise is about.
    expect(outcome.thrown).toBeNull();
    expect(flawsOfCompleteStream(outcome.bytes)).toEqual([]);
  });
});

describe('another model after content has gone out', () => {
  async function relay(target: InjectedGateway): Promise<readonly string[]> {
    const { url, upstreams } = target;
    upstreams.openai.play(eventStream(CUT, 'cut'));
    upstreams.deepseek.play(eventStream(SECOND.events, 'clean'));
    const outcome = await askWithSdk(url, { model: 'openai-degraded', messages: MESSAGES });
    const asked = [upstreams.openai.requests.length, upstreams.deepseek.requests.length] as const;
    return flawsOfAuthorship({ status: outcome.status, bytes: outcome.bytes, asked });
  }

  test('does not happen with the real steps', async () => {
    expect(await relay(await start({}))).toEqual([]);
  });

  test('turns the check red when a transport goes on with another upstream', async () => {
    const made: SplicingTransport[] = [];
    const sabotaged = await start({
      transport: (clock) => {
        const transport = new SplicingTransport(clock);
        made.push(transport);
        return transport;
      },
    });
    for (const transport of made) transport.elsewhere = sabotaged.upstreams.deepseek.url;
    expect(await relay(sabotaged)).toEqual([
      'words of two models in one message',
      'another model was asked after content of the first had gone out',
    ]);
  });
});

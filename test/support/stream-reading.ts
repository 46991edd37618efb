import OpenAI from 'openai';

/** A stream of `chat.completion.chunk` as a client without an SDK reads it. */
export interface ReadStream {
  /** Text of all deltas, reasoning and refusals apart. */
  readonly text: string;
  /** Whether any delta held content of any sort. */
  readonly hasContent: boolean;
  readonly finishReasons: readonly string[];
  readonly models: readonly string[];
  readonly error: { readonly code: string; readonly candor: Readonly<Record<string, unknown>> } | null;
  readonly candor: Readonly<Record<string, unknown>> | null;
  readonly done: boolean;
  /** Whether an event had a name, which SDKs take for something else. */
  readonly hasNamedEvent: boolean;
  /** Whether anything stood after the event that ended the stream. */
  readonly hasAfterword: boolean;
}

interface Chunk {
  readonly model?: string;
  readonly error?: { code: string; candor: Record<string, unknown> };
  readonly candor?: Record<string, unknown>;
  readonly choices?: readonly {
    readonly finish_reason: string | null;
    readonly delta: Readonly<Record<string, unknown>>;
  }[];
}

/** Reads a stream from its bytes. @throws SyntaxError when an event is not JSON */
export function readStream(bytes: string): ReadStream {
  const lines = bytes.split('\n').filter((line) => line !== '' && !line.startsWith(':'));
  const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice('data: '.length));
  const chunks = data.filter((text) => text !== '[DONE]').map((text) => JSON.parse(text) as Chunk);
  const choices = chunks.flatMap((chunk) => chunk.choices ?? []);
  const contents = choices.flatMap(({ delta }) =>
    ['content', 'reasoning_content', 'refusal', 'tool_calls'].map((name) => delta[name]),
  );
  const ended = data.findIndex((text, index) => text === '[DONE]' || chunks[index]?.error !== undefined);
  return {
    text: choices.map(({ delta }) => (typeof delta['content'] === 'string' ? delta['content'] : '')).join(''),
    hasContent: contents.some((content) => content !== undefined && content !== null && content !== ''),
    finishReasons: choices.flatMap((choice) => choice.finish_reason ?? []),
    models: [...new Set(chunks.flatMap((chunk) => chunk.model ?? []))],
    error: chunks.find((chunk) => chunk.error !== undefined)?.error ?? null,
    candor: chunks.find((chunk) => chunk.candor !== undefined)?.candor ?? null,
    done: data.includes('[DONE]'),
    hasNamedEvent: lines.some((line) => line.startsWith('event:')),
    hasAfterword: ended >= 0 && ended !== data.length - 1,
  };
}

/**
 * What makes a stream that broke look like a complete one, or otherwise not as the interface says:
 * it ends with one unnamed error event, and no terminal signal came before or after. Empty: all well.
 */
export function flawsOfBrokenStream(bytes: string): readonly string[] {
  const stream = readStream(bytes);
  return [
    ...(stream.error === null ? ['no error event'] : []),
    ...(stream.done ? ['a [DONE]'] : []),
    ...stream.finishReasons.map((reason) => `finish_reason ${reason}`),
    ...(stream.hasNamedEvent ? ['a named event'] : []),
    ...(stream.hasAfterword ? ['something after the error'] : []),
  ];
}

/** What is wrong with a stream that ought to be complete. Empty: all well. */
export function flawsOfCompleteStream(bytes: string): readonly string[] {
  const stream = readStream(bytes);
  return [
    ...(stream.error === null ? [] : [`error ${stream.error.code}`]),
    ...(stream.done ? [] : ['no [DONE]']),
    ...(stream.finishReasons.length === 1 ? [] : [`${stream.finishReasons.length} finish reasons`]),
    ...(stream.hasNamedEvent ? ['a named event'] : []),
    ...(stream.hasAfterword ? ['something after [DONE]'] : []),
  ];
}

/** What the official SDK made of one request, and the very bytes it was given. */
export interface SdkOutcome {
  readonly status: number;
  readonly headers: Headers;
  /** Body of the last response. */
  readonly bytes: string;
  /** HTTP calls the SDK made: more than one when it tried again by itself. */
  readonly calls: number;
  /** Content as the application sees it. */
  readonly text: string;
  /** `null` when the SDK ended normally. */
  readonly thrown: { readonly code?: string | null | undefined; readonly status?: number | undefined } | null;
}

/** Asks through the official SDK with its own retries, and keeps what it was sent. */
export async function askWithSdk(
  url: string,
  request: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<SdkOutcome> {
  const seen = { status: 0, headers: new Headers(), copy: Promise.resolve(''), calls: 0 };
  const client = new OpenAI({
    apiKey: 'any',
    baseURL: `${url}/v1`,
    defaultHeaders: headers,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const copy = response.clone();
      seen.calls++;
      seen.status = response.status;
      seen.headers = response.headers;
      seen.copy = copy.text().catch(() => '');
      return response;
    },
  });
  let text = '';
  let thrown: SdkOutcome['thrown'] = null;
  try {
    const stream = await client.chat.completions.create({
      ...(request as unknown as OpenAI.Chat.ChatCompletionCreateParamsStreaming),
      stream: true,
    });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  } catch (error) {
    thrown = error as { code?: string; status?: number };
  }
  return { status: seen.status, headers: seen.headers, bytes: await seen.copy, calls: seen.calls, text, thrown };
}

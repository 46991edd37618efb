import { isDeepStrictEqual } from 'node:util';

import type OpenAI from 'openai';

import { parseJson } from '../../src/core/json.ts';
import { isExpectedText, type RecordedResponse } from './recordings.ts';

/** What an application has in hand when the official client has given it an answer. */
export interface ReceivedAnswer {
  readonly id: string;
  readonly content: string;
  /** `null`: this way of asking does not show it. */
  readonly reasoning: string | null;
  readonly model: string;
  readonly finish: string | null;
  readonly usage: OpenAI.CompletionUsage | null;
  readonly tools: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
}

/** A way to ask. All throw what the client throws. */
export type Ask = (client: OpenAI, model: string, text: string) => Promise<ReceivedAnswer>;

const USAGE = { stream: true, stream_options: { include_usage: true } } as const;

/** Asks for a whole answer. */
export const askWhole: Ask = async (client, model, text) => {
  const completion = await client.chat.completions.create({ model, messages: [{ role: 'user', content: text }] });
  const { reasoning_content: reasoning = '' } = completion.choices[0]!.message as { reasoning_content?: string };
  return { ...receivedOf(completion), reasoning };
};

/** Asks for a stream and reads it chunk by chunk. */
export const askChunks: Ask = (client, model, text) => readChunks(client, model, text, USAGE);

/** The same without asking for the usage. */
export const askWithoutUsage: Ask = (client, model, text) => readChunks(client, model, text, { stream: true });

/** Asks for a stream through the client's own collector. */
export const askCollected: Ask = async (client, model, text) => {
  const runner = client.chat.completions.stream({ model, messages: [{ role: 'user', content: text }], ...USAGE });
  return { ...receivedOf(await runner.finalChatCompletion()), reasoning: null };
};

async function readChunks(
  client: OpenAI,
  model: string,
  text: string,
  options: typeof USAGE | { readonly stream: true },
): Promise<ReceivedAnswer> {
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: text }],
    ...options,
  });
  const tools: { id: string; name: string; arguments: string }[] = [];
  let answer: ReceivedAnswer = { id: '', content: '', reasoning: '', model: '', finish: null, usage: null, tools };
  for await (const chunk of stream) {
    answer = { ...answer, id: chunk.id, model: chunk.model, usage: chunk.usage ?? answer.usage };
    const choice = chunk.choices[0];
    if (choice === undefined) continue;
    const { reasoning_content: reasoning } = choice.delta as { reasoning_content?: string | null };
    answer = {
      ...answer,
      content: answer.content + (choice.delta.content ?? ''),
      reasoning: answer.reasoning + (reasoning ?? ''),
      finish: choice.finish_reason ?? answer.finish,
    };
    for (const call of choice.delta.tool_calls ?? []) {
      const known = (tools[call.index] ??= { id: '', name: '', arguments: '' });
      known.id += call.id ?? '';
      known.name += call.function?.name ?? '';
      known.arguments += call.function?.arguments ?? '';
    }
  }
  return answer;
}

function receivedOf(completion: OpenAI.ChatCompletion): Omit<ReceivedAnswer, 'reasoning'> {
  const choice = completion.choices[0];
  return {
    id: completion.id,
    content: choice?.message.content ?? '',
    model: completion.model,
    finish: choice?.finish_reason ?? null,
    usage: completion.usage ?? null,
    tools: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [{ id: call.id, name: call.function.name, arguments: call.function.arguments }] : [],
    ),
  };
}

/** Where the answer is another one than expected, of which the usage may be none. Empty: it is the expected one. */
export function differences(
  received: ReceivedAnswer,
  { expected, isStream }: RecordedResponse,
  usage = expected.usage,
): readonly string[] {
  const { content, content_sha: hash, content_len_utf16: length, served_model: model } = expected;
  const found: string[] = [];
  const expectSame = (name: string, got: unknown, wanted: unknown): void => {
    if (!isDeepStrictEqual(got, wanted)) found.push(`${name} is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
  };
  if (!isExpectedText(received.content, content, hash, length)) found.push(`content is ${received.content}`);
  const { reasoning } = received;
  if (reasoning !== null && !isExpectedText(reasoning, expected.reasoning, undefined, expected.reasoning_len)) {
    found.push(`reasoning is ${reasoning}`);
  }
  expectSame('finish', received.finish, expected.finish_reason);
  if (model !== null) expectSame('model', received.model, model);
  expectSame('tool count', received.tools.length, expected.tool_calls.length);
  expected.tool_calls.forEach((call, index) => {
    const made = received.tools[index];
    expectSame('tool', made?.name, call.name);
    if (call.id !== undefined) expectSame('tool id', made?.id, call.id);
    // Only a stream carries the arguments as the model spelled them.
    if (isStream && call.arguments !== undefined) expectSame('arguments', made?.arguments, call.arguments);
    else {
      expectSame('arguments', parseJson(made?.arguments ?? ''), call.arguments_json ?? parseJson(call.arguments ?? ''));
    }
  });
  for (const name of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const) {
    expectSame(name, received.usage?.[name], usage?.[name]);
  }
  return found;
}

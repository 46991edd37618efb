import type OpenAI from 'openai';

/** A chunk as it came, with what Candor adds to the last one. */
export type ReadChunk = OpenAI.ChatCompletionChunk & { readonly candor?: unknown };

/** A stream of `/v1/chat/completions`, read to its end. */
export interface ReadStream {
  /** Field names of all lines but comments, each once: of a Chat Completions stream, `data` alone. */
  readonly fields: readonly string[];
  readonly chunks: readonly ReadChunk[];
  /** How often `[DONE]` came, and whether it was the last thing. */
  readonly dones: number;
  readonly endsWithDone: boolean;
}

/** Reads a stream of chunks from the raw bytes, so that nothing an SDK would pass over is missed. */
export async function readStream(response: Response): Promise<ReadStream> {
  const text = await response.text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith(':'));
  const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice('data: '.length));
  return {
    fields: [...new Set(lines.map((line) => line.slice(0, line.indexOf(':'))))],
    chunks: data.filter((entry) => entry !== '[DONE]').map((entry) => JSON.parse(entry) as ReadChunk),
    dones: data.filter((entry) => entry === '[DONE]').length,
    endsWithDone: text.endsWith('data: [DONE]\n\n'),
  };
}

/** The message a stream adds up to, as a client keeps it for the next turn. */
export interface AssembledMessage {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly reasoning_content?: string;
  readonly tool_calls?: OpenAI.ChatCompletionMessageFunctionToolCall[];
}

/** Adds up the deltas of one answer. */
export function assemble(chunks: readonly ReadChunk[]): AssembledMessage {
  let content = '';
  let reasoning = '';
  const calls: OpenAI.ChatCompletionMessageFunctionToolCall[] = [];
  for (const delta of chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta))) {
    content += delta.content ?? '';
    reasoning += (delta as { reasoning_content?: string | null }).reasoning_content ?? '';
    for (const part of delta.tool_calls ?? []) {
      const call = calls[part.index];
      if (call !== undefined) call.function.arguments += part.function?.arguments ?? '';
      else
        calls[part.index] = {
          id: part.id ?? '',
          type: 'function',
          function: { name: part.function?.name ?? '', arguments: part.function?.arguments ?? '' },
        };
    }
  }
  return {
    role: 'assistant',
    content: content === '' ? null : content,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

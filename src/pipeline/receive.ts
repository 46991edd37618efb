import { isUtf8 } from 'node:buffer';

import type { Answer } from '../core/answer.ts';
import { failure, isFailure, type Failure } from '../core/failure.ts';
import { parseJson } from '../core/json.ts';
import type { CallResponse, OpenCall } from '../transport/send.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptContext } from './attempt-context.ts';
import { expectedAnswer } from './expected-answer.ts';
import { isOtherAuthor, twoAuthors } from './one-author.ts';
import { partsOf } from './parts-of-answer.ts';
import { readBody } from './read-body.ts';
import { StreamJudge } from './stream-judge.ts';
import { StreamReceiver } from './stream-receiver.ts';

/** What an upstream may send for one answer; more is a fault of its own, not an answer. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** What of a page that is no answer is kept. */
const MAX_PAGE_BYTES = 64 * 1024;

/** Reads an upstream's response to its end and decodes it. `onFirstToken` is called when the first content has come. */
export async function receiveAnswer(
  attempt: Attempt,
  call: OpenCall,
  context: AttemptContext,
  onFirstToken: () => void,
): Promise<Answer | Failure> {
  const response = await call.response;
  if (isFailure(response)) return response;
  const { provider } = context;
  attempt.status = response.status;
  attempt.headersAt = response.headersAt;
  attempt.noteRequestId(headerText(response.headers[provider.requestIdHeader]));
  const unreadable = checkEncoding(response);
  if (unreadable !== null) return unreadable;
  if (response.status !== 200) return receiveFailure(attempt, call, response, context);
  const said = contentType(response);
  const type = said.toLowerCase();
  if (type === 'text/event-stream') return new StreamReceiver(attempt, call, response, context, onFirstToken).receive();
  if (type !== 'application/json' && type !== 'application/octet-stream' && type !== '') {
    await readBody(attempt, call, response, context, MAX_PAGE_BYTES);
    return failure('content_type', `the upstream answered with ${said} instead of JSON`);
  }
  return receiveWhole(attempt, call, response, context, onFirstToken);
}

function checkEncoding(response: CallResponse): Failure | null {
  const encoding = headerText(response.headers['content-encoding']);
  if (encoding === null || encoding === 'identity') return null;
  return failure('encoding', `the upstream compressed its answer (${encoding}), which was not asked for`);
}

async function receiveFailure(
  attempt: Attempt,
  call: OpenCall,
  response: CallResponse,
  context: AttemptContext,
): Promise<Failure> {
  const body = await readBody(attempt, call, response, context, MAX_ANSWER_BYTES);
  // The status alone says what matters, also when the body breaks off.
  const text = isFailure(body) ? '' : body.toString('utf8');
  return context.provider.decodeFailure(response.status, response.headers, text, attempt.encoded.body.length);
}

async function receiveWhole(
  attempt: Attempt,
  call: OpenCall,
  response: CallResponse,
  context: AttemptContext,
  onFirstToken: () => void,
): Promise<Answer | Failure> {
  const body = await readBody(attempt, call, response, context, MAX_ANSWER_BYTES);
  attempt.lastAt = context.steps.clock.now();
  if (isFailure(body)) return body;
  onFirstToken();
  if (!isUtf8(body)) return failure('invalid_utf8', 'the answer is not valid UTF-8');
  const json = parseJson(body.toString('utf8'));
  if (json === undefined) return failure('invalid_json', 'the answer is not JSON');
  const answer = context.provider.decode(json, expectedAnswer(context.generation.exchange.request), body);
  if (!isFailure(answer) && isOtherAuthor(attempt.continues?.modelReported ?? null, answer.model)) return twoAuthors();
  if (isFailure(answer) || !context.generation.exchange.request.stream) return answer;
  // A stream was asked for and a whole answer came: it is relayed as one event, and said to be so.
  const parts = partsOf(answer);
  const problem = new StreamJudge(attempt, context).take(parts);
  if (problem !== null) return problem;
  attempt.firstTokenAt = attempt.lastAt;
  context.reply.take({ parts, native: null, event: { name: null, data: '', plain: null } });
  await context.reply.flush();
  return { ...answer, native: null, flags: [...answer.flags, 'stream_emulated'] };
}

/** As the vendor wrote it: a key it may quote is known by its letters. */
function contentType(response: CallResponse): string {
  const type = headerText(response.headers['content-type']) ?? '';
  return (type.split(';')[0] ?? '').trim();
}

function headerText(value: string | readonly string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : (value[0] ?? null);
}

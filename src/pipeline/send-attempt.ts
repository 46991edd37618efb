import type { Answer } from '../core/answer.ts';
import { failure, isFailure, type Failure } from '../core/failure.ts';
import { USER_AGENT } from '../core/version.ts';
import type { Timeouts } from '../core/deployment.ts';
import type { Provider } from '../providers/provider.ts';
import type { OpenCall } from '../transport/send.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptContext } from './attempt-context.ts';
import { checkVectors } from './check-vectors.ts';
import type { Steps } from './exchange.ts';
import { receiveAnswer } from './receive.ts';
import { tellFirstContent } from './settle-attempt.ts';

/** So much of a vendor's words is told; the whole of them is in the record's content. */
const MAX_TOLD_CHARACTERS = 1000;

/** Sends one attempt and receives its answer, to its end; a stream is relayed on the way. */
export async function sendAttempt(attempt: Attempt, context: AttemptContext): Promise<Answer | Failure> {
  const { steps, timeouts, interruption, generation } = context;
  const { request } = generation.exchange;
  const { origin, path } = addressOf(attempt);
  const call = steps.transport.send({
    origin,
    path,
    headers: headersOf(attempt, context.provider),
    body: attempt.encoded.body,
    connectMs: timeouts.connectMs,
    allowsPrivate: attempt.deployment.allowsPrivate,
    fresh: context.turn.isFresh,
    firstByteMs: request.stream ? timeouts.firstByteMs : timeouts.firstByteUnstreamedMs,
  });
  interruption.attach(call);
  // Of a whole answer the first token is seen only with the last: there the limit would bound the answer.
  const stopWaiting = request.stream ? limitFirstToken(call, timeouts, steps) : () => undefined;
  try {
    const onFirstToken = (): void => {
      stopWaiting();
      context.turn.pass.spoke();
      tellFirstContent(attempt, generation, steps);
    };
    const received = await receiveAnswer(attempt, call, context, onFirstToken);
    const result = isFailure(received) ? received : checkVectors(received, request);
    const told = isFailure(result) ? tellable(result, attempt) : flagged(result, attempt);
    // Whoever is not done may still be sending: its connection must not go back to the pool in the middle of a body.
    call.abort(isFailure(told) ? told : failure('idle_timeout', 'the body stayed open after the answer'));
    return told;
  } catch (error) {
    call.abort(failure('protocol', 'the answer could not be decoded'));
    throw error;
  } finally {
    stopWaiting();
    context.reply.pause();
  }
}

/** The answer with its flags, of which some hold a word of the vendor's. */
function flagged(answer: Answer, attempt: Attempt): Answer {
  return { ...answer, flags: answer.flags.map((flag) => attempt.scrub(flag)) };
}

/** The failure as it may be told: a vendor may quote the key it was sent, in any of its words, or talk without end. */
function tellable(failed: Failure, attempt: Attempt): Failure {
  const { credential } = attempt;
  const scrub = (text: string | null): string | null => (text === null ? null : told(text));
  const told = (text: string): string => {
    const scrubbed = credential?.scrub(text) ?? text;
    return scrubbed.length <= MAX_TOLD_CHARACTERS ? scrubbed : `${scrubbed.slice(0, MAX_TOLD_CHARACTERS)}…`;
  };
  const { upstream } = failed;
  return {
    ...failed,
    message: told(failed.message),
    upstream:
      upstream === null
        ? null
        : { ...upstream, code: scrub(upstream.code), message: scrub(upstream.message), param: scrub(upstream.param) },
  };
}

function addressOf(attempt: Attempt): { readonly origin: string; readonly path: string } {
  const { url } = attempt.deployment;
  const slash = url.indexOf('/', url.indexOf('//') + 2);
  const origin = slash < 0 ? url : url.slice(0, slash);
  return { origin, path: (slash < 0 ? '' : url.slice(slash)) + attempt.encoded.path };
}

function headersOf(attempt: Attempt, provider: Provider): readonly string[] {
  const headers = [...attempt.encoded.headers, 'accept-encoding', 'identity', 'user-agent', USER_AGENT];
  const { credential } = attempt;
  if (credential !== null) headers.push(...provider.credentialHeader(credential));
  if (attempt.requestedFault !== null) headers.push('x-candor-sim', attempt.requestedFault);
  return headers;
}

/** Ends the call when no content has come in time. Gives the function that calls the limit off. */
function limitFirstToken(call: OpenCall, timeouts: Timeouts, steps: Steps): () => void {
  const { firstTokenMs } = timeouts;
  if (firstTokenMs === null) return () => undefined;
  const late = failure('first_token_timeout', `the first token did not come within ${firstTokenMs} ms`);
  const watch = steps.transport.watch(firstTokenMs, () => call.abort(late));
  return () => watch.stop();
}

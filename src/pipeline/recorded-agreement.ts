import { AnswerAssembler } from '../core/answer-assembler.ts';
import type { Answer } from '../core/answer.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { isFailure } from '../core/failure.ts';
import { arrayMember, type JsonObject, objectMember, parseJson, stringMember } from '../core/json.ts';
import { NOT_VALIDATED } from '../core/record.ts';
import { servedAttempt } from '../core/served-attempt.ts';
import type { ExpectedAnswer, Provider } from '../providers/provider.ts';
import { type ComparedAnswer, pairedScores } from '../substitution/paired-scores.ts';
import { SseDecoder } from '../transport/sse.ts';
import { outputHabits } from '../validation/recovery/output-habits.ts';
import { answerToCompare } from './compared-answer.ts';
import type { Exchange, Steps } from './exchange.ts';
import { expectedAnswer } from './expected-answer.ts';

/**
 * How far the answer of one record says what that of another said, from 0 to 1: of JSON and tool calls the share of leaves
 * that are equal, of short texts 1 or 0. `null`: nobody can tell, or one of the two answers is not there.
 */
export function recordedAgreement(
  original: JsonObject,
  other: JsonObject,
  exchange: Pick<Exchange, 'request' | 'configuration'>,
  steps: Pick<Steps, 'providers' | 'validation'>,
): number | null {
  const [from, to] = [original, other].map((record) => comparedAnswer(record, exchange, steps));
  if (from === undefined || from === null || to === undefined || to === null) return null;
  return pairedScores(from, to, { validators: [], expected: undefined }).agreement;
}

function comparedAnswer(
  record: JsonObject,
  { request, configuration }: Pick<Exchange, 'request' | 'configuration'>,
  { providers, validation }: Pick<Steps, 'providers' | 'validation'>,
): ComparedAnswer | null {
  const attempt = servedAttempt(record) ?? {};
  const deployment = configuration.deployments.get(stringMember(attempt, 'deployment') ?? '');
  const provider = providers.get(deployment?.kind ?? '');
  const body = stringMember(objectMember(attempt, 'received') ?? {}, 'body');
  const isPart = arrayMember(attempt, 'flags').some(
    (flag) => typeof flag === 'string' && flag.startsWith('continues_attempt:'),
  );
  if (deployment === undefined || provider === undefined || body === null || isPart) return null;
  const answer = readAnswer(body, provider, expectedAnswer(request));
  if (answer === null) return null;
  const told = { ...answer, text: toldText(answer.text, request, deployment, validation) };
  return answerToCompare(told, request, NOT_VALIDATED, { validation });
}

/** What was received, decoded once more; `null`: it is no whole answer. */
function readAnswer(body: string, provider: Provider, expected: ExpectedAnswer): Answer | null {
  const json = parseJson(body);
  if (json !== undefined) {
    const answer = provider.decode(json, expected, Buffer.from(body));
    return isFailure(answer) ? null : answer;
  }
  const sse = new SseDecoder();
  const events = sse.push(Buffer.from(body));
  const rest = sse.end();
  if (isFailure(events) || isFailure(rest)) return null;
  const decoder = provider.streamDecoder(expected);
  const assembler = new AnswerAssembler({ keepsContent: true, choices: expected.choices });
  for (const event of [...events, ...rest.events]) {
    const decoded = decoder.decode(event);
    if (isFailure(decoded)) return null;
    for (const part of decoded.parts) assembler.add(part);
  }
  return assembler.answer([]);
}

/** Where JSON was asked for, the JSON in the text. */
function toldText(
  text: string | null,
  { responseFormat }: ChatRequest,
  { modelId }: Deployment,
  { json }: Steps['validation'],
): string | null {
  if (text === null || (responseFormat?.type ?? 'text') === 'text') return text;
  const reading = json.read(text, outputHabits(modelId));
  return 'text' in reading ? reading.text : text;
}

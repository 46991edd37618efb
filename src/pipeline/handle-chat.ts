import type { Answer } from '../core/answer.ts';
import { failure, isFailure, type Failure } from '../core/failure.ts';
import { adapt } from '../prompts/adapt.ts';
import { planAttempts, requireCandidate, type Plan } from '../routing/plan.ts';
import { resolveTarget } from '../routing/resolve.ts';
import { checkRequestSchema, judge } from '../validation/run.ts';
import { Attempt } from './attempt.ts';
import type { Exchange, Steps } from './exchange.ts';
import { errorOfAttempts } from './failure-error.ts';
import { Generation } from './generation.ts';
import { Interruption } from './interruption.ts';
import { recover } from './recover.ts';
import { CLIENT_CLOSED, gatewayErrorOf, Reply } from './reply.ts';
import { requestedFault, sendAttempt } from './send-attempt.ts';
import { checkSimulation } from './simulation.ts';

/** How many deployments one request may be sent to. */
const MAX_ATTEMPTS = 3;

/**
 * One chat request from its decoded form to the last byte of its answer. Read this first: every
 * step of the gateway is called from here, in this order. It never throws; whatever goes wrong is
 * recorded and told to the client.
 */
export async function handleChat(exchange: Exchange, steps: Steps): Promise<Generation> {
  const generation = new Generation(exchange, steps);
  const reply = new Reply(exchange, generation, steps);
  try {
    const { request, configuration } = exchange;
    checkRequestSchema(request, steps.validation);
    checkSimulation(request, configuration, steps.simulator);

    // Who may be asked, in which order: decided and recorded before the first byte leaves.
    const target = resolveTarget(request.asked, request.directives.route, configuration);
    const plan = planAttempts(request, target);
    generation.planned(plan);
    requireCandidate(plan);
    await steps.ledger.begin(generation.intent());

    const answer = await askCandidates(plan, generation, reply, steps);
    if (!isFailure(answer)) await reply.complete(answer);
    else if (reply.committed) await reply.breakOff(answer);
    else await reply.fail(errorOfAttempts(generation));
  } catch (error) {
    await reply.fail(gatewayErrorOf(error));
  }
  return generation;
}

/** Asks one candidate after the other until one gives an acceptable answer, or nothing more may be tried. */
async function askCandidates(
  plan: Plan,
  generation: Generation,
  reply: Reply,
  steps: Steps,
): Promise<Answer | Failure> {
  const { exchange } = generation;
  const { request } = exchange;
  const route = plan.target.route;
  const timeouts = (route ?? exchange.configuration.pinned).timeouts;
  const interruption = new Interruption();
  exchange.client.onClosed(() => interruption.interrupt(CLIENT_CLOSED));
  const deadline = limitTotal(
    exchange,
    request.stream ? timeouts.totalStreamMs : timeouts.totalMs,
    interruption,
    steps,
  );

  const candidates = plan.candidates.slice(0, MAX_ATTEMPTS);
  let result: Answer | Failure = failure('unreachable', 'no candidate was asked');
  for (const [index, deployment] of candidates.entries()) {
    const provider = steps.providers.get(deployment.kind);
    if (provider === undefined) throw new TypeError(`no provider of kind ${deployment.kind}`);
    // This model's prompt and parameters, then the vendor's bytes; both say what they changed.
    const adapted = adapt(request, deployment, route, generation.substitutionBy(deployment));
    const encoded = provider.encode(adapted, deployment);
    const attempt = new Attempt({
      number: index + 1,
      deployment,
      adapted,
      encoded,
      requestedFault: requestedFault(exchange, deployment),
      scriptedFault: steps.simulator?.activeFault(deployment.provider, deployment.model) ?? null,
      startedAt: steps.clock.now(),
      isFallback: generation.substitutionBy(deployment) !== null,
    });
    generation.add(attempt);
    reply.expect({ sameProtocol: provider.protocol === request.dialect, holds: holdsAnswers(plan) });

    const received = await sendAttempt(attempt, { exchange, steps, provider, timeouts, reply, interruption });
    const isLast = index === candidates.length - 1;
    result = isFailure(received) ? received : accept(received, attempt, plan, isLast, exchange, steps);
    attempt.end(result, steps.clock.now());
    if (!isFailure(result)) break;

    generation.noteFailure();
    if (interruption.reason !== null || recover(result, { committed: reply.committed, route }) === 'stop') break;
  }
  deadline.stop();
  return result;
}

/** Whether the answer may be handed over; where not, the failure that says why. */
function accept(
  answer: Answer,
  attempt: Attempt,
  plan: Plan,
  isLast: boolean,
  exchange: Exchange,
  steps: Steps,
): Answer | Failure {
  const { route } = plan.target;
  if (answer.finishReason === 'content_filter' && route?.onRefusal === 'fallback' && !isLast) {
    return failure('content_filter', `the vendor stopped the answer (${answer.finishNative})`);
  }
  const judgement = judge(answer, exchange.request, route, steps.validation);
  attempt.judge(answer, judgement.validation);
  return judgement.accepted ? answer : failure('validation_failed', judgement.reason ?? 'the answer was not accepted');
}

function holdsAnswers(plan: Plan): boolean {
  const { route } = plan.target;
  return route !== null && (route.stream === 'hold' || route.onRefusal === 'fallback');
}

/** One deadline over all attempts: the route's, or the client's own if that is shorter. */
function limitTotal(exchange: Exchange, totalMs: number, interruption: Interruption, steps: Steps): { stop(): void } {
  const askedMs = exchange.request.directives.timeoutMs;
  const isClients = askedMs !== null && askedMs <= totalMs;
  const limitMs = isClients ? askedMs : totalMs;
  const kind = isClients ? 'deadline_exceeded' : 'total_timeout';
  const late = failure(kind, `the request was not done within ${limitMs} ms`);
  return steps.transport.watch(limitMs, () => interruption.interrupt(late));
}

import type { Answer } from '../core/answer.ts';
import { failure, isFailure, type Failure } from '../core/failure.ts';
import { adapt } from '../prompts/adapt.ts';
import { providerOf } from '../providers/provider-of.ts';
import { findEligible } from '../routing/eligible.ts';
import { planAttempts, requireCandidate, type Plan } from '../routing/plan.ts';
import { checkRequestSchema } from '../validation/run.ts';
import { acceptAnswer, readsContent, streamModeOf } from './accept.ts';
import { costCeiling, type CostCeiling } from './cost-ceiling.ts';
import { watchDeadline } from './deadline.ts';
import { assumptionsOf, decisionInputs } from './decision-inputs.ts';
import type { Exchange, Steps } from './exchange.ts';
import { errorOfAttempts, gatewayErrorOf } from './failure-error.ts';
import { flaggedAnswer } from './flagged-answer.ts';
import { Generation } from './generation.ts';
import { CLIENT_CLOSED, Interruption } from './interruption.ts';
import { leastPromptTokens } from './prompt-size.ts';
import { Reply } from './reply.ts';
import { hookedRecord, hookedRequest, hookedTask } from './run-hooks.ts';
import { sendToEnd } from './send-to-end.ts';
import { checkSimulation } from './simulation.ts';
import { targetOf } from './target-of.ts';
import { tellMeters } from './tell-meters.ts';
import { Turns } from './turns.ts';

/**
 * One chat request from its decoded form to the last byte of its answer. Read this first: every
 * step of the gateway is called from here, in this order. It never throws; whatever goes wrong is
 * recorded and told to the client.
 */
export function handleChat(exchange: Exchange, steps: Steps): Promise<Generation> {
  const interruption = new Interruption();
  const handled = handle(exchange, interruption, steps);
  steps.inFlight.track(interruption, handled);
  return handled;
}

async function handle(exchange: Exchange, interruption: Interruption, steps: Steps): Promise<Generation> {
  const generation = new Generation(exchange, steps);
  const reply = new Reply(exchange, generation, interruption, steps);
  try {
    const { request, configuration } = exchange;
    checkSimulation(request, configuration, steps.simulator);

    // Who can answer, and who is asked, in which order: decided and recorded before the first byte leaves.
    const task = await hookedTask(generation, steps);
    const target = targetOf(exchange, task);
    checkRequestSchema(request, steps.validation);
    const promptTokens = await leastPromptTokens(request, target.candidates, steps.tokens);
    const able = findEligible(request, target, promptTokens);
    const ceiling = await costCeiling(able, request, steps);
    const eligible = ceiling.within(able);
    const inputs = decisionInputs(request, eligible, configuration.hooks, steps, assumptionsOf(exchange));
    const plan = generation.planned(planAttempts(eligible, inputs));
    requireCandidate(plan);
    await steps.ledger.begin(generation.intent());

    const answer = await askCandidates(plan, ceiling, generation, reply, interruption, steps);
    if (!isFailure(answer)) await reply.complete({ ...answer, usage: generation.usage });
    else if (reply.committed) await reply.breakOff(answer);
    else await reply.fail(errorOfAttempts(generation, answer));
  } catch (error) {
    generation.breakAttempt();
    await reply.fail(gatewayErrorOf(error));
  }
  tellMeters(generation, steps);
  hookedRecord(generation, steps);
  return generation;
}

/** Asks one candidate after the other until one gives an acceptable answer, or nothing more may be tried. */
async function askCandidates(
  plan: Plan,
  ceiling: CostCeiling,
  generation: Generation,
  reply: Reply,
  interruption: Interruption,
  steps: Steps,
): Promise<Answer | Failure> {
  const { exchange } = generation;
  const { route } = plan.target;
  const { timeouts } = route ?? exchange.configuration.pinned;
  exchange.client.onClosed(() => interruption.interrupt(CLIENT_CLOSED));
  const deadline = watchDeadline(exchange, timeouts, interruption, steps);
  const turns = new Turns(plan, { generation, interruption, deadline, ceiling, steps });
  try {
    let result: Answer | Failure = failure('unreachable', 'no candidate was asked');
    for (let turn = turns.first(); turn !== null;) {
      const { deployment, reask } = turn;
      const provider = providerOf(deployment, steps.providers);
      // This model's prompt and parameters, then the vendor's bytes; both say what they changed.
      const written = adapt(exchange.request, deployment, route, generation.substitutionBy(deployment), reask);
      const adapted = await hookedRequest(written, turn, generation, steps);
      const affordable = await turns.affordable(turn, adapted);
      if (affordable !== turn) {
        turn = affordable;
        continue;
      }
      const encoded = provider.encode(adapted, deployment);
      const first = generation.beginAttempt(turn, adapted, encoded);
      reply.expect(deployment, streamModeOf(exchange, route));

      const reads = readsContent(exchange, route);
      const context = { generation, turn, steps, provider, timeouts, reply, interruption, readsContent: reads };
      const { attempt, received } = await sendToEnd(first, context);
      const acceptance = { generation, steps, route, reply, interruption, deadline, turns, handle: handleChat };
      result = isFailure(received) ? received : await acceptAnswer(received, attempt, acceptance);
      generation.endAttempt(attempt, result);
      turn = await turns.after(attempt, result, reply.committed);
    }
    if (isFailure(result)) result = flaggedAnswer(generation, reply, interruption) ?? result;
    // The circuits may have opened since the plan was made.
    requireCandidate(plan, generation.passedOver);
    return isFailure(result) ? (interruption.reason ?? result) : result;
  } finally {
    deadline.stop();
    turns.abandon();
  }
}

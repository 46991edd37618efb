import type { JsonObject, JsonValue } from '../core/json.ts';
import type { ProcessQuestion } from '../core/process-question.ts';
import type { Configuration } from '../core/route.ts';
import type { DeploymentState, ProcessState } from '../telemetry/metrics/process-meters.ts';
import type { ServerContext } from './endpoint.ts';
import { summaryJson } from './measured-models.ts';

/** What this process says to a question that is asked of all that serve the port. */
export function processAnswer(
  question: ProcessQuestion,
  argument: JsonObject,
  context: Pick<ServerContext, 'steps' | 'configuration' | 'requests'>,
): JsonValue {
  const { steps } = context;
  switch (question) {
    case 'metrics':
      return steps.metrics.families(processState(context));
    case 'telemetry':
      return plain({
        pid: process.pid,
        circuits: steps.circuits.list(),
        measured: steps.telemetry.summary().map(summaryJson),
      });
    case 'decisions':
      return plain(steps.decisions.list({ sinceMs: Number(argument['sinceMs']), limit: Number(argument['limit']) }));
    case 'close_circuits':
      return closeCircuits(typeof argument['deployment'] === 'string' ? argument['deployment'] : null, context);
  }
}

/** Of plain members only, which the types of interfaces do not say. */
function plain(value: object): JsonValue {
  return value as unknown as JsonValue;
}

/** @returns how many were not closed before */
function closeCircuits(deployment: string | null, { steps }: Pick<ServerContext, 'steps'>): number {
  const shut = steps.circuits
    .list()
    .filter((circuit) => circuit.state !== 'closed' && (deployment === null || circuit.deployment === deployment));
  steps.circuits.reset(deployment);
  return shut.length;
}

function processState({
  steps,
  configuration,
  requests,
}: Pick<ServerContext, 'steps' | 'configuration' | 'requests'>): ProcessState {
  return {
    openRequests: requests.count,
    heldBytes: steps.held.bytes,
    residentBytes: process.memoryUsage.rss(),
    ledgerWritable: steps.ledger.failure === null,
    circuits: steps.circuits.list(),
    deployments: deploymentStates(configuration(), steps.clock.wallTime()),
  };
}

function deploymentStates({ deployments }: Configuration, wallTimeMs: number): readonly DeploymentState[] {
  return [...deployments.values()].map(({ name, provider, model, simulated, price }) => {
    const isKnown = price !== null && price.ratesAt(wallTimeMs, 0) !== null;
    return { name, provider, model, simulated, priceAgeDays: isKnown ? price.ageDays(wallTimeMs) : null };
  });
}

import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Configuration } from '../core/route.ts';
import type { SimulatorControl } from '../core/simulation.ts';

/**
 * Checks the faults a request asks for: each must be one the simulator knows, at something simulated.
 * @throws GatewayError `sim_not_simulated`, `invalid_request`
 */
export function checkSimulation(
  request: ChatRequest,
  configuration: Configuration,
  simulator: SimulatorControl | null,
): void {
  for (const { target, fault } of request.directives.simulate) {
    const isSimulated = [...configuration.deployments.values()].some(
      (deployment) => deployment.simulated && (deployment.provider === target || deployment.model === target),
    );
    if (simulator === null || !isSimulated) {
      throw new GatewayError('sim_not_simulated', `\`${target}\` is not simulated here, so it can be given no fault`, {
        param: 'x-candor-sim',
      });
    }
    if (!simulator.knowsFault(fault)) {
      throw new GatewayError('invalid_request', `the simulator knows no fault \`${fault}\``, { param: 'x-candor-sim' });
    }
  }
}

/** The fault this request asks the simulator for at this deployment; `null`: none, or it is real. */
export function requestedFault(request: ChatRequest, deployment: Deployment): string | null {
  if (!deployment.simulated) return null;
  const wanted = request.directives.simulate;
  return wanted.find(({ target }) => target === deployment.provider || target === deployment.model)?.fault ?? null;
}

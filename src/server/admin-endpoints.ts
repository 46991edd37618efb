import { GatewayError } from '../core/errors.ts';
import { isJsonObject, parseJson, stringMember, type JsonObject } from '../core/json.ts';
import { FaultRejected, type SimulatorControl } from '../core/simulation.ts';
import { requireAdmin } from './admin-session.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { readJsonBytes } from './request-body.ts';

/** The simulator of this gateway, for a caller who may use it. @throws GatewayError */
function simulatorFor(call: EndpointCall): SimulatorControl {
  const { simulator } = call.context.steps;
  if (simulator === null) throw new GatewayError('unknown_url', 'this gateway simulates nothing');
  requireAdmin(call.request, call.context.adminToken);
  return simulator;
}

async function readObject(call: EndpointCall): Promise<JsonObject> {
  const body = parseJson((await readJsonBytes(call.request, call.held)).toString('utf8'));
  if (!isJsonObject(body)) throw new GatewayError('body_must_be_object', 'the body must be a JSON object');
  return body;
}

/** Runs a change of the simulator; what it does not accept becomes the error of the same code. */
async function accepting<T>(change: () => T | Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof FaultRejected) throw new GatewayError(error.code, error.message);
    throw error;
  }
}

function listFaults(call: EndpointCall): void {
  sendJson(call, 200, { object: 'list', data: simulatorFor(call).faults() });
}

async function addFault(call: EndpointCall): Promise<void> {
  const simulator = simulatorFor(call);
  const fault = await readObject(call);
  sendJson(call, 201, await accepting(() => simulator.addFault(fault)));
}

async function resetFaults(call: EndpointCall): Promise<void> {
  await simulatorFor(call).reset();
  sendJson(call, 200, { object: 'list', data: [] });
}

async function setClock(call: EndpointCall): Promise<void> {
  const simulator = simulatorFor(call);
  const body = await readObject(call);
  const at = stringMember(body, 'at') ?? '';
  const zone = stringMember(body, 'zone') ?? '';
  await accepting(() => simulator.setClock(at, zone));
  sendJson(call, 200, { at, zone });
}

async function reload(call: EndpointCall): Promise<void> {
  requireAdmin(call.request, call.context.adminToken);
  const { reload: reloadConfiguration } = call.context;
  if (reloadConfiguration === null) {
    throw new GatewayError('not_supported', 'this gateway was not started from a file it could read again');
  }
  const { dry_run: dryRun = false, ...others } = await readObject(call);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const message = `\`${unknown.slice(0, 80)}\` is not a member this path knows; it knows \`dry_run\``;
    throw new GatewayError('unsupported_parameter', message, { param: unknown.slice(0, 80) });
  }
  if (typeof dryRun !== 'boolean') {
    throw new GatewayError('invalid_type', '`dry_run` must be true or false', { param: 'dry_run' });
  }
  const result = await reloadConfiguration({ dryRun });
  if (!result.ok) {
    const count = result.diagnostics.filter((diagnostic) => diagnostic['severity'] === 'error').length;
    const message = `the config has ${count} error${count === 1 ? '' : 's'}; ${result.config} stays in force`;
    throw new GatewayError('invalid_config', message, {
      details: { config: result.config, diagnostics: result.diagnostics },
    });
  }
  const { config, previous, diff, needsRestart, warnings } = result;
  sendJson(call, 200, {
    config,
    previous,
    changed: diff.length > 0,
    needs_restart: needsRestart,
    diff,
    warnings,
  });
}

/** What the console and the command line may do. */
export const ADMIN_ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/admin/sim', handle: listFaults },
  { method: 'POST', path: '/admin/sim', handle: addFault },
  { method: 'DELETE', path: '/admin/sim', handle: resetFaults },
  { method: 'PUT', path: '/admin/sim/clock', handle: setClock },
  { method: 'POST', path: '/admin/reload', handle: reload },
];

import type { JsonObject } from '../../core/json.ts';
import { findGateway, readJson, readText, refusal, type GatewayRequest } from '../client.ts';
import type { ExitCode } from '../command-error.ts';
import { faultAddedText, faultListText } from './sim-view.ts';
import type { Terminal } from '../terminal.ts';

const PATH = '/admin/sim';

export interface SimOptions {
  readonly json?: boolean;
  readonly state?: string;
}

/** A time of day somewhere. */
export interface Clock {
  /** `HH:MM`. */
  readonly at: string;
  /** IANA time zone. */
  readonly zone: string;
}

/** Prints the faults in force. */
export async function listFaults(options: SimOptions, terminal: Terminal): Promise<ExitCode> {
  const body = await exchange({ method: 'GET', path: PATH }, options, terminal);
  terminal.out(options.json === true ? `${JSON.stringify(body)}\n` : faultListText(body));
  return 0;
}

/** Puts a fault in force. */
export async function addFault(fault: JsonObject, options: SimOptions, terminal: Terminal): Promise<ExitCode> {
  const body = await exchange({ method: 'POST', path: PATH, body: fault }, options, terminal);
  terminal.out(options.json === true ? `${JSON.stringify(body)}\n` : faultAddedText(fault));
  return 0;
}

/** Ends every fault. */
export async function resetFaults(options: SimOptions, terminal: Terminal): Promise<ExitCode> {
  const body = await exchange({ method: 'DELETE', path: PATH }, options, terminal);
  terminal.out(options.json === true ? `${JSON.stringify(body)}\n` : 'no simulated faults any more\n');
  return 0;
}

/** Sets the simulator's wall clock. */
export async function setClock(clock: Clock, options: SimOptions, terminal: Terminal): Promise<ExitCode> {
  const body = await exchange({ method: 'PUT', path: `${PATH}/clock`, body: { ...clock } }, options, terminal);
  terminal.out(
    options.json === true ? `${JSON.stringify(body)}\n` : `the simulator's clock says ${clock.at} in ${clock.zone}\n`,
  );
  return 0;
}

/** One request to the administration of the running gateway. An empty answer reads as an empty object. */
async function exchange(request: GatewayRequest, options: SimOptions, terminal: Terminal): Promise<JsonObject> {
  const gateway = findGateway(terminal, options.state);
  try {
    const response = await gateway.send({ ...request, admin: true });
    if (response.status === 204) {
      await readText(response);
      return {};
    }
    const body = await readJson(response);
    if (response.status >= 300) throw refusal(response.status, body);
    return body;
  } finally {
    await gateway.close();
  }
}

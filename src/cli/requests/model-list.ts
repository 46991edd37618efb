import { countDiagnostics, renderDiagnostics } from '../../config/render-diagnostics.ts';
import { arrayMember, isJsonObject, type JsonObject } from '../../core/json.ts';
import { modelList } from '../../core/model-list.ts';
import { findGateway, readJson, refusal } from '../client.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { findConfigFile } from '../config/config-file.ts';
import { inspectConfig } from '../config/inspect-config.ts';
import { entriesOf, modelsText, routesText } from './model-tables.ts';
import type { Terminal } from '../terminal.ts';

export interface ModelListOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly state?: string;
}

/** `candor models`: what can be asked for by name, where it runs and what it costs. */
export async function runModels(options: ModelListOptions, terminal: Terminal): Promise<ExitCode> {
  const list = await readList(options, terminal);
  const entries = [...entriesOf(list, 'model'), ...entriesOf(list, 'deployment')];
  terminal.out(options.json === true ? json(entries) : modelsText(list));
  return 0;
}

/** `candor routes`: the tasks, whom each asks and on which terms. */
export async function runRoutes(options: ModelListOptions, terminal: Terminal): Promise<ExitCode> {
  const list = await readList(options, terminal);
  terminal.out(options.json === true ? json(entriesOf(list, 'route')) : routesText(list));
  return 0;
}

function json(data: readonly JsonObject[]): string {
  return `${JSON.stringify({ object: 'list', data })}\n`;
}

/** From the gateway that runs here; without one, or for a file that is named, from the config, which is said aloud. */
async function readList(options: ModelListOptions, terminal: Terminal): Promise<readonly JsonObject[]> {
  if (options.config === undefined) {
    try {
      return await askGateway(options, terminal);
    } catch (error) {
      const isAway = error instanceof CommandError && error.exitCode === 3;
      // A folder that is named is that of a gateway which should run.
      if (!isAway || options.state !== undefined) throw error;
    }
  }
  const file = findConfigFile(terminal.cwd, options.config);
  const origin = file === null ? 'what `candor dev` brings' : `${file} as \`candor serve\` would run it`;
  terminal.say(`candor: not from a running gateway: this is ${origin}\n`);
  return await readConfig(file, terminal);
}

async function askGateway(options: ModelListOptions, terminal: Terminal): Promise<readonly JsonObject[]> {
  const gateway = findGateway(terminal, options.state);
  try {
    const response = await gateway.send({ method: 'GET', path: '/v1/models' });
    const body = await readJson(response);
    if (response.status !== 200) throw refusal(response.status, body);
    return arrayMember(body, 'data').filter(isJsonObject);
  } finally {
    await gateway.close();
  }
}

async function readConfig(file: string | null, terminal: Terminal): Promise<readonly JsonObject[]> {
  const result = await inspectConfig(file, terminal, undefined);
  if (result.ok) return modelList(result.configuration, Date.now());
  terminal.say(`${renderDiagnostics(result.diagnostics)}\n`);
  throw new CommandError(1, `${countDiagnostics(result.diagnostics)} in the config`);
}

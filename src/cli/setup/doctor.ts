import { homedir } from 'node:os';
import { dirname, relative, resolve } from 'node:path';

import type { LoadResult } from '../../config/load.ts';
import { countDiagnostics } from '../../config/render-diagnostics.ts';
import { coloursOf } from '../colours.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { findConfigFile } from '../config/config-file.ts';
import { inspectConfig } from '../config/inspect-config.ts';
import { bundleText, findingsJson, findingsText } from './doctor/doctor-view.ts';
import { ok, problem, warning, type Finding } from './doctor/finding.ts';
import { checkKeys, type ProviderKey } from './doctor/key-checks.ts';
import { checkLedger } from './doctor/ledger-check.ts';
import { checkLive, liveNotice } from './doctor/live-checks.ts';
import { checkClock, checkNode, checkSqlite } from './doctor/machine-checks.ts';
import { checkPrices } from './doctor/price-check.ts';
import { checkLock, checkPort, checkState } from './doctor/state-checks.ts';
import { readEnvironmentFile } from '../run/environment-file.ts';
import type { Terminal } from '../terminal.ts';
import { foundKeyNames } from './vendor-keys.ts';

export interface DoctorOptions {
  readonly config?: string;
  readonly state?: string;
  readonly live?: boolean;
  readonly bundle?: boolean;
  readonly json?: boolean;
}

/** `candor doctor`: what is wrong here, why, and what to do next. Asks nobody outside unless `--live`. */
export async function runDoctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.bundle === true && options.json === true) throw new CommandError(2, 'use one of --bundle and --json');
  const file = findConfigFile(terminal.cwd, options.config);
  const loaded = await inspectConfig(file, terminal, options.state);
  const keys = loaded.ok ? providerKeys(loaded, file, terminal) : [];
  const findings = [
    checkNode(),
    await checkSqlite(),
    checkClock(Date.now()),
    configFinding(loaded, file, terminal),
    ...(loaded.ok ? [checkPrices(loaded.configuration, Date.now())] : []),
    ...(loaded.ok ? await stateFindings(loaded, terminal) : []),
    ...keys.map(({ finding }) => finding),
    ...(options.live === true ? await liveFindings(keys, terminal) : []),
  ];
  if (options.json === true) terminal.out(findingsJson(findings));
  else if (options.bundle === true) terminal.out(bundleText(findings, bundleDetails(loaded, terminal), homedir()));
  else terminal.out(findingsText(findings, coloursOf(terminal)));
  return findings.some(({ outcome }) => outcome === 'problem') ? 1 : 0;
}

function configFinding(loaded: LoadResult, file: string | null, terminal: Terminal): Finding {
  if (!loaded.ok) {
    const first = loaded.diagnostics[0];
    const cause = first === undefined ? null : `${first.file}:${first.line}: ${first.message}.`;
    return problem('config', countDiagnostics(loaded.diagnostics), cause, 'run `candor validate`');
  }
  const { hash } = loaded.configuration;
  if (file === null) {
    const names = [...foundKeyNames(terminal.environment).values()].join(', ');
    const use = names === '' ? '' : `; \`candor init\` writes one that uses ${names}`;
    return ok('config', `no candor.yaml: the built-in one (${hash}), all simulated${use}`);
  }
  const message = `${file} is valid (${hash})`;
  // That a provider is simulated stands beside the provider.
  const warnings = loaded.warnings.filter(({ code }) => code !== 'simulated-provider');
  if (warnings.length === 0) return ok('config', message);
  return warning('config', `${message}, ${countDiagnostics(warnings)}`, null, 'run `candor validate`');
}

type Loaded = LoadResult & { readonly ok: true };

async function stateFindings({ configuration }: Loaded, terminal: Terminal): Promise<readonly Finding[]> {
  const { server } = configuration;
  const inside = relative(terminal.cwd, server.store);
  const shown = inside.startsWith('..') ? server.store : `./${inside}`;
  return [await checkPort(server), checkState(server.store, shown), checkLock(server.store), checkLedger(server.store)];
}

function providerKeys({ configuration }: Loaded, file: string | null, terminal: Terminal): readonly ProviderKey[] {
  return checkKeys(configuration, {
    environment: terminal.environment,
    environmentFile: readEnvironmentFile(terminal.cwd),
    folder: dirname(resolve(terminal.cwd, file ?? '.')),
  });
}

async function liveFindings(keys: readonly ProviderKey[], terminal: Terminal): Promise<readonly Finding[]> {
  terminal.say(`candor: ${liveNotice(keys)}\n`);
  return checkLive(keys);
}

function bundleDetails(loaded: LoadResult, terminal: Terminal): readonly string[] {
  if (!loaded.ok)
    return loaded.diagnostics.map(({ code, file, line, message }) => `${code} at ${file}:${line}: ${message}`);
  const { configuration } = loaded;
  const count = (what: string, size: number): string => `${size} ${what}${size === 1 ? '' : 's'}`;
  return [
    `folder ${terminal.cwd}`,
    `config ${configuration.origin} ${configuration.hash}: ${count('deployment', configuration.deployments.size)}, ${count('model', configuration.models.size)}, ${count('route', configuration.routes.size)}`,
    ...loaded.warnings.map(({ code, file, line, message }) => `${code} at ${file}:${line}: ${message}`),
  ];
}

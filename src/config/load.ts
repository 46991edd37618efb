import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';

import type { Deployment } from '../core/deployment.ts';
import type { Configuration, ModelEntry } from '../core/route.ts';
import { NO_BRIEF } from './brief.ts';
import { BUILT_IN_ORIGIN, BUILT_IN_TEXT } from './built-in.ts';
import { Problems, type Diagnostic } from './diagnostic.ts';
import { parseDocumentText, type ConfigNode, type Entry } from './document.ts';
import { fingerprint } from './fingerprint.ts';
import { deepFreeze } from './freeze.ts';
import { readModels } from './models.ts';
import { readProviders, type ProviderEntry } from './providers.ts';
import { readFields, type Words } from './read.ts';
import type { Registries } from './registries.ts';
import { readRoutes } from './routes.ts';
import { readServer } from './server.ts';
import { DEFAULT_TIMEOUTS } from './timeouts.ts';

export interface LoadOptions {
  readonly mode: 'dev' | 'serve';
  /** Path of the config file; `null`: the built-in configuration. */
  readonly file: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly registries: Registries;
  /** Where the state lies, whatever the file says. */
  readonly stateDirectory?: string;
  /** The port to listen on, whatever the file says. */
  readonly port?: number;
  /** Lets `serve` have simulated providers. Default: no. */
  readonly allowSim?: boolean;
  /** Folder that relative paths of the command line start from. */
  readonly cwd: string;
}

/** The models one simulated provider is to play. */
export interface SimulatedProvider {
  readonly kind: string;
  /** The vendor's name of the model, as it goes over the wire → its config name. */
  readonly models: Readonly<Record<string, string>>;
}

export type LoadResult =
  | {
      readonly ok: true;
      readonly configuration: Configuration;
      readonly warnings: readonly Diagnostic[];
      /** By the provider's config name. */
      readonly simulated: ReadonlyMap<string, SimulatedProvider>;
      /** Variables whose secrets are in the configuration now, for the caller to remove from the process. */
      readonly secretVariables: readonly string[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const WORDS: Words = { built: ['providers', 'models', 'routes', 'server'], notBuilt: ['rules', 'data', 'keys'] };

/** Reads, checks and freezes a configuration. Problems of the file are a result, never an exception. */
export function loadConfiguration(options: LoadOptions): LoadResult {
  const source = readSource(options);
  if ('diagnostics' in source) return { ok: false, diagnostics: source.diagnostics };
  const { root, problems } = parseDocumentText(source.text, source.displayName);
  const top = root === null ? null : readFields({ problems, origin: source.origin }, root, 'the file', WORDS);
  if (top === null) {
    if (!problems.hasErrors) problems.error('missing-field', FIRST_PLACE, 'the file is empty', MINIMUM);
    return { ok: false, diagnostics: problems.all() };
  }
  const namesRead = new Set<string>();
  const secrets = { environment: options.environment, folder: source.folder, namesRead };
  const context = {
    problems,
    origin: source.origin,
    folder: source.folder,
    registries: options.registries,
    secrets,
    mode: options.mode,
  };
  const providers = readProviders(
    { ...context, simulators: simulatorRule(options) },
    section(top, 'providers', problems),
  );
  const models = readModels({ ...context, providers }, section(top, 'models', problems));
  const deployments = deploymentsOf(models);
  const routes = readRoutes({ ...context, models, deployments }, section(top, 'routes', null));
  const defaultStore = resolve(options.cwd, '.candor');
  const server = readServer({ ...context, defaultStore }, top.get('server'));
  if (problems.hasErrors) return { ok: false, diagnostics: problems.all() };
  const decided: Omit<Configuration, 'hash'> = {
    mode: options.mode,
    origin: source.origin,
    deployments,
    models: new Map([...models].filter((entry): entry is [string, ModelEntry] => entry[1] !== null)),
    routes,
    pinned: { timeouts: DEFAULT_TIMEOUTS, brief: NO_BRIEF, stream: 'trail' },
    server: {
      ...server,
      port: options.port ?? server.port,
      store: options.stateDirectory === undefined ? server.store : resolve(options.cwd, options.stateDirectory),
    },
  };
  const lent = new Set<unknown>([...deployments.values()].map((deployment) => deployment.capabilities));
  return {
    ok: true,
    configuration: deepFreeze({ ...decided, hash: fingerprint(decided) }, lent),
    warnings: problems.all(),
    simulated: simulatedProviders(providers, deployments),
    secretVariables: [...namesRead],
  };
}

const FIRST_PLACE = { line: 1, column: 1, endColumn: 2 };
const MINIMUM =
  'the least is providers: { openai: { key: env:OPENAI_API_KEY } } and models: { gpt-4o: { at: openai } }';

interface Source {
  readonly text: string;
  readonly origin: string;
  readonly displayName: string;
  readonly folder: string;
}

function readSource(options: LoadOptions): Source | { readonly diagnostics: readonly Diagnostic[] } {
  if (options.file === null) {
    return { text: BUILT_IN_TEXT, origin: BUILT_IN_ORIGIN, displayName: BUILT_IN_ORIGIN, folder: options.cwd };
  }
  const path = resolve(options.cwd, options.file);
  const inside = relative(options.cwd, path);
  const displayName = inside.startsWith('..') ? options.file : inside;
  try {
    return { text: readFileSync(path, 'utf8'), origin: basename(path), displayName, folder: dirname(path) };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    const problems = new Problems(displayName, []);
    problems.error('unreadable-file', FIRST_PLACE, `${displayName} ${reason}`);
    return { diagnostics: problems.all() };
  }
}

/** A section's node. A missing one is an error when `problems` are given, and empty in either case. */
function section(top: ReadonlyMap<string, Entry>, name: string, problems: Problems | null): ConfigNode {
  const entry = top.get(name);
  const isEmpty = entry === undefined || (entry.value.type === 'map' && entry.value.entries.length === 0);
  if (isEmpty && problems !== null) {
    problems.error('missing-field', entry?.keySpan ?? FIRST_PLACE, `the file defines no ${name}`, MINIMUM);
  }
  return entry?.value ?? { type: 'map', entries: [], span: FIRST_PLACE };
}

function simulatorRule(options: LoadOptions): 'refuse' | 'warn' | null {
  if (options.mode === 'dev') return null;
  return options.allowSim === true ? 'warn' : 'refuse';
}

function deploymentsOf(models: ReadonlyMap<string, ModelEntry | null>): ReadonlyMap<string, Deployment> {
  const all = [...models.values()].flatMap((model) => model?.deployments ?? []);
  return new Map(all.map((deployment) => [deployment.name, deployment]));
}

function simulatedProviders(
  providers: ReadonlyMap<string, ProviderEntry | null>,
  deployments: ReadonlyMap<string, Deployment>,
): ReadonlyMap<string, SimulatedProvider> {
  const simulated = new Map<string, SimulatedProvider>();
  for (const provider of providers.values()) {
    if (provider === null || !provider.simulated) continue;
    const own = [...deployments.values()].filter((deployment) => deployment.provider === provider.name);
    const models = Object.fromEntries(own.map((deployment) => [deployment.modelId, deployment.model]));
    simulated.set(provider.name, { kind: provider.facts.kind, models });
  }
  return simulated;
}

import { resolve } from 'node:path';

import type { Deployment } from '../core/deployment.ts';
import type { Configuration, ModelEntry } from '../core/route.ts';
import { NO_BRIEF } from './brief.ts';
import type { ConfigReader, ConfigTexts } from './config-reader.ts';
import type { Problems, Diagnostic } from './diagnostic.ts';
import { parseDocumentText, type ConfigNode, type Entry } from './document.ts';
import { fingerprint } from './fingerprint.ts';
import { deepFreeze } from './freeze.ts';
import { MODULE_TOP_WORDS, TOP_WORDS } from './grammar.ts';
import type { HookModules } from './hook-modules.ts';
import { readHooks } from './hooks.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import { readModels } from './models.ts';
import { readProviders, type ProviderEntry } from './providers.ts';
import { readFields } from './read.ts';
import type { Registries } from './registries.ts';
import { reviewConfiguration } from './review/review.ts';
import { readRoutes } from './routes.ts';
import { readRules } from './rules.ts';
import type { SecretSource } from './secret-reference.ts';
import { readServer } from './server.ts';
import { isConfigModule, openSource, type ConfigSource } from './source.ts';
import { DEFAULT_TIMEOUTS } from './timeouts.ts';

export interface LoadOptions {
  readonly mode: 'dev' | 'serve';
  /** Path of the config file; `null`: the built-in configuration. */
  readonly file: string | null;
  /** Where the texts come from. Default: the disk. */
  readonly reader?: ConfigReader;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Secrets that an earlier load has had removed from the environment. */
  readonly keptSecrets?: KeptSecrets;
  /** Takes references for the secrets themselves, so that none is needed. For looking at a configuration, not for running it. */
  readonly secretReferencesOnly?: boolean;
  readonly registries: Registries;
  /** The functions it may name. Without them, a configuration that names some has an error. */
  readonly hooks?: HookModules;
  /** Where the state lies, whatever the file says. */
  readonly stateDirectory?: string;
  /** The port to listen on, whatever the file says. */
  readonly port?: number;
  /** Lets `serve` have simulated providers. Default: no. */
  readonly allowSim?: boolean;
  /** Folder that relative paths of the command line start from. */
  readonly cwd: string;
  /** Milliseconds since the Unix epoch, for what grows old. Default: the machine's clock. */
  readonly wallTime?: () => number;
}

/** The models one simulated provider is to play. */
export interface SimulatedProvider {
  readonly kind: string;
  /** The vendor's name of the model, as it goes over the wire → its config name. */
  readonly models: Readonly<Record<string, string>>;
}

/** A configuration that holds, or why there is none; either way the texts it was read from. */
export type LoadResult = LoadOutcome & {
  readonly texts: ConfigTexts;
  /** The texts that were evaluated, which no snapshot keeps; by their paths from the config's folder. */
  readonly moduleTexts: ReadonlyMap<string, string>;
};

/** A load that has given a configuration. */
export type LoadedConfiguration = Extract<LoadResult, { readonly ok: true }>;

/** What a load comes to. */
export type LoadOutcome =
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

/** Reads, checks and freezes a configuration. Problems of the file are a result, never an exception. */
export function loadConfiguration(options: LoadOptions): LoadResult {
  const texts = new Map<string, string | null>();
  return { ...load(options, openSource(options, texts)), texts, moduleTexts: new Map() };
}

function load(options: LoadOptions, source: ConfigSource): LoadOutcome {
  if ('problem' in source.main) return { ok: false, diagnostics: [unreadable(source, source.main.problem)] };
  const { root, problems } = parseDocumentText(source.main.text, source.displayName);
  const words = isConfigModule(source.origin) ? MODULE_TOP_WORDS : TOP_WORDS;
  const top = root === null ? null : readFields({ problems, origin: source.origin }, root, 'the file', words);
  if (top === null) {
    if (!problems.hasErrors) problems.error('missing-field', FIRST_PLACE, 'the file is empty', MINIMUM);
    return { ok: false, diagnostics: problems.all() };
  }
  const secrets = secretSource(options, source.folder);
  const { origin, folder, reader } = source;
  const { mode, registries, hooks: hookModules = null } = options;
  const context = { problems, origin, folder, reader, registries, hookModules, secrets, mode };
  const providers = readProviders(
    { ...context, simulators: simulatorRule(options) },
    section(top, 'providers', problems),
  );
  const models = readModels({ ...context, providers }, section(top, 'models', problems));
  const deployments = deploymentsOf(models);
  const routes = readRoutes({ ...context, models, deployments }, section(top, 'routes', null));
  const routeNames = entriesOf(top.get('routes')).map(({ key }) => key);
  const rules = readRules({ ...context, routes, routeNames }, top.get('rules'));
  const hooks = readHooks({ ...context, models }, top.get('hooks'), routes);
  const defaultStore = resolve(options.cwd, '.candor');
  const server = readServer({ ...context, defaultStore }, top.get('server'));
  if (problems.hasErrors) return { ok: false, diagnostics: problems.all() };
  const decided: Omit<Configuration, 'hash'> = {
    mode,
    origin,
    deployments,
    models: new Map([...models].filter((entry): entry is [string, ModelEntry] => entry[1] !== null)),
    routes,
    rules,
    hooks,
    pinned: { timeouts: DEFAULT_TIMEOUTS, brief: NO_BRIEF, stream: 'trail' },
    server: {
      ...server,
      port: options.port ?? server.port,
      store: options.stateDirectory === undefined ? server.store : resolve(options.cwd, options.stateDirectory),
    },
  };
  const lent = new Set<unknown>([...deployments.values()].map((deployment) => deployment.capabilities));
  // The built-in configuration has models for people to try, which no route names.
  if (options.file !== null && root !== null) {
    reviewConfiguration({ ...decided, problems, root, wallTime: (options.wallTime ?? Date.now)() });
  }
  return {
    ok: true,
    configuration: deepFreeze({ ...decided, hash: fingerprint(decided) }, lent),
    warnings: problems.all(),
    simulated: simulatedProviders(providers, deployments),
    secretVariables: [...secrets.namesRead],
  };
}

function secretSource(options: LoadOptions, folder: string): SecretSource {
  return {
    environment: options.environment,
    kept: options.keptSecrets ?? null,
    referencesOnly: options.secretReferencesOnly === true,
    folder,
    namesRead: new Set<string>(),
  };
}

const FIRST_PLACE = { line: 1, column: 1, endColumn: 2 };
const MINIMUM =
  'the least is providers: { openai: { key: env:OPENAI_API_KEY } } and models: { gpt-4o: { at: openai } }';

function unreadable({ displayName }: ConfigSource, problem: string): Diagnostic {
  const found = { severity: 'error', code: 'unreadable-file', message: `${displayName} ${problem}` } as const;
  return { ...found, file: displayName, ...FIRST_PLACE, help: null, sourceLine: null };
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

function entriesOf(section: Entry | undefined): readonly Entry[] {
  return section?.value.type === 'map' ? section.value.entries : [];
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

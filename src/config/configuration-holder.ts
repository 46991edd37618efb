import type { Deployment } from '../core/deployment.ts';
import type { Configuration, ModelEntry, Route, ServerSettings } from '../core/route.ts';

/**
 * The one place that says which configuration new requests begin with. A request keeps the one it
 * began with. What is learnt while running (telemetry, circuits, budgets) must never live in a
 * configuration: it would be forgotten with the next reload.
 */
export class ConfigurationHolder {
  readonly #simulatedUrls: () => Readonly<Record<string, string>>;
  readonly #running: ServerSettings;
  #current: Configuration;

  /** @param simulatedUrls base URL of each simulated provider at the time of asking */
  constructor(configuration: Configuration, simulatedUrls: () => Readonly<Record<string, string>>) {
    this.#simulatedUrls = simulatedUrls;
    this.#running = configuration.server;
    this.#current = withUrls(configuration, simulatedUrls());
  }

  get current(): Configuration {
    return this.#current;
  }

  /**
   * Puts another configuration in force, with what of `server` only a new process can change left as it is.
   * @throws TypeError when a provider of it is simulated and has no simulator; the old one stays
   */
  replace(next: Configuration): void {
    const server = { ...next.server, ...startSettings(this.#running) };
    this.#current = withUrls({ ...next, server }, this.#simulatedUrls());
  }
}

/** What of `server` is settled when a process starts. */
type StartSettings = Pick<ServerSettings, 'host' | 'port' | 'store' | 'keepMs' | 'workers' | 'health' | 'adminToken'>;

function startSettings(running: ServerSettings): StartSettings {
  const { host, port, store, keepMs, workers, health, adminToken } = running;
  return { host, port, store, keepMs, workers, health, adminToken };
}

/** The words of the config in which `next` asks for another process than the one that began with `running`. */
export function restartWords(running: ServerSettings, next: ServerSettings): readonly string[] {
  const differs: Readonly<Record<string, boolean>> = {
    'server.listen': running.host !== next.host || running.port !== next.port,
    'server.store': running.store !== next.store,
    'server.keep': running.keepMs !== next.keepMs,
    'server.workers': running.workers !== next.workers,
    'server.health': running.health?.host !== next.health?.host || running.health?.port !== next.health?.port,
    'server.admin.token': running.adminToken?.reveal() !== next.adminToken?.reveal(),
  };
  return Object.keys(differs).filter((word) => differs[word]);
}

/** The configuration with the simulator's addresses in place. */
function withUrls(configuration: Configuration, simulatedUrls: Readonly<Record<string, string>>): Configuration {
  const resolved = new Map<string, Deployment>();
  for (const [name, deployment] of configuration.deployments) {
    const url = deployment.simulated ? simulatedUrls[deployment.provider] : deployment.url;
    if (url === undefined) throw new TypeError(`${name} is simulated, but no simulator runs`);
    resolved.set(name, { ...deployment, url: url.replace(/\/+$/, '') });
  }
  const own = (deployment: Deployment): Deployment => resolved.get(deployment.name) ?? deployment;
  const routes = new Map<string, Route>();
  for (const [name, route] of configuration.routes)
    routes.set(name, { ...route, candidates: route.candidates.map(own) });
  const models = new Map<string, ModelEntry>();
  for (const [name, model] of configuration.models)
    models.set(name, { ...model, deployments: model.deployments.map(own) });
  return { ...configuration, deployments: resolved, routes, models };
}

import type { Configuration } from '../../core/route.ts';

/** What is told at start. */
export interface ReadyFacts {
  readonly version: string;
  readonly configuration: Configuration;
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly readyMs: number;
  /** The state folder as the person would name it. */
  readonly state: string;
  readonly ephemeral: boolean;
}

/** The start of a gateway as one line of JSON, for programs. */
export function readyLine(facts: ReadyFacts): string {
  const { configuration } = facts;
  const line = {
    event: 'ready',
    version: facts.version,
    mode: configuration.mode,
    url: facts.url,
    api: `${facts.url}/v1`,
    port: facts.port,
    pid: facts.pid,
    config: configuration.hash,
    origin: configuration.origin,
    routes: Object.fromEntries(
      [...configuration.routes.values()].map((route) => [
        route.name,
        route.candidates.map((candidate) => candidate.name),
      ]),
    ),
    models: [...configuration.models.keys()],
    simulated: simulatedModels(configuration),
    state: facts.state,
    ephemeral: facts.ephemeral,
    ready_ms: Math.round(facts.readyMs),
  };
  return `${JSON.stringify(line)}\n`;
}

/** What is told beside that to a person at a terminal. */
export interface BannerExtras {
  /** Variables that hold a vendor's key, which the built-in configuration does not use. */
  readonly foundKeys: readonly string[];
  /** What the keys of the terminal do, in one line; left out where they do nothing. */
  readonly keysLine?: string;
}

/** The start of a gateway for a person. */
export function banner(facts: ReadyFacts, extras: BannerExtras = { foundKeys: [] }): string {
  const { configuration, url } = facts;
  const simulated = simulatedModels(configuration);
  const routes = [...configuration.routes.values()].map(
    (route) => `${route.name} → ${route.candidates[0]?.model ?? ''}`,
  );
  const lines = [
    '',
    `  CANDOR ${facts.version}  ready in ${Math.round(facts.readyMs)} ms    ${origin(configuration, simulated.length, extras.foundKeys)}`,
    '',
    `  ➜  API      ${url}/v1    OpenAI-compatible`,
    `  ➜  Page     ${url}/    the last requests`,
    `  ➜  Key      any string (this machine only)`,
    '',
    ...wrapped('routes', routes.length > 0 ? routes : ['none']),
    ...wrapped('simulated', simulated),
    ...wrapped('fallback', fallbackNote(configuration)),
    ...wrapped('state', [facts.ephemeral ? `${facts.state} (removed at exit)` : facts.state]),
    '',
    ...wrapped('next', [nextAsk(configuration)]),
    ...(simulated.length > 0 ? [`              ${nextFault(configuration)}`] : []),
    ...(extras.foundKeys.length === 0 ? [] : [foundNote(extras.foundKeys)]),
    ...(extras.keysLine === undefined ? ['              Ctrl-C stops it'] : ['', `  ${extras.keysLine}`]),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** The models of which no deployment is real. */
function simulatedModels(configuration: Configuration): readonly string[] {
  const models = [...configuration.models.values()];
  return models
    .filter((model) => model.deployments.every((deployment) => deployment.simulated))
    .map((model) => model.name);
}

function origin(configuration: Configuration, simulatedCount: number, foundKeys: readonly string[]): string {
  if (configuration.origin === 'built-in') {
    const keys = foundKeys.length === 0 ? ', no keys' : '';
    return `no candor.yaml${keys}: ${simulatedCount} SIMULATED models, nothing is spent`;
  }
  const mark = simulatedCount === 0 ? '' : `, ${simulatedCount} of ${configuration.models.size} models SIMULATED`;
  return `${configuration.origin} (config ${configuration.hash})${mark}`;
}

/** Said aloud, because nothing has shown yet that one model may stand in for another. */
function fallbackNote(configuration: Configuration): readonly string[] {
  const falling = [...configuration.routes.values()].filter(
    (route) => route.fallback === 'degraded' && new Set(route.candidates.map((candidate) => candidate.model)).size > 1,
  );
  return falling.length === 0 ? [] : [`${falling.map((route) => route.name).join(', ')}: allowed, and marked degraded`];
}

function foundNote(names: readonly string[]): string {
  return `  ${'found'.padEnd(LABEL_WIDTH)}${names.join(', ')}    \`candor init\` writes a config that uses ${names.length === 1 ? 'it' : 'them'}`;
}

function nextAsk(configuration: Configuration): string {
  const [route] = [...configuration.routes.keys(), ...configuration.models.keys()];
  return `candor ask ${route ?? ''} "Invoice 118: 3 chairs, 240 EUR. Answer as JSON."`;
}

function nextFault(configuration: Configuration): string {
  const deployment = [...configuration.deployments.values()].find((each) => each.simulated);
  return `candor sim outage ${deployment?.provider ?? ''}    break it, and ask again`;
}

const LABEL_WIDTH = 12;
const LINE_WIDTH = 90;

/** A label and its items, as many to a line as fit. Nothing for no items. */
function wrapped(label: string, items: readonly string[]): readonly string[] {
  const rows: string[] = [];
  for (const item of items) {
    const row = rows.at(-1);
    if (row !== undefined && row.length + item.length + 4 <= LINE_WIDTH) rows[rows.length - 1] = `${row}    ${item}`;
    else rows.push(item);
  }
  return rows.map((row, index) => `  ${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${row}`);
}

import type { Deployment, ParameterRules, Timeouts } from '../../core/deployment.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Price, PricePeriod } from '../../core/price.ts';
import { windowText } from '../../core/price-window.ts';
import type { Configuration, ModelEntry, Route } from '../../core/route.ts';
import { entryAt, toJson, type ConfigNode } from '../document.ts';
import { formatDuration } from '../duration.ts';
import { hookPlaces } from '../hook-places.ts';
import { FIRST_TOKEN_FACTOR } from '../routes.ts';
import type { ProviderFacts } from '../registries.ts';

/** One value in force, and where it comes from. */
export interface EffectiveValue {
  readonly path: readonly string[];
  /** In the grammar of the config file, secrets as references; `null`: none. */
  readonly value: JsonValue;
  /** `candor.yaml:33`, `default`, `price table 2026-09-23`, `--port`. */
  readonly origin: string;
  /** What the value cannot say by itself: written into a file, it would decide something else. */
  readonly note: string | null;
}

export interface EffectiveInput {
  readonly configuration: Configuration;
  /** What the file holds. */
  readonly root: ConfigNode;
  /** What a file may name as `kind`. */
  readonly kinds: ReadonlyMap<string, ProviderFacts>;
  /** What the command line decides, such as `server.listen`, by the option that does. */
  readonly options: ReadonlyMap<string, string>;
  /** Milliseconds since the Unix epoch: prices may depend on the hour. */
  readonly wallTime: number;
}

/** Every value a configuration works with, section by section, in the order of the grammar. */
export function effectiveValues(input: EffectiveInput): readonly EffectiveValue[] {
  const values = new EffectiveList(input);
  const providers = entryAt(input.root, 'providers')?.value;
  for (const { key } of providers?.type === 'map' ? providers.entries : []) addProvider(values, key, input.kinds);
  for (const model of input.configuration.models.values()) addModel(values, model);
  for (const route of input.configuration.routes.values()) addRoute(values, route);
  values.addWritten('rules');
  addHooks(values, input.configuration);
  addServer(values, input.configuration);
  return values.all;
}

/** Collects values; what the file says of a path counts before the default given for it. */
class EffectiveList {
  readonly all: EffectiveValue[] = [];
  readonly #input: EffectiveInput;

  constructor(input: EffectiveInput) {
    this.#input = input;
  }

  written(...path: readonly string[]): JsonValue | undefined {
    const entry = entryAt(this.#input.root, ...path);
    return entry === undefined ? undefined : toJson(entry.value);
  }

  add(path: readonly string[], defaultValue: JsonValue, origin = 'default', note: string | null = null): void {
    const option = this.#input.options.get(path.join('.'));
    const written = this.written(...path);
    if (option !== undefined) this.all.push({ path, value: defaultValue, origin: option, note: null });
    else if (written === undefined) this.all.push({ path, value: defaultValue, origin, note });
    else this.all.push({ path, value: written, origin: this.line(...path), note: null });
  }

  /** Adds the value only if the file has it. */
  addWritten(...path: readonly string[]): void {
    if (this.written(...path) !== undefined) this.add(path, null);
  }

  get wallTime(): number {
    return this.#input.wallTime;
  }

  line(...path: readonly string[]): string {
    const line = entryAt(this.#input.root, ...path)?.keySpan.line ?? 1;
    return `${this.#input.configuration.origin}:${line}`;
  }
}

/** Functions are told by their places and the hash of their source. */
function addHooks(values: EffectiveList, { hooks, origin }: Configuration): void {
  for (const [name, at] of Object.entries(hookPlaces(hooks))) {
    const [module = origin] = at.split('#');
    const note = `a function, which no file of values can hold; SHA-256 of its source ${hooks.sources.get(module) ?? 'unknown'}`;
    values.all.push({ path: ['hooks', name], value: at, origin: module, note });
  }
}

function addProvider(values: EffectiveList, name: string, kinds: ReadonlyMap<string, ProviderFacts>): void {
  const path = ['providers', name];
  const kind = values.written(...path, 'kind') ?? name;
  values.add([...path, 'kind'], kind);
  if (values.written(...path, 'sim') === true) {
    for (const word of ['url', 'key', 'allow_private']) values.addWritten(...path, word);
  } else {
    values.add([...path, 'url'], (typeof kind === 'string' ? kinds.get(kind)?.defaultUrl : null) ?? null);
    values.add([...path, 'allow_private'], false);
    values.add([...path, 'key'], null);
  }
  values.add([...path, 'region'], 'unknown');
  values.add([...path, 'sim'], false);
}

function addModel(values: EffectiveList, { name, deployments }: ModelEntry): void {
  const path = ['models', name];
  values.add([...path, 'at'], null);
  values.add([...path, 'id'], name);
  for (const word of ['prepend', 'append', 'documents']) values.addWritten(...path, 'prompt', word);
  addParameters(values, path, deployments[0]?.params ?? new Map());
  if (values.written(...path, 'price') !== undefined) values.add([...path, 'price'], null);
  else if (new Set(deployments.map((each) => JSON.stringify(each.price))).size === 1)
    addListPrice(values, path, deployments[0]);
  else for (const each of deployments) addListPrice(values, path, each, each.provider);
}

/** A price nobody has written down; `provider` where a model has several. */
function addListPrice(
  values: EffectiveList,
  path: readonly string[],
  deployment?: Deployment,
  provider?: string,
): void {
  const price = deployment?.price ?? null;
  const notes = provider === undefined ? [] : [`at ${provider}`];
  if (price === null)
    return values.add([...path, 'price'], null, 'default', [...notes, 'unknown, so its costs are null'].join('; '));
  const rates = price.ratesAt(values.wallTime, 0);
  if (rates === null) return values.add([...path, 'price'], null, `price table ${price.asOf}`, 'none known for today');
  const { input, output, cachedInput, cacheWrite } = rates;
  if (cacheWrite !== null) notes.push(`written to a cache ${cacheWrite}`);
  notes.push(...furtherTerms(price, values.wallTime));
  const value = {
    in: input,
    ...(output === null ? {} : { out: output }),
    ...(cachedInput === null ? {} : { cached: cachedInput }),
    as_of: price.asOf,
  };
  values.add([...path, 'price'], value, `price table ${price.asOf}`, notes.length === 0 ? null : notes.join('; '));
}

/** What one set of rates does not say: other hours, other days, longer prompts, what is factored in or apart. */
function furtherTerms(price: Price, wallTimeMs: number): readonly string[] {
  const notes: string[] = [];
  const inForce = price.periodAt(wallTimeMs);
  for (const { promptTokensAbove, input, output } of inForce?.tiers ?? [])
    if (promptTokensAbove > 0) notes.push(`in ${input}, out ${output ?? 'unknown'} above ${promptTokensAbove} tokens`);
  for (const period of price.periods) {
    const [first] = period.tiers;
    if (period === inForce || first === undefined || hasEnded(period, wallTimeMs)) continue;
    const from = period.from !== null && Date.parse(period.from) > wallTimeMs ? ` from ${period.from}` : '';
    const hours = period.window === null ? '' : ` at ${windowText(period.window)}`;
    notes.push(
      `in ${first.input}, out ${first.output ?? 'unknown'}${from}${hours || from ? hours : ' at other hours'}`,
    );
  }
  if (inForce?.from !== null || inForce.until !== null) notes.push(`in force ${datesText(inForce)}`);
  if (price.regionalFactor !== 1) notes.push(`the region's factor ${price.regionalFactor} is in it`);
  for (const [tier, factor] of Object.entries(price.serviceTiers)) notes.push(`${tier} times ${factor}`);
  if (price.soundApart) notes.push('sound costs something else');
  return notes;
}

function hasEnded({ until }: PricePeriod, wallTimeMs: number): boolean {
  return until !== null && Date.parse(until) <= wallTimeMs;
}

function datesText(period: PricePeriod | null): string {
  const from = period?.from ?? null;
  const until = period?.until ?? null;
  return [from === null ? [] : `from ${from}`, until === null ? [] : `until ${until}`].flat().join(' ');
}

function addParameters(values: EffectiveList, path: readonly string[], rules: ParameterRules): void {
  for (const name of rules.keys()) values.add([...path, 'params', name], null);
}

function addRoute(values: EffectiveList, route: Route): void {
  const path = ['routes', route.name];
  values.add([...path, 'try'], null);
  values.add([...path, 'pick'], route.pick);
  if (route.objectives.length === 0) values.add([...path, 'slo'], null);
  for (const { name } of route.objectives) values.addWritten(...path, 'slo', name);
  values.add([...path, 'slo_policy'], route.objectivePolicy);
  values.add([...path, 'prompts'], null);
  values.add([...path, 'brief'], 'default');
  if (values.written(...path, 'params') === 'strict') values.add([...path, 'params'], null);
  else {
    addParameters(values, path, route.params);
    values.addWritten(...path, 'params', 'strict');
  }
  values.add([...path, 'validate'], null);
  values.add([...path, 'invalid'], [...route.invalid]);
  values.add([...path, 'fallback'], route.fallback);
  values.add([...path, 'retries'], route.retries);
  // A stream that is neither is written in the file.
  values.add([...path, 'stream'], typeof route.stream === 'string' ? route.stream : null);
  values.add([...path, 'mid_system'], route.midSystem);
  values.add([...path, 'on_refusal'], route.onRefusal);
  values.add([...path, 'on_abstain'], route.onAbstain);
  if (route.accept !== null) {
    values.add([...path, 'accept', 'risk'], null);
    values.add([...path, 'accept', 'delta'], route.accept.delta);
  }
  if (route.shadow !== null) {
    values.add([...path, 'shadow', 'sample'], null);
    values.add([...path, 'shadow', 'budget'], null);
    values.add([...path, 'shadow', 'models'], [...route.shadow.models]);
  }
  addTimers(values, path, route.timeouts);
}

function addTimers(values: EffectiveList, path: readonly string[], timeouts: Timeouts): void {
  const timer = [...path, 'timeout'];
  const total = values.written(...timer);
  const { connectMs, firstByteMs, firstByteUnstreamedMs, firstTokenMs, idleMs, totalMs, totalStreamMs } = timeouts;
  values.add([...timer, 'connect'], formatDuration(connectMs));
  values.add(
    [...timer, 'first_byte'],
    formatDuration(firstByteMs),
    'default',
    `${formatDuration(firstByteUnstreamedMs)} when not streamed`,
  );
  values.add(
    [...timer, 'first_token'],
    firstTokenMs === null ? null : formatDuration(firstTokenMs),
    firstTokenMs === null ? 'default' : `${FIRST_TOKEN_FACTOR} × slo.ttft_p95`,
  );
  values.add([...timer, 'idle'], formatDuration(idleMs));
  const isOneTotal = typeof total === 'string';
  const note = totalMs === totalStreamMs ? null : `${formatDuration(totalStreamMs)} for a stream`;
  values.add([...timer, 'total'], formatDuration(totalMs), isOneTotal ? values.line(...timer) : 'default', note);
}

function addServer(values: EffectiveList, { server, mode }: Configuration): void {
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  values.add(['server', 'listen'], `${host}:${server.port}`);
  values.add(['server', 'hosts'], null);
  values.add(['server', 'public_url'], null, 'default', 'the address it listens on');
  values.add(['server', 'admin', 'token'], null, 'default', 'made at start, only in run.json');
  values.add(['server', 'health', 'listen'], null);
  values.add(['server', 'store'], server.store);
  values.add(['server', 'keep'], null, 'default', 'for ever');
  if (mode === 'serve') values.add(['server', 'workers'], server.workers);
  values.add(['server', 'drain', 'grace'], formatDuration(server.drain.graceMs));
  values.add(['server', 'drain', 'cap'], formatDuration(server.drain.capMs));
}

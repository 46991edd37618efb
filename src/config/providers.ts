import type { Secret } from '../core/secret.ts';
import { isPrivateHost } from './address.ts';
import type { ConfigNode, Entry } from './document.ts';
import { PROVIDER_WORDS } from './grammar.ts';
import { checkName } from './names.ts';
import { at, readBoolean, readFields, readList, readText, type ReadContext } from './read.ts';
import type { ProviderFacts, Registries } from './registries.ts';
import { readSecret, type SecretSource } from './secret-reference.ts';
import { didYouMean } from './suggest.ts';

/** One provider of the file: where its models run and with which keys. */
export interface ProviderEntry {
  readonly name: string;
  readonly facts: ProviderFacts;
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Whether it may be on this machine or a private network. The simulator always is. */
  readonly allowsPrivate: boolean;
  /** Its keys, in order of preference. */
  readonly credentials: readonly Secret[];
  readonly region: string | null;
  readonly simulated: boolean;
  readonly at: string;
}

export interface ProvidersContext extends ReadContext {
  readonly registries: Registries;
  readonly secrets: SecretSource;
  /** `null`: simulators are welcome; `refuse`: they are an error; `warn`: they are let in and said aloud. */
  readonly simulators: 'refuse' | 'warn' | null;
}

/** Stands where a simulated provider needs no address: the simulator has its own. */
const SIMULATED_URL = 'http://127.0.0.1';

/** The providers by name; `null` for one whose definition has errors, so that using it is no second error. */
export function readProviders(context: ProvidersContext, node: ConfigNode): ReadonlyMap<string, ProviderEntry | null> {
  const providers = new Map<string, ProviderEntry | null>();
  if (node.type !== 'map') {
    context.problems.error('wrong-type', node.span, 'providers must be a map of names');
    return providers;
  }
  for (const entry of node.entries) {
    if (checkName(context, entry, 'provider')) providers.set(entry.key, readProvider(context, entry));
  }
  return providers;
}

function readProvider(context: ProvidersContext, entry: Entry): ProviderEntry | null {
  const path = `providers.${entry.key}`;
  const fields = readFields(context, entry.value, path, PROVIDER_WORDS);
  if (fields === null) return null;
  const facts = readKind(context, entry, fields.get('kind'));
  const allowPrivate = readFlag(context, fields.get('allow_private'), `${path}.allow_private`) === true;
  const simulated = readFlag(context, fields.get('sim'), `${path}.sim`);
  const region = readRegion(context, fields.get('region'), `${path}.region`);
  const written = readProviderUrl(context, fields.get('url'), `${path}.url`, allowPrivate);
  const url = written ?? facts?.defaultUrl ?? (simulated === true ? SIMULATED_URL : null);
  if (facts !== null && url === null && !fields.has('url')) {
    const help = 'write url: with the base URL of your own; docs/config.md has an example';
    context.problems.error('missing-field', entry.keySpan, `providers.${entry.key} has no url`, help);
  }
  const credentials = readCredentials(context, entry, fields.get('key'), simulated !== false);
  if (simulated === true) checkSimulated(context, entry, fields);
  if (facts === null || url === null || simulated === null) return null;
  const allowsPrivate = allowPrivate || simulated;
  return { name: entry.key, facts, url, allowsPrivate, credentials, region, simulated, at: at(context, entry.keySpan) };
}

function readKind(context: ProvidersContext, entry: Entry, field: Entry | undefined): ProviderFacts | null {
  const kinds = context.registries.providers;
  const kind = field === undefined ? entry.key : readText(context, field.value, `providers.${entry.key}.kind`);
  if (kind === null) return null;
  const facts = kinds.get(kind);
  if (facts !== undefined) return facts;
  const span = field?.value.span ?? entry.keySpan;
  const help = didYouMean(kind, kinds.keys()) ?? `kinds are ${[...kinds.keys()].join(', ')}`;
  const origin = field === undefined ? ' (the name is the kind unless `kind` says otherwise)' : '';
  context.problems.error('unknown-kind', span, `there is no kind of provider "${kind}"${origin}`, help);
  return null;
}

/** `false` where the word is missing, `null` where it is wrong. */
function readFlag(context: ReadContext, field: Entry | undefined, path: string): boolean | null {
  return field === undefined ? false : readBoolean(context, field.value, path);
}

/** `unknown` is a fact about the operator's knowledge, and stays unknown. */
function readRegion(context: ReadContext, field: Entry | undefined, path: string): string | null {
  if (field === undefined) return null;
  if (field.value.type === 'map') {
    const word = field.value.entries[0]?.key ?? 'value';
    context.problems.error(
      'not-built-yet',
      field.value.span,
      `\`${word}\` is not built yet (in ${path})`,
      'write the region alone',
    );
    return null;
  }
  const region = readText(context, field.value, path);
  if (region === null || region === 'unknown') return null;
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(region)) return region;
  context.problems.error('invalid-value', field.value.span, `${path} must be a short word such as eu or us-east-1`);
  return null;
}

function readProviderUrl(
  context: ReadContext,
  field: Entry | undefined,
  path: string,
  allowPrivate: boolean,
): string | null {
  if (field === undefined) return null;
  const text = readText(context, field.value, path);
  if (text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== '' ||
    url.password !== ''
  ) {
    const help = 'write https://host/path, without credentials, query or fragment';
    context.problems.error('invalid-url', field.value.span, `${path} is not a base URL`, help);
    return null;
  }
  const reason =
    url.protocol === 'http:' ? 'is plain http' : isPrivateHost(url.hostname) ? 'is on a private network' : null;
  if (reason !== null && !allowPrivate) {
    context.problems.error(
      'private-url',
      field.value.span,
      `${path} ${reason}`,
      'add allow_private: true if that is meant',
    );
    return null;
  }
  return url.href.replace(/\/+$/, '');
}

function readCredentials(
  context: ProvidersContext,
  entry: Entry,
  field: Entry | undefined,
  keyless: boolean,
): readonly Secret[] {
  const path = `providers.${entry.key}.key`;
  if (field !== undefined) {
    const list = field.value.type === 'list' ? readList(context, field.value, path) : null;
    const nodes = field.value.type === 'list' ? (list?.items ?? []) : [field.value];
    return distinctSecrets(context, nodes, path, keyless);
  }
  if (!keyless) {
    const help = 'write key: env:NAME, or sim: true for the simulator';
    context.problems.error('missing-field', entry.keySpan, `providers.${entry.key} has no key`, help);
  }
  return [];
}

/** A key that is listed twice would be asked again right after the vendor turned it down. */
function distinctSecrets(
  context: ProvidersContext,
  nodes: readonly ConfigNode[],
  path: string,
  keyless: boolean,
): readonly Secret[] {
  const secrets = new Map<string, Secret>();
  for (const node of nodes) {
    const secret = readSecret(context, context.secrets, node, path, { resolve: !keyless });
    if (secret === null) continue;
    if (secrets.has(String(secret))) {
      context.problems.warn(
        'duplicate',
        node.span,
        `${path} has named this key before; it is used once`,
        'leave it out',
      );
    }
    secrets.set(String(secret), secret);
  }
  return [...secrets.values()];
}

function checkSimulated(context: ProvidersContext, entry: Entry, fields: ReadonlyMap<string, Entry>): void {
  const span = fields.get('sim')?.keySpan ?? entry.keySpan;
  if (context.simulators === 'refuse') {
    const help = 'use `candor dev`, or start with --allow-sim';
    context.problems.error(
      'simulated-provider',
      span,
      `providers.${entry.key} is simulated, which \`candor serve\` refuses`,
      help,
    );
  } else if (context.simulators === 'warn') {
    context.problems.warn(
      'simulated-provider',
      span,
      `providers.${entry.key} is simulated: its answers are not a vendor's`,
    );
  }
  for (const word of ['url', 'key', 'allow_private']) {
    const field = fields.get(word);
    if (field !== undefined) {
      context.problems.warn(
        'unused-word',
        field.keySpan,
        `providers.${entry.key} is simulated: its \`${word}\` is not used`,
      );
    }
  }
}

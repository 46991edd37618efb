import type { Deployment, ModelPrompt, PromptText } from '../core/deployment.ts';
import { flatPrice, type Price } from '../core/price.ts';
import type { ModelEntry } from '../core/route.ts';
import type { Span } from './diagnostic.ts';
import type { ConfigNode, Entry } from './document.ts';
import { DOCUMENT_CHOICES, MODEL_WORDS, PLACE_WORDS, PRICE_WORDS, PROMPT_WORDS } from './grammar.ts';
import { checkName } from './names.ts';
import { NO_PARAMS, readParams } from './params.ts';
import type { ProviderEntry } from './providers.ts';
import { at, readChoice, readFields, readList, readNumber, readText, type ReadContext } from './read.ts';
import type { Registries } from './registries.ts';
import { didYouMean } from './suggest.ts';

export interface ModelsContext extends ReadContext {
  readonly registries: Registries;
  readonly providers: ReadonlyMap<string, ProviderEntry | null>;
}

/** The models by name; `null` for one whose definition has errors. */
export function readModels(context: ModelsContext, node: ConfigNode): ReadonlyMap<string, ModelEntry | null> {
  const models = new Map<string, ModelEntry | null>();
  if (node.type !== 'map') {
    context.problems.error('wrong-type', node.span, 'models must be a map of names');
    return models;
  }
  for (const entry of node.entries) {
    if (checkName(context, entry, 'model')) models.set(entry.key, readModel(context, entry));
  }
  return models;
}

/** One place a model runs: a provider, and the vendor's name of the model there. */
interface Place {
  readonly provider: ProviderEntry;
  readonly modelId: string;
  readonly span: Span;
}

function readModel(context: ModelsContext, entry: Entry): ModelEntry | null {
  const path = `models.${entry.key}`;
  const fields = readFields(context, entry.value, path, MODEL_WORDS);
  if (fields === null) return null;
  const idField = fields.get('id');
  const id = idField === undefined ? entry.key : readText(context, idField.value, `${path}.id`);
  const places = readPlaces(context, entry, fields.get('at'), id ?? entry.key);
  const prompt = readPrompt(context, fields.get('prompt'), `${path}.prompt`);
  const paramsField = fields.get('params');
  const params =
    paramsField === undefined
      ? NO_PARAMS
      : readParams(context, paramsField.value, `${path}.params`, { strictAllowed: false });
  const price = readPrice(context, fields.get('price'), `${path}.price`);
  if (id === null || places === null) return null;
  const deployments = places.map((place): Deployment => ({
    name: `${place.provider.name}/${entry.key}`,
    provider: place.provider.name,
    model: entry.key,
    kind: place.provider.facts.kind,
    modelId: place.modelId,
    url: place.provider.url,
    allowsPrivate: place.provider.allowsPrivate,
    credentials: place.provider.credentials,
    region: place.provider.region,
    simulated: place.provider.simulated,
    capabilities: place.provider.facts.capabilities(place.modelId),
    price: price ?? listPrice(context, entry, place),
    prompt,
    params: params.rules,
    at: at(context, place.span),
  }));
  return { name: entry.key, deployments, at: at(context, entry.keySpan) };
}

/** A price nobody knows is no error, but every cost of that model will be unknown too. */
function listPrice(context: ModelsContext, entry: Entry, place: Place): Price | null {
  const { facts, simulated } = place.provider;
  const { url } = place.provider;
  const known = context.registries.price(facts.kind, place.modelId, url);
  if (simulated) return known ?? context.registries.price(facts.kind, `sim-${place.modelId}`, url);
  if (known === null) {
    const message = `no price is known for "${place.modelId}" at ${place.provider.name}: its costs will be null`;
    context.problems.warn('unknown-price', entry.keySpan, message, 'add price: {in, out, as_of}');
  }
  return known;
}

function readPlaces(
  context: ModelsContext,
  entry: Entry,
  field: Entry | undefined,
  defaultId: string,
): readonly Place[] | null {
  const path = `models.${entry.key}.at`;
  if (field === undefined) {
    context.problems.error(
      'missing-field',
      entry.keySpan,
      `models.${entry.key} does not say where it runs`,
      'write at: <provider>',
    );
    return null;
  }
  if (field.value.type !== 'list') {
    const provider = readProviderName(context, field.value, path);
    // The model's own line, so that a one-line and a many-line definition are cited alike.
    return provider === null ? null : [{ provider, modelId: defaultId, span: entry.keySpan }];
  }
  const list = readList(context, field.value, path);
  if (list === null) return null;
  const places = list.items.map((item) => readPlace(context, item, path, defaultId));
  const seen = new Set<string>();
  for (const place of places) {
    if (place === null) continue;
    if (seen.has(place.provider.name)) {
      context.problems.error('duplicate', place.span, `${path} names the provider "${place.provider.name}" twice`);
    }
    seen.add(place.provider.name);
  }
  return places.every((place) => place !== null) ? places : null;
}

function readPlace(context: ModelsContext, item: ConfigNode, path: string, defaultId: string): Place | null {
  if (item.type === 'scalar') {
    const provider = readProviderName(context, item, path);
    return provider === null ? null : { provider, modelId: defaultId, span: item.span };
  }
  const fields = readFields(context, item, path, PLACE_WORDS);
  if (fields === null) return null;
  const name = fields.get('provider');
  if (name === undefined) {
    context.problems.error('missing-field', item.span, `${path} has an entry without a provider`);
    return null;
  }
  const provider = readProviderName(context, name.value, `${path}.provider`);
  const idField = fields.get('id');
  const modelId = idField === undefined ? defaultId : readText(context, idField.value, `${path}.id`);
  return provider === null || modelId === null ? null : { provider, modelId, span: item.span };
}

function readProviderName(context: ModelsContext, node: ConfigNode, path: string): ProviderEntry | null {
  const name = readText(context, node, path);
  if (name === null) return null;
  const provider = context.providers.get(name);
  if (provider === undefined) {
    const help = didYouMean(name, context.providers.keys());
    context.problems.error(
      'unknown-provider',
      node.span,
      `${path} names provider "${name}", which is not defined`,
      help,
    );
  }
  return provider ?? null;
}

function readPrompt(context: ReadContext, field: Entry | undefined, path: string): ModelPrompt {
  const nothing = { prepend: null, append: null, documents: null };
  if (field === undefined) return nothing;
  const fields = readFields(context, field.value, path, PROMPT_WORDS);
  if (fields === null) return nothing;
  const piece = (word: 'prepend' | 'append'): PromptText | null => {
    const entry = fields.get(word);
    const text = entry === undefined ? null : readText(context, entry.value, `${path}.${word}`);
    return entry === undefined || text === null ? null : { text, at: at(context, entry.keySpan) };
  };
  const form = fields.get('documents');
  const documents = form === undefined ? null : readChoice(context, form.value, `${path}.documents`, DOCUMENT_CHOICES);
  return { prepend: piece('prepend'), append: piece('append'), documents };
}

function readPrice(context: ReadContext, field: Entry | undefined, path: string): Price | null {
  if (field === undefined) return null;
  const fields = readFields(context, field.value, path, PRICE_WORDS);
  if (fields === null) return null;
  const amount = (word: 'in' | 'out' | 'cached'): number | null => {
    const entry = fields.get(word);
    return entry === undefined ? null : readNumber(context, entry.value, `${path}.${word}`, 0);
  };
  for (const word of ['in', 'out', 'as_of']) {
    if (!fields.has(word)) {
      const help = 'write price: { in: 2.50, out: 10, cached: 1.25, as_of: 2026-11-01 }, USD per million tokens';
      context.problems.error('missing-field', field.keySpan, `${path} has no \`${word}\``, help);
    }
  }
  const asOf = readDate(context, fields.get('as_of'), `${path}.as_of`);
  const input = amount('in');
  const output = amount('out');
  const cached = amount('cached');
  if (input === null || output === null || asOf === null) return null;
  const rates = { input, output, cachedInput: cached, cacheWrite: null, cacheWriteOneHour: null };
  return flatPrice(rates, { asOf, source: at(context, field.keySpan) });
}

function readDate(context: ReadContext, field: Entry | undefined, path: string): string | null {
  if (field === undefined) return null;
  const text = readText(context, field.value, path);
  if (text === null) return null;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return text;
  context.problems.error('invalid-value', field.value.span, `${path} is not a date`, 'write 2026-11-01');
  return null;
}

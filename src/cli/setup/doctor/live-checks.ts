import { request } from 'undici';

import {
  arrayMember,
  isJsonObject,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
} from '../../../core/json.ts';
import type { Secret } from '../../../core/secret.ts';
import { USER_AGENT } from '../../../core/version.ts';
import { durationText } from '../../format.ts';
import { plainText, shortened } from '../../text.ts';
import { ok, problem, warning, type Finding } from './finding.ts';
import type { ProviderKey } from './key-checks.ts';

const TIMEOUT_MS = 10_000;
const MOST_SKEW_MS = 5_000;
const MOST_MESSAGE_CHARACTERS = 160;

/** How a kind of provider lists its models (the vendors' API references, November 2026). */
interface ModelListCall {
  readonly path: string;
  readonly headers: (key: Secret) => Readonly<Record<string, string>>;
  readonly ids: (body: JsonObject) => readonly string[];
}

const OPENAI_LIKE: ModelListCall = {
  path: '/models',
  headers: (key) => ({ authorization: `Bearer ${key.reveal()}` }),
  ids: (body) => idsIn(body, 'data', 'id'),
};

const ANTHROPIC: ModelListCall = {
  path: '/v1/models?limit=1000',
  headers: (key) => ({ 'x-api-key': key.reveal(), 'anthropic-version': '2023-06-01' }),
  ids: (body) => idsIn(body, 'data', 'id'),
};

const GEMINI: ModelListCall = {
  path: '/models?pageSize=1000',
  headers: (key) => ({ 'x-goog-api-key': key.reveal() }),
  ids: (body) => idsIn(body, 'models', 'name').map((name) => name.replace(/^models\//, '')),
};

/** `null`: there is no such list where models of this kind are asked. */
function callOf(kind: string): ModelListCall | null {
  if (kind === 'vertex') return null;
  return { anthropic: ANTHROPIC, google: GEMINI }[kind] ?? OPENAI_LIKE;
}

function idsIn(body: JsonObject, list: string, member: string): readonly string[] {
  return arrayMember(body, list)
    .filter(isJsonObject)
    .flatMap((entry) => stringMember(entry, member) ?? []);
}

/** What `--live` is about to do, to be said before it is done. */
export function liveNotice(keys: readonly ProviderKey[]): string {
  const asked = keys.flatMap(({ key, kind, url }) => {
    const call = key === null ? null : callOf(kind);
    return call === null ? [] : [url + call.path];
  });
  if (asked.length === 0) return 'no provider is asked: none has a key and a list of models';
  return `asking for lists of models with your keys, which vendors do not charge for:\n${asked.map((url) => `  GET ${url}`).join('\n')}`;
}

/** Asks each provider that has a key for its models. */
export async function checkLive(keys: readonly ProviderKey[]): Promise<readonly Finding[]> {
  const asked = keys.flatMap(({ key, ...provider }) => (key === null ? [] : [{ ...provider, key }]));
  return (await Promise.all(asked.map(checkProvider))).flat();
}

async function checkProvider(provider: ProviderKey & { readonly key: Secret }): Promise<readonly Finding[]> {
  const { key, url, kind, label, provider: name } = provider;
  const call = callOf(kind);
  const check = `${label} live`;
  if (call === null)
    return [warning(check, 'not checked: Vertex has no list of models', null, 'send one request to it')];
  const startedMs = performance.now();
  try {
    const response = await request(url + call.path, {
      headers: { ...call.headers(key), accept: 'application/json', 'user-agent': USER_AGENT },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.body.text();
    const took = durationText(performance.now() - startedMs);
    const head = `GET ${call.path} ${response.statusCode} in ${took}`;
    const body = parseJson(text);
    const clock = checkSkew(check, response.headers['date']);
    if (response.statusCode !== 200) return [refusedFinding(provider, head, response.statusCode, text), ...clock];
    if (!isJsonObject(body)) {
      const cause = 'What answers there is not the API of a vendor of this kind.';
      return [problem(check, `${head}, without a JSON object`, cause, `check providers.${name}.url`), ...clock];
    }
    return [modelsFinding(provider, head, call.ids(body)), ...clock];
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
    const next = `check the network, proxies and providers.${name}.url`;
    return [problem(check, `${url} does not answer (${reason})`, null, next)];
  }
}

function modelsFinding({ label, modelIds }: ProviderKey, head: string, known: readonly string[]): Finding {
  const missing = modelIds.filter((id) => !known.includes(id));
  const message = `${head}, ${modelIds.length - missing.length} of ${modelIds.length} configured models exist`;
  if (missing.length === 0) return ok(`${label} live`, message);
  const cause = `The vendor does not list ${missing.join(', ')}.`;
  return warning(`${label} live`, message, cause, 'correct `id` of the model, or ask the vendor for access');
}

function refusedFinding(
  { label, key }: ProviderKey & { readonly key: Secret },
  head: string,
  status: number,
  text: string,
): Finding {
  const body = parseJson(text);
  const error = isJsonObject(body) ? objectMember(body, 'error') : null;
  const said = (error === null ? null : stringMember(error, 'message')) ?? text;
  const cause =
    said.trim() === '' ? null : `The vendor said: ${shortened(plainText(key.scrub(said)), MOST_MESSAGE_CHARACTERS)}`;
  const isKey = [400, 401, 403].includes(status);
  const next = isKey ? `make a new key, or check that this one (${key.ending}) may be used` : 'try again later';
  return problem(`${label} live`, head, cause, next);
}

/** Says something only of a clock that differs: by the `Date` of an answer, which counts whole seconds. */
function checkSkew(check: string, date: string | string[] | undefined): readonly Finding[] {
  const theirMs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  const skewMs = Math.abs(Date.now() - theirMs);
  if (Number.isNaN(skewMs) || skewMs <= MOST_SKEW_MS) return [];
  const cause = `The vendor's clock says ${new Date(theirMs).toISOString()}.`;
  return [warning(check, `clocks differ by ${durationText(skewMs)}`, cause, "set this machine's clock")];
}

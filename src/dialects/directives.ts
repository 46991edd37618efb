import type { Directives, SimulatedFault } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { NanoUsd } from '../core/money.ts';
import { decodeWhatIf, WHAT_IF_MEMBERS } from './what-if.ts';

/** The headers a client asks Candor with, lower-case, and the body member each is the twin of. */
const HEADERS: Readonly<Record<string, string | null>> = {
  'x-candor-route': 'route',
  'x-candor-fallback': 'fallback',
  'x-candor-timeout-ms': 'timeout_ms',
  'x-candor-max-cost-usd': 'max_cost_usd',
  'x-candor-tags': 'tags',
  'x-candor-dry-run': 'dry_run',
  'x-candor-sim': null,
  'x-candor-body': null,
};

/** Words of the interface that are not built yet; asking for one is refused, never ignored. */
const NOT_BUILT = new Set(['x-candor-data', 'x-candor-regions', 'x-candor-subject', 'idempotency-key']);

const BODY_MEMBERS = new Set(['route', 'fallback', 'timeout_ms', 'max_cost_usd', 'tags', 'dry_run']);
const MAX_TAGS = 16;
const MAX_NAME_CHARACTERS = 256;
/** W3C Trace Context §3.2: version `ff` is forbidden, and versions after 00 may say more at the end. */
const TRACEPARENT =
  /^(?:00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|(?!00|ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?)$/;
const TAG = /^(?!__proto__$)[\x21-\x7e]{1,64}$/;

/**
 * What the client asked of Candor, from headers (lower-case names) and the body's `candor` member.
 * Where both speak, they must agree.
 * @param explain the request came to be explained, whatever it says itself
 * @throws GatewayError `unsupported_parameter` for a word that is unknown or not built yet, `invalid_request` for a bad value
 */
export function decodeDirectives(
  headers: ReadonlyMap<string, string>,
  body: JsonValue | undefined,
  explain: boolean,
): Directives {
  for (const name of headers.keys()) {
    if (NOT_BUILT.has(name) || (name.startsWith('x-candor-') && !Object.hasOwn(HEADERS, name))) {
      throw new GatewayError('unsupported_parameter', `the header \`${name}\` is not one this gateway has built`, {
        param: name,
      });
    }
  }
  const dryRun = explain || decodeDryRun(headers.get('x-candor-dry-run'), body);
  const twin = decodeTwin(body, dryRun);
  const value = (header: string, member: string): JsonValue | undefined =>
    agree(headers.get(header), twin[member], header);
  const spelling = (header: string, member: string): string => (headers.has(header) ? header : `candor.${member}`);
  return {
    route: word(value('x-candor-route', 'route'), spelling('x-candor-route', 'route')),
    fallback: decodeFallback(value('x-candor-fallback', 'fallback'), spelling('x-candor-fallback', 'fallback')),
    timeoutMs: decodeTimeout(value('x-candor-timeout-ms', 'timeout_ms'), spelling('x-candor-timeout-ms', 'timeout_ms')),
    maxCostNanoUsd: decodeMaxCost(headers.get('x-candor-max-cost-usd'), twin['max_cost_usd']),
    tags: decodeTags(headers.get('x-candor-tags'), twin['tags']),
    simulate: decodeSimulate(headers.get('x-candor-sim')),
    candorBody: decodeBodySwitch(headers.get('x-candor-body')),
    traceparent: decodeTraceparent(headers.get('traceparent')),
    dryRun: dryRun ? decodeWhatIf(twin) : null,
  };
}

/** Read before the other members, since it decides which of them there may be. */
function decodeDryRun(header: string | undefined, body: JsonValue | undefined): boolean {
  const member = isJsonObject(body ?? null) ? (body as JsonObject)['dry_run'] : undefined;
  if (header !== undefined && header !== '1' && header !== '0') {
    throw new GatewayError('invalid_request', '`x-candor-dry-run` must be 1 or 0', { param: 'x-candor-dry-run' });
  }
  if (member !== undefined && member !== null && typeof member !== 'boolean') {
    throw new GatewayError('invalid_type', '`candor.dry_run` must be true or false', { param: 'candor.dry_run' });
  }
  const asked = header === undefined ? undefined : header === '1';
  if (asked !== undefined && typeof member === 'boolean' && asked !== member) {
    throw new GatewayError('invalid_request', '`x-candor-dry-run` and its twin in the body say different things', {
      param: 'x-candor-dry-run',
    });
  }
  return asked ?? member ?? false;
}

function decodeTwin(body: JsonValue | undefined, dryRun: boolean): JsonObject {
  if (body === undefined || body === null) return {};
  if (!isJsonObject(body)) throw new GatewayError('invalid_type', '`candor` must be an object', { param: 'candor' });
  for (const key of Object.keys(body)) {
    if (!BODY_MEMBERS.has(key) && !(dryRun && WHAT_IF_MEMBERS.has(key))) {
      throw new GatewayError('unsupported_parameter', `\`candor.${key}\` is not one this gateway has built`, {
        param: `candor.${key}`,
      });
    }
  }
  return body;
}

function agree(header: string | undefined, member: JsonValue | undefined, name: string): JsonValue | undefined {
  if (
    header !== undefined &&
    member !== undefined &&
    member !== null &&
    (typeof member === 'string' ? member : JSON.stringify(member)) !== header
  ) {
    throw new GatewayError('invalid_request', `\`${name}\` and its twin in the body say different things`, {
      param: name,
    });
  }
  return header ?? member ?? undefined;
}

function word(value: JsonValue | undefined, name: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME_CHARACTERS) {
    throw new GatewayError(
      'invalid_request',
      `\`${name}\` must be a name of at most ${MAX_NAME_CHARACTERS} characters`,
      {
        param: name,
      },
    );
  }
  return value;
}

function decodeFallback(value: JsonValue | undefined, name: string): Directives['fallback'] {
  if (value === undefined || value === null) return null;
  if (value === 'certified' || value === 'degraded' || value === 'off') return value;
  throw new GatewayError('invalid_request', `\`${name}\` must be certified, degraded or off`, { param: name });
}

function decodeTimeout(value: JsonValue | undefined, name: string): number | null {
  if (value === undefined || value === null) return null;
  const milliseconds = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof milliseconds !== 'number' || !Number.isInteger(milliseconds) || milliseconds < 1) {
    throw new GatewayError('invalid_request', `\`${name}\` must be a whole number of milliseconds`, { param: name });
  }
  return milliseconds;
}

/** Dollars with at most six decimals, below a billion. */
const DOLLARS = /^\d{1,9}(?:\.\d{1,6})?$/;
const MICRO_PER_USD = 1_000_000;
const NANO_PER_MICRO = 1000;

/** Compared as amounts: `0.10` and `0.1` are one. */
function decodeMaxCost(header: string | undefined, member: JsonValue | undefined): NanoUsd | null {
  const byHeader = header === undefined ? null : nanoUsd(header, 'x-candor-max-cost-usd');
  if (member === undefined || member === null) return byHeader;
  const written = typeof member === 'number' ? String(member) : '';
  const byMember = nanoUsd(written, 'candor.max_cost_usd');
  if (byHeader === null || byHeader === byMember) return byMember;
  const message = '`x-candor-max-cost-usd` and its twin in the body say different things';
  throw new GatewayError('invalid_request', message, { param: 'x-candor-max-cost-usd' });
}

function nanoUsd(written: string, name: string): NanoUsd {
  const amount = DOLLARS.test(written) ? Math.round(Number(written) * MICRO_PER_USD) * NANO_PER_MICRO : 0;
  if (amount > 0) return amount;
  const message = `\`${name}\` must be an amount of US dollars above 0 with at most six decimals, such as 0.02`;
  throw new GatewayError('invalid_request', message, { param: name });
}

function decodeTags(header: string | undefined, member: JsonValue | undefined): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  const put = (name: string, value: JsonValue | undefined, param: string): void => {
    if (!TAG.test(name) || typeof value !== 'string' || !TAG.test(value) || Object.keys(tags).length >= MAX_TAGS) {
      throw new GatewayError(
        'invalid_request',
        `tags are at most ${MAX_TAGS} pairs name=value of visible ASCII, 64 characters each`,
        { param },
      );
    }
    if (name === 'traceparent') {
      throw new GatewayError('invalid_request', '`traceparent` is a header of its own, not a tag', { param });
    }
    if (Object.hasOwn(tags, name) && tags[name] !== value) {
      throw new GatewayError('invalid_request', `the tag \`${name}\` has two values`, { param });
    }
    tags[name] = value;
  };
  if (member !== undefined && member !== null) {
    if (!isJsonObject(member))
      throw new GatewayError('invalid_type', '`candor.tags` must be an object', { param: 'candor.tags' });
    for (const [name, value] of Object.entries(member)) put(name, value, 'candor.tags');
  }
  for (const pair of header?.split(',') ?? []) {
    const [name, ...rest] = pair.trim().split('=');
    put(name ?? '', rest.join('='), 'x-candor-tags');
  }
  return tags;
}

function decodeTraceparent(header: string | undefined): string | null {
  if (header === undefined || TRACEPARENT.test(header)) return header ?? null;
  throw new GatewayError('invalid_request', '`traceparent` is not a W3C trace context', { param: 'traceparent' });
}

function decodeSimulate(header: string | undefined): readonly SimulatedFault[] {
  if (header === undefined) return [];
  const targets = new Set<string>();
  return header.split(',').map((pair) => {
    const [target, fault, ...rest] = pair.trim().split('=');
    if (!target || !fault || rest.length > 0 || targets.has(target) || !targets.add(target)) {
      throw new GatewayError(
        'invalid_request',
        '`x-candor-sim` takes target=fault pairs, one a target, such as openai=503',
        {
          param: 'x-candor-sim',
        },
      );
    }
    return { target, fault };
  });
}

function decodeBodySwitch(header: string | undefined): boolean {
  if (header === undefined || header === 'on') return true;
  if (header === 'off') return false;
  throw new GatewayError('invalid_request', '`x-candor-body` must be on or off', { param: 'x-candor-body' });
}

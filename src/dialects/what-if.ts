import type { DryRun } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';

/** Members of `candor` that only a request to be explained may have. */
export const WHAT_IF_MEMBERS: ReadonlySet<string> = new Set(['if', 'tokens']);

const MAX_OUTAGES = 32;
const MAX_TOKENS = 1_000_000_000;

/**
 * What a dry run takes as given: `if` (`outage=openai,outage=google`) and `tokens` of the `candor` member.
 * @throws GatewayError `unsupported_parameter` for a what-if that is not built yet, `invalid_request` for a bad value
 */
export function decodeWhatIf(candor: JsonObject): DryRun {
  return { outages: decodeOutages(candor['if']), promptTokens: decodeTokens(candor['tokens']) };
}

function decodeOutages(value: JsonValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  const pairs = typeof value === 'string' ? value.split(',').map((pair) => pair.trim().split('=')) : [];
  const outages = pairs.map(([what, name, ...rest]) => {
    if (what === 'clock') {
      throw new GatewayError('unsupported_parameter', '`clock` needs measured speeds, which are not built yet', {
        param: 'candor.if',
      });
    }
    return what === 'outage' && rest.length === 0 ? (name ?? '') : '';
  });
  if (outages.length > 0 && outages.length <= MAX_OUTAGES && outages.every((name) => name !== '')) return outages;
  throw new GatewayError('invalid_request', '`candor.if` takes outage=<provider or model>, several with commas', {
    param: 'candor.if',
  });
}

function decodeTokens(value: JsonValue | undefined): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS) return value;
  throw new GatewayError('invalid_request', '`candor.tokens` must be a whole number of prompt tokens', {
    param: 'candor.tokens',
  });
}

import type { AssumedPrice, DryRun } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { nearestName } from '../core/nearest-name.ts';
import { nextMomentOf, type TimeOfDay } from '../core/time-of-day.ts';

/** Members of `candor` that only a request to be explained may have. */
export const WHAT_IF_MEMBERS: ReadonlySet<string> = new Set(['if', 'tokens']);

const MAX_ASSUMPTIONS = 32;
const MAX_TOKENS = 1_000_000_000;
const WORDS = ['outage', 'clock', 'price'];
/** USD per million tokens, below a million. */
const USD = /^\d{1,6}(?:\.\d{1,6})?$/;
const PRICE = /^price\.(.+)\.(in|out)$/;

/**
 * What a dry run takes as given: `if` and `tokens` of the `candor` member. `if` is a list with commas of
 * `outage=<name>`, `clock=<HH:MM>@<zone>` and `price.<name>.in=<USD per million tokens>` (or `.out`); a name is that of
 * a provider, a model or a deployment.
 * @throws GatewayError `invalid_request` for a word it does not have, or a bad value
 */
export function decodeWhatIf(candor: JsonObject): DryRun {
  const outages: string[] = [];
  const prices = new Map<string, AssumedPrice>();
  let clock: TimeOfDay | null = null;
  for (const assumption of splitIf(candor['if'])) {
    const [what = '', value = '', ...rest] = assumption.split('=');
    if (rest.length > 0 || value === '') throw badIf(`\`${shown(assumption)}\` is not of the form word=value`);
    if (what === 'outage') outages.push(value);
    else if (what === 'clock') {
      if (clock !== null) throw badIf('it can be one time only, and `clock` is there twice');
      clock = readClock(value);
    } else {
      const price = readPrice(what, value);
      if (prices.has(what)) throw badIf(`\`${shown(what)}\` is there twice`);
      prices.set(what, price);
    }
  }
  return {
    outages,
    prices: [...prices.values()],
    clock,
    promptTokens: decodeTokens(candor['tokens']),
    answerTokens: null,
  };
}

function splitIf(value: JsonValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'string' || value.trim() === '') {
    throw badIf('it takes a text such as outage=openai,clock=14:00@Asia/Shanghai,price.deepseek.in=0.5');
  }
  const assumptions = value.split(',').map((each) => each.trim());
  if (assumptions.length > MAX_ASSUMPTIONS) throw badIf(`it takes ${MAX_ASSUMPTIONS} assumptions at most`);
  return assumptions;
}

function readClock(value: string): TimeOfDay {
  const [at = '', zone = '', ...rest] = value.split('@');
  if (rest.length === 0 && nextMomentOf({ at, zone }, 0) !== null) return { at, zone };
  throw badIf(`\`clock\` takes HH:MM@zone, such as 14:00@Asia/Shanghai, not \`${shown(value)}\``);
}

function readPrice(what: string, value: string): AssumedPrice {
  const [, name = '', side] = PRICE.exec(what) ?? [];
  if (side !== 'in' && side !== 'out') throw unknownWord(what);
  if (USD.test(value)) return { name, side, usdPerMillion: Number(value) };
  throw badIf(
    `\`${shown(what)}\` takes US dollars per million tokens with at most six decimals, not \`${shown(value)}\``,
  );
}

function unknownWord(what: string): GatewayError {
  const word = what.split('.')[0] ?? '';
  if (word === 'price') return badIf(`\`${shown(what)}\` says neither price.<name>.in nor price.<name>.out`);
  const near = nearestName(word, WORDS);
  const hint = near === null ? `there are ${WORDS.join(', ')}` : `did you mean \`${near}\`?`;
  return badIf(`\`${shown(word)}\` is nothing that can be assumed: ${hint}`);
}

function decodeTokens(value: JsonValue | undefined): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS) return value;
  throw new GatewayError('invalid_request', '`candor.tokens` must be a whole number of prompt tokens', {
    param: 'candor.tokens',
  });
}

function badIf(problem: string): GatewayError {
  return new GatewayError('invalid_request', `\`candor.if\`: ${problem}`, { param: 'candor.if' });
}

function shown(text: string): string {
  return text.slice(0, 80);
}

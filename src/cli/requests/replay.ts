import { arrayMember, type JsonObject, objectMember, stringMember } from '../../core/json.ts';
import { findGateway, type GatewayClient, readJson, refusal } from '../client.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { isConfirmed } from '../confirm.ts';
import type { Terminal } from '../terminal.ts';
import { wholeId } from './generation-id.ts';
import { priceText, replayPrice } from './replay-price.ts';
import { replayText } from './replay-view.ts';

export interface ReplayOptions {
  readonly model?: string;
  readonly config?: 'then' | 'now';
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly state?: string;
}

/** What is spent without asking. */
const FREE_HAND_USD = 0.05;

/**
 * `candor replay ID`: the price first, then the request once more, and what came of it beside what came of it before. Exit
 * code 1 where it got no answer, 4 where nobody may answer it now.
 */
export async function runReplay(id: string, options: ReplayOptions, terminal: Terminal): Promise<ExitCode> {
  const { model, config } = options;
  const gateway = findGateway(terminal, options.state);
  try {
    const generation = await wholeId(gateway, id);
    const pinned = model === undefined ? {} : { model };
    const explanation = await ask(gateway, '/v1/candor/explain', { generation, ...pinned });
    const price = replayPrice(planOf(explanation));
    terminal.say(priceText(price));
    const mayCost = price.usualUsd ?? price.mostUsd;
    // What nobody knows may be much.
    const isDear = price.asksOthers || mayCost === null || mayCost > FREE_HAND_USD;
    const advice = 'nothing was asked: add --yes to spend that';
    if (isDear && options.yes !== true && !(await isConfirmed(terminal, advice))) return 0;
    const original = await ask(gateway, `/v1/generations/${generation}`);
    const body = { ...pinned, ...(config === undefined ? {} : { config }) };
    const replayed = await ask(gateway, `/v1/generations/${generation}/replay`, body);
    terminal.out(options.json === true ? `${JSON.stringify(replayed)}\n` : replayText(original, replayed));
    return stringMember(replayed, 'status') === 'complete' ? 0 : 1;
  } finally {
    await gateway.close();
  }
}

async function ask(gateway: GatewayClient, path: string, body?: JsonObject): Promise<JsonObject> {
  const response = await gateway.send(body === undefined ? { method: 'GET', path } : { method: 'POST', path, body });
  const answer = await readJson(response);
  if (response.status === 200) return answer;
  const param = stringMember(objectMember(answer, 'error') ?? {}, 'param');
  // What was asked for is wrong, as an option would be.
  if (param === 'model' || param === 'config') throw new CommandError(2, refusal(response.status, answer).message);
  throw refusal(response.status, answer);
}

/** What the request would get now. @throws CommandError where that is nothing */
function planOf(explanation: JsonObject): JsonObject {
  const now = objectMember(explanation, 'now');
  if (now === null) {
    const note = arrayMember(explanation, 'notes').at(-1);
    throw new CommandError(1, `it cannot be run again: ${typeof note === 'string' ? note : 'nobody knows why'}`);
  }
  if (arrayMember(now, 'plan').length > 0) return now;
  const code = stringMember(objectMember(now, 'then') ?? {}, 'code') ?? 'nobody can be asked';
  throw new CommandError(
    4,
    `nobody may answer it now (${code}): \`candor explain ${stringMember(explanation, 'generation') ?? ''}\` says why`,
  );
}

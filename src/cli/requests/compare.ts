import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import {
  arrayMember,
  isJsonObject,
  type JsonObject,
  numberMember,
  objectMember,
  parseJson,
  stringMember,
} from '../../core/json.ts';
import { findGateway, type GatewayClient, type GatewayResponse, readJson, refusal } from '../client.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { isConfirmed } from '../confirm.ts';
import { costText } from '../format.ts';
import type { Terminal } from '../terminal.ts';
import { plainText } from '../text.ts';
import { comparisonText, estimateText, progressText } from './compare-view.ts';

export interface CompareOptions {
  readonly models?: readonly string[];
  readonly last?: number;
  readonly set?: string;
  readonly concurrency?: number;
  /** USD. */
  readonly maxCost?: number;
  readonly failUnder?: number;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly state?: string;
}

/**
 * `candor compare ROUTE`: the price first, then the comparison. Exit code 1 where a model is worse than its margin or
 * agrees less than it should, and where the comparison did not come to its end.
 */
export async function runCompare(route: string, options: CompareOptions, terminal: Terminal): Promise<ExitCode> {
  const { models, last, set, concurrency, maxCost } = options;
  if (last !== undefined && set !== undefined) throw new CommandError(2, 'use one of --last and --set');
  const body: JsonObject = {
    route,
    ...(models === undefined ? {} : { models: [...models] }),
    ...(last === undefined ? {} : { last }),
    ...(set === undefined ? {} : { set: readSet(terminal, set) }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(maxCost === undefined ? {} : { max_cost_usd: maxCost }),
  };
  const gateway = findGateway(terminal, options.state);
  try {
    const estimate = await askPrice(gateway, body);
    terminal.say(estimateText(estimate));
    requireItems(estimate, route, set);
    requireAffordable(estimate, maxCost);
    if (options.yes !== true && !(await isConfirmed(terminal, 'nothing was asked: add --yes to spend that'))) return 0;
    const until = stringMember(estimate, 'until');
    const confirmed = { ...body, confirm: true, ...(until === null ? {} : { until }) };
    const result = await follow(await sendComparison(gateway, confirmed), terminal);
    if (options.json === true) terminal.out(`${JSON.stringify({ object: 'comparison', ...result })}\n`);
    else terminal.out(comparisonText(result));
    return verdict(result, options.failUnder, terminal);
  } finally {
    await gateway.close();
  }
}

/** The requests of a set, one a line. @throws CommandError for a file or a line that cannot be read */
function readSet(terminal: Terminal, file: string): readonly JsonObject[] {
  let text: string;
  try {
    text = readFileSync(resolve(terminal.cwd, file), 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CommandError(2, `${file} cannot be read (${reason})`);
  }
  const items = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const item = parseJson(line);
    if (isJsonObject(item)) return [item];
    throw new CommandError(2, `${file}:${index + 1} is no JSON object: write one request a line`);
  });
  if (items.length === 0) throw new CommandError(2, `${file} has no requests in it`);
  return items;
}

async function sendComparison(gateway: GatewayClient, body: JsonObject): Promise<GatewayResponse> {
  const response = await gateway.send({ method: 'POST', path: '/admin/compare', body, admin: true });
  if (response.status === 200) return response;
  const answer = await readJson(response);
  // What was asked for is wrong, as an option would be.
  if (response.status === 400 || response.status === 404)
    throw new CommandError(2, refusal(response.status, answer).message);
  throw refusal(response.status, answer);
}

async function askPrice(gateway: GatewayClient, body: JsonObject): Promise<JsonObject> {
  for await (const line of lines(await sendComparison(gateway, body))) return line;
  throw new CommandError(1, 'the gateway did not say what the comparison would cost');
}

function requireItems(estimate: JsonObject, route: string, set: string | undefined): void {
  if (set !== undefined || (numberMember(estimate, 'items') ?? 0) > 0) return;
  throw new CommandError(
    1,
    `there are no recorded requests of the route ${route} whose text is kept: send some, or give a set with --set`,
  );
}

/** What nobody knows may be more than allowed. */
function requireAffordable(estimate: JsonObject, maxCost: number | undefined): void {
  const cost = numberMember(estimate, 'cost');
  if (maxCost === undefined || (cost !== null && cost <= maxCost)) return;
  throw new CommandError(1, `--max-cost allows ${costText(maxCost)}: nothing was asked`);
}

/** Follows a comparison to its last line. @throws CommandError when it breaks off */
async function follow(response: GatewayResponse, terminal: Terminal): Promise<JsonObject> {
  let isBarShown = false;
  const clear = (): void => {
    if (isBarShown) terminal.say('\r\u001b[K');
    isBarShown = false;
  };
  for await (const line of lines(response)) {
    const type = stringMember(line, 'type');
    if (type === 'progress' && terminal.interactive) {
      terminal.say(`\r\u001b[K${progressText(line)}`);
      isBarShown = true;
    }
    if (type === 'result') {
      clear();
      const { type: _type, ...result } = line;
      return result;
    }
    if (type === 'error') {
      clear();
      const error = objectMember(line, 'error') ?? {};
      throw new CommandError(1, `${stringMember(error, 'code') ?? 'error'}: ${stringMember(error, 'message') ?? ''}`);
    }
  }
  clear();
  throw new CommandError(1, 'the gateway ended before the comparison did; the pairs so far are noted');
}

/** The lines of an answer as they come. */
async function* lines({ chunks }: GatewayResponse): AsyncGenerator<JsonObject> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = parseJson(part);
      if (isJsonObject(line)) yield line;
    }
  }
}

function verdict(result: JsonObject, failUnder: number | undefined, terminal: Terminal): ExitCode {
  const problems: string[] = [];
  const stopped = stringMember(result, 'stopped');
  if (stopped !== null) problems.push(`it ended early: ${STOPS[stopped] ?? stopped}`);
  const [, ...others] = arrayMember(result, 'models').filter(isJsonObject);
  for (const report of others) {
    const model = stringMember(report, 'model') ?? '';
    if (numberMember(report, 'pairs') === 0)
      problems.push(`nothing can be said of ${model}: no request was answered twice`);
    const worse = arrayMember(report, 'metrics')
      .filter(isJsonObject)
      .filter((metric) => metric['worse'] === true);
    const called = worse.map((metric) => stringMember(metric, 'name')).join(', ');
    if (worse.length > 0) problems.push(`${model} is worse by more than the margin: ${called}`);
    const agreement = objectMember(report, 'agreement');
    const mean = agreement === null ? null : numberMember(agreement, 'mean');
    if (failUnder !== undefined && (mean === null || mean < failUnder)) {
      problems.push(
        `${model} agrees ${mean === null ? 'as far as nobody can tell' : mean.toFixed(2)}, and ${failUnder} is wanted`,
      );
    }
  }
  for (const problem of problems) terminal.say(`candor: ${plainText(problem)}\n`);
  return problems.length === 0 ? 0 : 1;
}

const STOPS: Readonly<Record<string, string>> = {
  max_cost: 'it would have cost more than --max-cost',
  unknown_cost: 'what an answer cost is not known',
  shutting_down: 'the gateway is shutting down',
};

import { Command, InvalidArgumentError } from 'commander';

import { JSON_OPTION, parseCount, STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { CompareOptions } from './compare.ts';

const MOST_ITEMS = 5000;
const MOST_AT_ONCE = 8;

/** `candor compare`. */
export const compareCommand: DescribeCommand = (terminal, run) =>
  new Command('compare')
    .description(
      'ask the models of a route the same things, and see who may stand in for the first: evidence for certificates',
    )
    .argument('<route>', 'the route whose prompts, parameters and checks count')
    .option('--models <names>', 'these models, comma-separated; the first is the one the others are measured by', names)
    .option('--last <count>', 'the latest recorded requests of the route (default: 50)', parseCount(1, MOST_ITEMS))
    .option('--set <file>', 'a set of requests instead, one JSON object a line: {"messages": […], "expected": …}')
    .option('--concurrency <count>', 'so many at a time (default: 2)', parseCount(1, MOST_AT_ONCE))
    .option('--max-cost <usd>', 'refuse a higher estimate, and stop before it costs more', amount)
    .option('--fail-under <share>', 'end with 1 where a model agrees with the first less than this, such as 0.9', share)
    .option('--yes', 'do not ask before money is spent')
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((route: string, options: CompareOptions) =>
      run(async () => (await import('./compare.ts')).runCompare(route, options, terminal)),
    );

function names(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function amount(text: string): number {
  const usd = /^\$?(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (usd === undefined) throw new InvalidArgumentError('write US dollars, such as 5 or 0.50.');
  return Number(usd);
}

function share(text: string): number {
  const value = /^(?:0(?:\.\d+)?|1(?:\.0+)?)$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0) return value;
  throw new InvalidArgumentError('write a share from 0 to 1.');
}

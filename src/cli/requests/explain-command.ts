import { Command, InvalidArgumentError } from 'commander';

import { JSON_OPTION, STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { ExplainOptions } from './explain.ts';

/** `candor explain`. */
export const explainCommand: DescribeCommand = (terminal, run) =>
  new Command('explain')
    .description(
      'show what the running gateway would do with a request, without sending anything, or why it did what it did',
    )
    .argument('<target>', 'a route, a model, provider/model, auto, or the id of a generation')
    .argument('[text]', "the user's text; - reads standard input")
    .option('--if <what>', 'assume: outage=openai,clock=14:00@Asia/Shanghai,price.deepseek.in=0.5')
    .option('--tokens <count>', 'assume a prompt of this many tokens', parseCount)
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((target: string, text: string | undefined, options: ExplainOptions) =>
      run(async () => (await import('./explain.ts')).runExplain(target, text, options, terminal)),
    );

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('write a whole number of tokens.');
}

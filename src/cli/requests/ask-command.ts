import { Command } from 'commander';

import type { AskOptions } from './ask.ts';
import { STATE_OPTION, type DescribeCommand } from '../command.ts';

/** `candor ask`. */
export const askCommand: DescribeCommand = (terminal, run) =>
  new Command('ask')
    .description('ask the running gateway; the text - reads standard input')
    .argument('<route>', 'a route, a model, or provider/model')
    .argument('<text>')
    .option('--json', 'print the whole answer as JSON')
    .option('--stream', 'with --json: print each event on a line of its own')
    .option(...STATE_OPTION)
    .action((route: string, text: string, options: AskOptions) =>
      run(async () => (await import('./ask.ts')).runAsk(route, text, options, terminal)),
    );

import { Command, Option } from 'commander';

import { parseCount, STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { TailOptions } from './tail.ts';

const MOST_SHOWN = 10_000;

/** `candor tail`. */
export const tailCommand: DescribeCommand = (terminal, run) =>
  new Command('tail')
    .description('show requests as they end')
    .option('--route <name>', 'of this route only')
    .option('--model <name>', 'answered by this model, or asked of it last')
    .option('--deployment <name>', 'answered by this provider/model, or asked of it last')
    .addOption(new Option('--status <word>').choices(['complete', 'failed', 'cancelled', 'interrupted']))
    .option('--key <name>', 'asked with this key')
    .option('--fallback', 'answered by another model than the first')
    .option('--asides', 'what Candor itself asked too: replays, comparisons, shadows, judges')
    .option('--limit <n>', 'how many of the past come first', parseCount(0, MOST_SHOWN), 10)
    .option('--no-follow', 'only those of the past')
    .option('--json', 'print each record as a line of JSON')
    .option(...STATE_OPTION)
    .action((options: TailOptions) => run(async () => (await import('./tail.ts')).runTail(options, terminal)));

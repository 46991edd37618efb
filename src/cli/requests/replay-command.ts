import { Command, Option } from 'commander';

import { JSON_OPTION, STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { ReplayOptions } from './replay.ts';

/** `candor replay`. */
export const replayCommand: DescribeCommand = (terminal, run) =>
  new Command('replay')
    .description('run a recorded request again, after saying what it would cost')
    .argument('<id>', 'gen_…, or the beginning of one')
    .option('--model <name>', 'only this model of its route may answer')
    .addOption(new Option('--config <which>', 'then: refused unless it is still in force').choices(['then', 'now']))
    .option('--yes', 'spend what it costs without asking')
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((id: string, options: ReplayOptions) =>
      run(async () => (await import('./replay.ts')).runReplay(id, options, terminal)),
    );

import { Command } from 'commander';

import { JSON_OPTION, type DescribeCommand } from '../command.ts';
import type { InitOptions } from './init.ts';

/** `candor init`. */
export const initCommand: DescribeCommand = (terminal, run) =>
  new Command('init')
    .description('write a candor.yaml that uses the keys found in the environment')
    .option('--force', 'overwrite the one that is there')
    .option(...JSON_OPTION)
    .action((options: InitOptions) => run(async () => (await import('./init.ts')).runInit(options, terminal)));

import { Command } from 'commander';

import { CONFIG_OPTION, parsePort, type DescribeCommand } from '../command.ts';
import type { DevOptions } from './dev.ts';

/** `candor dev`, and `candor` alone. */
export const devCommand: DescribeCommand = (terminal, run) =>
  new Command('dev')
    .description('run a gateway on this machine; without a config, with simulated models')
    .option(...CONFIG_OPTION)
    .option('--port <port>', 'port to listen on', parsePort)
    .option('--state <folder>', 'folder of the state (default: ./.candor)')
    .option('--json', 'tell the start as one line of JSON')
    .option('--ephemeral', 'keep the state in a temporary folder that is removed at exit')
    .action((options: DevOptions) => run(async () => (await import('./dev.ts')).runDev(options, terminal)));

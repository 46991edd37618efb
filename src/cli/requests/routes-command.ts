import { Command } from 'commander';

import { CONFIG_OPTION, JSON_OPTION, STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { ModelListOptions } from './model-list.ts';

/** `candor routes`. */
export const routesCommand: DescribeCommand = (terminal, run) =>
  new Command('routes')
    .description('list the routes, whom they ask and on which terms')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((options: ModelListOptions) =>
      run(async () => (await import('./model-list.ts')).runRoutes(options, terminal)),
    );

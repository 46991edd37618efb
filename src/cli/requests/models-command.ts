import { Command } from 'commander';

import { CONFIG_OPTION, JSON_OPTION, STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { ModelListOptions } from './model-list.ts';

/** `candor models`. */
export const modelsCommand: DescribeCommand = (terminal, run) =>
  new Command('models')
    .description('list the models, where they run and what they cost')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((options: ModelListOptions) =>
      run(async () => (await import('./model-list.ts')).runModels(options, terminal)),
    );

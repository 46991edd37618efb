import { Command } from 'commander';

import { CONFIG_OPTION, JSON_OPTION, type DescribeCommand } from './command.ts';
import type { ValidateOptions } from './validate.ts';

/** `candor validate`. */
export const validateCommand: DescribeCommand = (terminal, run) =>
  new Command('validate')
    .description('check a config as `candor serve` would load it')
    .argument('[file]')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((file: string | undefined, options: ValidateOptions) =>
      run(async () => (await import('./validate.ts')).runValidate(file, options, terminal)),
    );

import { Command, Option } from 'commander';

import { CONFIG_OPTION, JSON_OPTION, type DescribeCommand } from '../command.ts';
import { VALIDATION_FORMS, type ValidateOptions } from './validate-options.ts';

/** `candor validate`. */
export const validateCommand: DescribeCommand = (terminal, run) =>
  new Command('validate')
    .description('check a config as `candor serve` would load it')
    .argument('[file]')
    .option(...CONFIG_OPTION)
    .addOption(
      new Option('--format <form>', 'text, JSON, SARIF 2.1.0, or annotations of GitHub Actions').choices([
        ...VALIDATION_FORMS,
      ]),
    )
    .option(...JSON_OPTION)
    .action((file: string | undefined, options: ValidateOptions) =>
      run(async () => (await import('./validate.ts')).runValidate(file, options, terminal)),
    );

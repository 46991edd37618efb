import { Command } from 'commander';

import { CONFIG_OPTION, type DescribeCommand } from '../command.ts';
import type { FmtOptions } from './fmt.ts';

/** `candor fmt`. */
export const fmtCommand: DescribeCommand = (terminal, run) =>
  new Command('fmt')
    .description('write a config in its canonical form; what it says and its comments stay')
    .argument('[file]')
    .option(...CONFIG_OPTION)
    .option('--check', 'write nothing; end with 1 and name the file when it has another form')
    .option('--stdout', 'write to standard output, not to the file')
    .action((file: string | undefined, options: FmtOptions) =>
      run(async () => (await import('./fmt.ts')).runFmt(file, options, terminal)),
    );

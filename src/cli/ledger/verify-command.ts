import { Command } from 'commander';

import { JSON_OPTION, STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { VerifyCommandOptions } from './verify.ts';

/** `candor verify`. */
export const verifyCommand: DescribeCommand = (terminal, run) =>
  new Command('verify')
    .description('check that the records are as they were written; needs no running gateway')
    .option('--public-key <file>', 'believe these keys alone, not those beside the ledger')
    .option('--checkpoints <file>', 'compare with checkpoints kept elsewhere (candor export --checkpoints)')
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((options: VerifyCommandOptions) =>
      run(async () => (await import('./verify.ts')).runVerify(options, terminal)),
    );

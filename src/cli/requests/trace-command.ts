import { Command } from 'commander';

import { STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { TraceOptions } from './trace.ts';

/** `candor trace`. */
export const traceCommand: DescribeCommand = (terminal, run) =>
  new Command('trace')
    .description('show the record of an answer')
    .argument('<id>', 'gen_…, or the beginning of one')
    .option('--sent', 'print the exact text sent to each model')
    .option('--asked', "print the client's exact text")
    .option('--json', 'print the whole record as JSON')
    .option(...STATE_OPTION)
    .action((id: string, options: TraceOptions) =>
      run(async () => (await import('./trace.ts')).runTrace(id, options, terminal)),
    );

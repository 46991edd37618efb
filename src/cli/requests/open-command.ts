import { Command } from 'commander';

import { STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { OpenOptions } from './open.ts';

/** `candor open`. */
export const openCommand: DescribeCommand = (terminal, run) =>
  new Command('open')
    .description("open the gateway's page in the browser, or that of one answer")
    .argument('[id]', 'gen_…, or the beginning of one')
    .option(...STATE_OPTION)
    .action((id: string | undefined, options: OpenOptions) =>
      run(async () => (await import('./open.ts')).runOpen(id, options, terminal)),
    );

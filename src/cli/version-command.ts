import { Command } from 'commander';

import { JSON_OPTION, type DescribeCommand } from './command.ts';
import { versionText } from './version.ts';

/** `candor version`. */
export const versionCommand: DescribeCommand = (terminal, run) =>
  new Command('version')
    .description('print the version')
    .option(...JSON_OPTION)
    .action((options: { readonly json?: boolean }) =>
      run(() => {
        terminal.out(versionText(options.json === true));
        return 0;
      }),
    );

import { Command } from 'commander';

import { JSON_OPTION, STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { ReloadOptions } from './reload.ts';

/** `candor reload`. */
export const reloadCommand: DescribeCommand = (terminal, run) =>
  new Command('reload')
    .description('have the running gateway read its config anew; one with errors changes nothing')
    .option('--dry-run', 'only tell what would change')
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((options: ReloadOptions) => run(async () => (await import('./reload.ts')).runReload(options, terminal)));

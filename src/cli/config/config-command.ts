import { Command } from 'commander';

import { CONFIG_OPTION, JSON_OPTION, parsePort, STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { ConfigDiffOptions } from './config-diff.ts';
import type { ConfigListOptions } from './config-list.ts';
import type { RollbackOptions } from './config-rollback.ts';
import type { ConfigSchemaOptions } from './config-schema.ts';
import type { ConfigShowOptions } from './config-show.ts';

const listCommand: DescribeCommand = (terminal, run) =>
  new Command('list')
    .description('the configurations that have been in force here, the last first')
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((options: ConfigListOptions) =>
      run(async () => (await import('./config-list.ts')).runConfigList(options, terminal)),
    );

const diffCommand: DescribeCommand = (terminal, run) =>
  new Command('diff')
    .description('what one configuration decides differently from another')
    .argument('<A..B>', 'hashes, or their beginnings, as `candor config list` shows them; `now` is the one in force')
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((range: string, options: ConfigDiffOptions) =>
      run(async () => (await import('./config-diff.ts')).runConfigDiff(range, options, terminal)),
    );

const rollbackCommand: DescribeCommand = (terminal, run) =>
  new Command('rollback')
    .description('write the files of an earlier configuration back, and reload')
    .argument('[hash]', 'its hash, or the beginning of it (default: the one before the one in force)')
    .option(...CONFIG_OPTION)
    .option(...STATE_OPTION)
    .action((hash: string | undefined, options: RollbackOptions) =>
      run(async () => (await import('./config-rollback.ts')).runRollback(hash, options, terminal)),
    );

const showCommand: DescribeCommand = (terminal, run) =>
  new Command('show')
    .description('the config file, or every value in force and where it comes from; no secrets')
    .argument('[file]')
    .option('--effective', 'every value in force, defaults included, each with its origin')
    .option('--dev', 'as `candor dev` would run it (default: as `candor serve`)')
    .option('--port <port>', 'as with this option', parsePort)
    .option('--state <folder>', 'as with this option')
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action((file: string | undefined, options: ConfigShowOptions) =>
      run(async () => (await import('./config-show.ts')).runConfigShow(file, options, terminal)),
    );

const schemaCommand: DescribeCommand = (terminal, run) =>
  new Command('schema')
    .description("the JSON Schema of the config, for editors; with the names of this folder's config")
    .option('--static', 'without the names')
    .option(...CONFIG_OPTION)
    .action((options: ConfigSchemaOptions) =>
      run(async () => (await import('./config-schema.ts')).runConfigSchema(options, terminal)),
    );

const SUBCOMMANDS: readonly DescribeCommand[] = [showCommand, schemaCommand, listCommand, diffCommand, rollbackCommand];

/** `candor config` and what it can do. */
export const configCommand: DescribeCommand = (terminal, run) => {
  const config = new Command('config').description('look at configurations, and go back to an earlier one');
  for (const describe of SUBCOMMANDS) config.addCommand(describe(terminal, run));
  return config;
};

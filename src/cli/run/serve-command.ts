import { Command, InvalidArgumentError } from 'commander';

import { CONFIG_OPTION, parsePort, type DescribeCommand } from '../command.ts';
import type { ServeOptions } from './serve.ts';

/** `candor serve`. */
export const serveCommand: DescribeCommand = (terminal, run) =>
  new Command('serve')
    .description('run a gateway for production; needs a config')
    .option(...CONFIG_OPTION)
    .option('--port <port>', 'port to listen on', parsePort)
    .option('--state <folder>', 'folder of the state (default: ./.candor)')
    .option('--json', 'tell the start as one line of JSON')
    .option('--workers <count>', 'how many processes serve the port', parseWorkers)
    .option('--allow-sim', 'let the config have simulated providers')
    .action((options: ServeOptions) => run(async () => (await import('./serve.ts')).runServe(options, terminal)));

function parseWorkers(text: string): number {
  const workers = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (workers >= 1 && workers <= 256) return workers;
  throw new InvalidArgumentError('write a number from 1 to 256.');
}

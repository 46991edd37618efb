import { type Command, InvalidArgumentError } from 'commander';

import type { ExitCode } from './command-error.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command's action and takes its exit code. */
export type Run = (action: () => ExitCode | Promise<ExitCode>) => Promise<void>;

/** Describes one command: its words, options and help. Its action is imported only when it runs, so that every other command starts at once. */
export type DescribeCommand = (terminal: Terminal, run: Run) => Command;

/** The option by which a command finds the gateway it is about. */
export const STATE_OPTION = ['--state <folder>', 'state folder of the gateway (default: ./.candor)'] as const;
export const CONFIG_OPTION = ['--config <file>', 'config file (default: ./candor.yaml)'] as const;
export const JSON_OPTION = ['--json', 'print JSON'] as const;

/** A port from the command line. @throws InvalidArgumentError */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('write a number from 0 to 65535.');
}

/** Reads a whole number of that range from the command line. The function it gives throws InvalidArgumentError. */
export function parseCount(least: number, most: number): (text: string) => number {
  return (text) => {
    const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (count >= least && count <= most) return count;
    throw new InvalidArgumentError(`write a whole number from ${least} to ${most}.`);
  };
}

import { Command, InvalidArgumentError } from 'commander';

import { LONGEST_PERIOD_MS, parseDuration } from '../../config/duration.ts';
import { ISO_TIME_FORM, parseIsoTime } from '../../core/iso-time.ts';
import { STATE_OPTION, type DescribeCommand } from '../command.ts';
import type { ExportCommandOptions } from './export.ts';

/** `candor export`. */
export const exportCommand: DescribeCommand = (terminal, run) =>
  new Command('export')
    .description('print the records as JSON Lines; needs no running gateway')
    .option('--since <time>', 'only what began then or later: 1d, or an ISO time', parseTime)
    .option('--until <time>', 'only what began before that', parseTime)
    .option('--bodies', 'with prompts and answers')
    .option('--events', 'print the outcomes, certificates and pairs instead')
    .option('--checkpoints', 'print the signed checkpoints and the public keys instead, to keep them elsewhere')
    .option(...STATE_OPTION)
    .action((options: ExportCommandOptions) =>
      run(async () => (await import('./export.ts')).runExport(options, terminal)),
    );

/** A time, or how long ago it is, in milliseconds since the Unix epoch. */
function parseTime(text: string): number {
  const periodMs = parseDuration(text, LONGEST_PERIOD_MS);
  const timeMs = periodMs === null ? parseIsoTime(text) : Date.now() - periodMs;
  if (timeMs === null) throw new InvalidArgumentError(`write how long ago, such as 1d, or ${ISO_TIME_FORM}.`);
  return timeMs;
}

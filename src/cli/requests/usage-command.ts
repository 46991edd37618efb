import { Command, InvalidArgumentError, Option } from 'commander';

import { DURATION_FORM, LONGEST_PERIOD_MS, parseDuration } from '../../config/duration.ts';
import { JSON_OPTION, STATE_OPTION, type DescribeCommand } from '../command.ts';
import { USAGE_GROUPINGS } from './usage-groups.ts';
import type { UsageOptions } from './usage.ts';

const DAY_MS = 86_400_000;

/** `candor usage`. */
export const usageCommand: DescribeCommand = (terminal, run) =>
  new Command('usage')
    .description('add up requests, tokens and cost')
    .addOption(new Option('--since <duration>', 'how far back').argParser(parsePeriod).default(DAY_MS, '1d'))
    .addOption(new Option('--by <word>', 'what to group by').choices(USAGE_GROUPINGS).default('route'))
    .option(...JSON_OPTION)
    .option(...STATE_OPTION)
    .action((options: UsageOptions) => run(async () => (await import('./usage.ts')).runUsage(options, terminal)));

function parsePeriod(text: string): number {
  const periodMs = parseDuration(text, LONGEST_PERIOD_MS);
  if (periodMs === null) throw new InvalidArgumentError(`write ${DURATION_FORM}.`);
  return periodMs;
}

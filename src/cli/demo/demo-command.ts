import { Command } from 'commander';

import { JSON_OPTION, parseCount, type DescribeCommand } from '../command.ts';
import type { DemoOptions } from './demo.ts';

const LARGEST_SEED = 999_999_999;

const NOTES = `
The plain proxy is Candor's own engine with the safeguards off: the first model that
answers wins, any other may stand in for it, nothing is checked, measured or rewritten,
and answers come in the plain shape of the vendors. Models are simulated, nothing is
spent, and no gateway that runs is asked. Time is virtual: waiting takes none.
Ends with 0 when each failure showed at the plain proxy and not at Candor, else with 1.
`;

/** `candor demo`. */
export const demoCommand: DescribeCommand = (terminal, run) =>
  new Command('demo')
    .description('five failures, before a plain failover proxy and before Candor, with simulated models')
    .option(
      '--seed <number>',
      'other prompts, faults and draws; the same number gives the same figures',
      parseCount(0, LARGEST_SEED),
      1,
    )
    .option(...JSON_OPTION)
    .addHelpText('after', NOTES)
    .action((options: DemoOptions) => run(async () => (await import('./demo.ts')).runDemo(options, terminal)));

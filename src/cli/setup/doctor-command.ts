import { Command } from 'commander';

import { CONFIG_OPTION, JSON_OPTION, type DescribeCommand } from '../command.ts';
import type { DoctorOptions } from './doctor.ts';

/** `candor doctor`. */
export const doctorCommand: DescribeCommand = (terminal, run) =>
  new Command('doctor')
    .description('check this machine, the config, the keys and the state, and say what to do')
    .option(...CONFIG_OPTION)
    .option('--state <folder>', 'state folder of the gateway (default: as configured, else ./.candor)')
    .option('--live', 'ask the providers too, with your keys; says what it will ask first')
    .option('--bundle', 'print a report without secrets, to paste into a question')
    .option(...JSON_OPTION)
    .action((options: DoctorOptions) => run(async () => (await import('./doctor.ts')).runDoctor(options, terminal)));

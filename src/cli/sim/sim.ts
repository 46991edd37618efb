import { Command, InvalidArgumentError } from 'commander';

import type { JsonObject } from '../../core/json.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { Run } from '../command.ts';
import { CommandError } from '../command-error.ts';
import type { Clock, SimOptions } from './sim-actions.ts';
import { FAULT_VERBS, parseDurationMs, type FaultOptions, type FaultVerb } from './sim-verbs.ts';
import type { Terminal } from '../terminal.ts';

/** `candor sim` and its verbs: lists, adds and resets the simulator's faults in the running gateway. */
export function simCommand(terminal: Terminal, run: Run): Command {
  const sim = new Command('sim')
    .description('list the simulated faults in force, or add one: P is a provider or a model')
    .argument('[verb...]')
    .option('--json', 'print JSON')
    .option('--state <folder>', 'state folder of the gateway (default: ./.candor)');
  const options = (): SimOptions => sim.opts<SimOptions>();
  sim.action(([verb]: readonly string[]) =>
    run(async () => {
      if (verb !== undefined) throw unknownVerb(sim, verb);
      return (await import('./sim-actions.ts')).listFaults(options(), terminal);
    }),
  );
  const addFault = (fault: JsonObject): Promise<void> =>
    run(async () => (await import('./sim-actions.ts')).addFault(fault, options(), terminal));
  for (const verb of FAULT_VERBS) addFaultVerb(sim, verb, addFault);
  sim
    .command('clock')
    .description("set the simulator's wall clock")
    .argument('<time@zone>', 'such as 14:00@Asia/Shanghai', parseClock)
    .action((clock: Clock) => run(async () => (await import('./sim-actions.ts')).setClock(clock, options(), terminal)));
  sim
    .command('reset')
    .description('end every fault')
    .action(() => run(async () => (await import('./sim-actions.ts')).resetFaults(options(), terminal)));
  return sim;
}

function addFaultVerb(sim: Command, verb: FaultVerb, addFault: (fault: JsonObject) => Promise<void>): void {
  const { argument, option } = verb;
  const command = sim
    .command(verb.name)
    .description(verb.description)
    .argument('<P>')
    .option('--for <duration>', 'how long; without it, until reset', parseDurationMs);
  if (argument !== undefined) command.argument(argument.form, argument.description, argument.parse);
  if (option?.required === true) command.requiredOption(option.form, option.description, option.parse);
  else if (option !== undefined) command.option(option.form, option.description, option.parse);
  // Commander hands over the arguments one by one; the options are read from the command.
  command.action((target: string, ...rest: readonly unknown[]) => {
    const value = argument === undefined ? undefined : (rest[0] as number | string);
    const options = command.opts<FaultOptions>();
    const duration = options.for === undefined ? {} : { for_ms: options.for };
    return addFault({ target, ...verb.fault(options, value), ...duration });
  });
}

function unknownVerb(sim: Command, verb: string): CommandError {
  const verbs = sim.commands.map((command) => command.name());
  const nearest = nearestName(verb, verbs);
  const hint = nearest === null ? `verbs are ${verbs.join(', ')}` : `did you mean "${nearest}"?`;
  return new CommandError(2, `there is no \`sim ${verb}\`; ${hint}`);
}

function parseClock(text: string): Clock {
  const match = /^((?:[01]\d|2[0-3]):[0-5]\d)@(.+)$/.exec(text);
  const at = match?.[1];
  const zone = match?.[2];
  if (at === undefined || zone === undefined) throw new InvalidArgumentError('write it as 14:00@Asia/Shanghai.');
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone }).format();
  } catch {
    throw new InvalidArgumentError(`there is no time zone ${zone}.`);
  }
  return { at, zone };
}

import { Command, CommanderError, InvalidArgumentError } from 'commander';

import { nearestName } from '../core/nearest-name.ts';
import type { AskOptions } from './ask.ts';
import { CommandError, type ExitCode } from './command-error.ts';
import type { DevOptions } from './dev.ts';
import type { ServeOptions } from './serve.ts';
import { simCommand, type Run } from './sim.ts';
import type { Terminal } from './terminal.ts';
import type { TraceOptions } from './trace.ts';
import type { ValidateOptions } from './validate.ts';
import { VERSION } from '../core/version.ts';
import { versionText } from './version.ts';

/** Commands that will come; asked for today, they say so. */
const NOT_BUILT: readonly string[] =
  'init fmt explain tail replay compare bench demo doctor models routes policy usage keys config reload verify erase export import open completion'.split(
    ' ',
  );

const EXAMPLES = `
Examples:
  candor                                  start with simulated models, no key needed
  candor ask extract "Invoice 118, 240 EUR"
  candor sim outage openai                break it, and ask again
`;

/** Runs one command line and gives its exit code. Never throws: what goes wrong is told on standard error. */
export async function runCli(commandLine: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const run: Run = async (action) => {
    exitCode = await action();
  };
  try {
    refuseUnknownCommand(commandLine);
    const program = buildProgram(terminal, run);
    await program.parseAsync(commandLine, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, terminal);
  }
}

function report(error: unknown, terminal: Terminal): ExitCode {
  // Help and version end the parse by an error of their own; commander has printed everything by then.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  terminal.say(`candor: ${message}\n`);
  return error instanceof CommandError ? error.exitCode : 1;
}

const COMMANDS: readonly string[] = ['dev', 'serve', 'validate', 'ask', 'trace', 'sim', 'version', 'help'];

/** Without this a mistyped command would count as an argument of the default one. */
function refuseUnknownCommand(commandLine: readonly string[]): void {
  const [word] = commandLine;
  if (word === undefined || word.startsWith('-') || COMMANDS.includes(word)) return;
  if (NOT_BUILT.includes(word)) throw new CommandError(2, `\`candor ${word}\` is not built yet`);
  const nearest = nearestName(word, COMMANDS);
  throw new CommandError(2, `there is no command "${word}"${nearest === null ? '' : `; did you mean "${nearest}"?`}`);
}

function buildProgram(terminal: Terminal, run: Run): Command {
  const program = new Command('candor')
    .description('One endpoint for GPT, Claude, Gemini and DeepSeek that does not pretend they are the same.')
    .version(VERSION)
    .addHelpText('after', EXAMPLES);
  addGatewayCommands(program, terminal, run);
  addClientCommands(program, terminal, run);
  program.addCommand(simCommand(terminal, run));
  program
    .command('version')
    .description('print the version')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      run(() => {
        terminal.out(versionText(options.json === true));
        return 0;
      }),
    );
  adopt(program, terminal);
  return program;
}

/** Commands that load the gateway import it when they run, so that the others start at once. */
function addGatewayCommands(program: Command, terminal: Terminal, run: Run): void {
  const withConfig = (command: Command): Command =>
    command.option('--config <file>', 'config file (default: ./candor.yaml)');
  const withAddress = (command: Command): Command =>
    withConfig(command)
      .option('--port <port>', 'port to listen on', parsePort)
      .option('--state <folder>', 'folder of the state (default: ./.candor)')
      .option('--json', 'tell the start as one line of JSON');
  withAddress(program.command('dev', { isDefault: true }))
    .description('run a gateway on this machine; without a config, with simulated models')
    .option('--ephemeral', 'keep the state in a temporary folder that is removed at exit')
    .action((options: DevOptions) => run(async () => (await import('./dev.ts')).runDev(options, terminal)));
  withAddress(program.command('serve'))
    .description('run a gateway for production; needs a config')
    .option('--allow-sim', 'let the config have simulated providers')
    .action((options: ServeOptions) => run(async () => (await import('./serve.ts')).runServe(options, terminal)));
  withConfig(program.command('validate'))
    .description('check a config as `candor serve` would load it')
    .argument('[file]')
    .option('--json', 'print JSON')
    .action((file: string | undefined, options: ValidateOptions) =>
      run(async () => (await import('./validate.ts')).runValidate(file, options, terminal)),
    );
}

function addClientCommands(program: Command, terminal: Terminal, run: Run): void {
  const state = ['--state <folder>', 'state folder of the gateway (default: ./.candor)'] as const;
  program
    .command('ask')
    .description('ask the running gateway; the text - reads standard input')
    .argument('<route>', 'a route, a model, or provider/model')
    .argument('<text>')
    .option('--json', 'print the whole answer as JSON')
    .option('--stream', 'with --json: print each event on a line of its own')
    .option(...state)
    .action((route: string, text: string, options: AskOptions) =>
      run(async () => (await import('./ask.ts')).runAsk(route, text, options, terminal)),
    );
  program
    .command('trace')
    .description('show the record of an answer')
    .argument('<id>', 'gen_…')
    .option('--sent', 'print the exact text sent to each model')
    .option('--asked', "print the client's exact text")
    .option('--json', 'print the whole record as JSON')
    .option(...state)
    .action((id: string, options: TraceOptions) =>
      run(async () => (await import('./trace.ts')).runTrace(id, options, terminal)),
    );
}

/** Has the whole tree of commands write to the terminal given, and throw instead of ending the process. */
function adopt(command: Command, terminal: Terminal): void {
  command.exitOverride();
  command.configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.say(text) });
  for (const child of command.commands) adopt(child, terminal);
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('write a number from 0 to 65535.');
}

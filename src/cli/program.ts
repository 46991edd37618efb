import { Command, CommanderError } from 'commander';

import { nearestName } from '../core/nearest-name.ts';
import { VERSION } from '../core/version.ts';
import { askCommand } from './requests/ask-command.ts';
import type { DescribeCommand, Run } from './command.ts';
import { CommandError, type ExitCode } from './command-error.ts';
import { compareCommand } from './requests/compare-command.ts';
import { completionCommand } from './setup/completion-command.ts';
import { configCommand } from './config/config-command.ts';
import { demoCommand } from './demo/demo-command.ts';
import { devCommand } from './run/dev-command.ts';
import { doctorCommand } from './setup/doctor-command.ts';
import { explainCommand } from './requests/explain-command.ts';
import { exportCommand } from './ledger/export-command.ts';
import { fmtCommand } from './config/fmt-command.ts';
import { initCommand } from './setup/init-command.ts';
import { modelsCommand } from './requests/models-command.ts';
import { openCommand } from './requests/open-command.ts';
import { reloadCommand } from './config/reload-command.ts';
import { replayCommand } from './requests/replay-command.ts';
import { routesCommand } from './requests/routes-command.ts';
import { serveCommand } from './run/serve-command.ts';
import { simCommand } from './sim/sim.ts';
import { tailCommand } from './requests/tail-command.ts';
import type { Terminal } from './terminal.ts';
import { plainText } from './text.ts';
import { traceCommand } from './requests/trace-command.ts';
import { usageCommand } from './requests/usage-command.ts';
import { validateCommand } from './config/validate-command.ts';
import { verifyCommand } from './ledger/verify-command.ts';
import { versionCommand } from './version-command.ts';

/** Every command, in the order of the help. The first is what `candor` alone runs. */
const COMMANDS: readonly DescribeCommand[] = [
  devCommand,
  serveCommand,
  initCommand,
  validateCommand,
  fmtCommand,
  reloadCommand,
  configCommand,
  askCommand,
  explainCommand,
  tailCommand,
  traceCommand,
  replayCommand,
  openCommand,
  modelsCommand,
  routesCommand,
  usageCommand,
  compareCommand,
  verifyCommand,
  exportCommand,
  simCommand,
  demoCommand,
  doctorCommand,
  completionCommand,
  versionCommand,
];

/** Commands that will come; asked for today, they say so. */
const NOT_BUILT: readonly string[] = 'bench policy keys erase import'.split(' ');

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
    const program = describeProgram(terminal, run);
    refuseUnknownCommand(commandLine, program);
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
  // What a vendor or a client has said may be part of it.
  terminal.say(`candor: ${message.split('\n').map(plainText).join('\n')}\n`);
  return error instanceof CommandError ? error.exitCode : 1;
}

/** Without this a mistyped command would count as an argument of the default one. */
function refuseUnknownCommand(commandLine: readonly string[], program: Command): void {
  const [word] = commandLine;
  const known = [...program.commands.map((command) => command.name()), 'help'];
  if (word === undefined || word.startsWith('-') || known.includes(word)) return;
  if (NOT_BUILT.includes(word)) throw new CommandError(2, `\`candor ${word}\` is not built yet`);
  const nearest = nearestName(word, known);
  throw new CommandError(2, `there is no command "${word}"${nearest === null ? '' : `; did you mean "${nearest}"?`}`);
}

function describeProgram(terminal: Terminal, run: Run): Command {
  const program = new Command('candor')
    .description('One endpoint for GPT, Claude, Gemini and DeepSeek that does not pretend they are the same.')
    .version(VERSION)
    .addHelpText('after', EXAMPLES);
  for (const [index, describe] of COMMANDS.entries()) {
    program.addCommand(describe(terminal, run), { isDefault: index === 0 });
  }
  adopt(program, terminal);
  return program;
}

/** Has the whole tree of commands write to the terminal given, and throw instead of ending the process. */
function adopt(command: Command, terminal: Terminal): void {
  command.exitOverride();
  command.configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.say(text) });
  for (const child of command.commands) adopt(child, terminal);
}

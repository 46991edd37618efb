import { runCli } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

/** What a command line has come to. */
export interface CliOutcome {
  readonly exitCode: number;
  readonly out: string;
  readonly said: string;
}

/** Runs one command line in this process, at a terminal that only notes what it is told. */
export async function runCandor(
  commandLine: readonly string[],
  terminal: Partial<Terminal> & Pick<Terminal, 'cwd'>,
): Promise<CliOutcome> {
  let out = '';
  let said = '';
  const exitCode = await runCli(commandLine, {
    out: (text) => {
      out += text;
    },
    say: (text) => {
      said += text;
    },
    interactive: false,
    environment: {},
    readInput: () => Promise.resolve(''),
    ...terminal,
  });
  return { exitCode, out, said };
}

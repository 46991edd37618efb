import { Argument, Command } from 'commander';

import type { DescribeCommand } from '../command.ts';
import { commandTree } from './command-tree.ts';
import { COMPLETION_SHELLS, completionScript, type CompletionShell } from './completion.ts';

/** `candor completion`. */
export const completionCommand: DescribeCommand = (terminal, run) =>
  new Command('completion')
    .description('print a script by which a shell completes the commands')
    .addArgument(new Argument('<shell>').choices(COMPLETION_SHELLS))
    .action((shell: CompletionShell, _options: object, command: Command) =>
      run(() => {
        terminal.out(completionScript(shell, commandTree(command.parent ?? command)));
        return 0;
      }),
    );

import type { Command } from 'commander';

/** An option as a shell has to know it. */
export interface OptionWord {
  readonly flag: string;
  readonly description: string;
  /** What follows it: nothing, one of these words, a file, a folder, or anything else. */
  readonly value: 'none' | 'file' | 'folder' | 'any' | readonly string[];
}

/** A command with what may follow it. */
export interface CommandWords {
  /** The words that lead to it, without `candor`; none for `candor` itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly OptionWord[];
  readonly commands: readonly string[];
  /** Words that may stand as its first argument. */
  readonly choices: readonly string[];
}

/** Every command of the program, itself first; read from the very descriptions that parse the command line. */
export function commandTree(command: Command, path: readonly string[] = []): readonly CommandWords[] {
  const help = command.createHelp();
  const visible = help.visibleCommands(command);
  const words: CommandWords = {
    path,
    description: command.description(),
    options: help.visibleOptions(command).flatMap((option) => {
      const value = option.argChoices ?? valueOf(option.flags);
      const flags = [option.long, option.short].filter((flag) => typeof flag === 'string');
      return flags.map((flag) => ({ flag, description: option.description, value }));
    }),
    commands: visible.map((child) => child.name()),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
  const children = visible.filter((child) => child.name() !== 'help');
  return [words, ...children.flatMap((child) => commandTree(child, [...path, child.name()]))];
}

function valueOf(flags: string): 'none' | 'file' | 'folder' | 'any' {
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1];
  if (placeholder === undefined) return 'none';
  return placeholder === 'file' || placeholder === 'folder' ? placeholder : 'any';
}

import type { CommandWords, OptionWord } from './command-tree.ts';

export const COMPLETION_SHELLS = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof COMPLETION_SHELLS)[number];

/** A script for that shell's completion, with every command and option of the tree in it. */
export function completionScript(shell: CompletionShell, tree: readonly CommandWords[]): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](tree);
}

/** What differs between bash and zsh in a function that is otherwise the same. */
interface PosixDialect {
  readonly head: readonly string[];
  /** The words up to the one under the cursor, that one left out. */
  readonly earlier: string;
  readonly previous: string;
  readonly offer: (words: readonly string[]) => string;
  readonly offerFiles: string;
  readonly offerFolders: string;
  readonly tail: readonly string[];
}

function bashScript(tree: readonly CommandWords[]): string {
  const compgen = (what: string): string => `COMPREPLY=($(compgen ${what} -- "\${COMP_WORDS[COMP_CWORD]}"))`;
  // Names of files may hold spaces.
  const byLine = "local IFS=$'\\n'; ";
  return posixScript(tree, {
    head: ['# source <(candor completion bash)'],
    earlier: '"${COMP_WORDS[@]:1:COMP_CWORD-1}"',
    previous: '${COMP_WORDS[COMP_CWORD-1]}',
    offer: (words) => (words.length === 0 ? 'COMPREPLY=()' : compgen(`-W '${words.join(' ')}'`)),
    offerFiles: byLine + compgen('-f'),
    offerFolders: byLine + compgen('-d'),
    tail: ['complete -o filenames -F _candor candor'],
  });
}

function zshScript(tree: readonly CommandWords[]): string {
  return posixScript(tree, {
    head: ['#compdef candor', '# source <(candor completion zsh), after compinit'],
    earlier: '"${(@)words[2,CURRENT-1]}"',
    previous: '${words[CURRENT-1]}',
    offer: (words) => (words.length === 0 ? ':' : `compadd -- ${words.join(' ')}`),
    offerFiles: '_files',
    offerFolders: '_files -/',
    tail: ['if [[ "${funcstack[1]}" == _candor ]]; then _candor "$@"; else compdef _candor candor; fi'],
  });
}

function posixScript(tree: readonly CommandWords[], dialect: PosixDialect): string {
  const pattern = (path: readonly string[], last: string = ''): string =>
    `"${path.map((word) => ` ${word}`).join('')}${last === '' ? '' : ` ${last}`}"`;
  const paths = tree.filter(({ path }) => path.length > 0).map(({ path }) => pattern(path));
  const values = tree.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== 'none')
      .map((option) => `    ${pattern(path, option.flag)}) ${valueOffer(option, dialect)}; return ;;`),
  );
  const words = tree.map(({ path, commands, choices, options }) => {
    const all = [...commands, ...choices, ...options.map((option) => option.flag)];
    return `    ${pattern(path)}) ${dialect.offer(all)} ;;`;
  });
  const lines = [
    ...dialect.head,
    '_candor() {',
    '  local command_path="" word',
    `  for word in ${dialect.earlier}; do`,
    '    case "$command_path $word" in',
    `      ${paths.join('|')}) command_path="$command_path $word" ;;`,
    '    esac',
    '  done',
    `  case "$command_path ${dialect.previous}" in`,
    ...values,
    '  esac',
    '  case "$command_path" in',
    ...words,
    '  esac',
    '}',
    ...dialect.tail,
  ];
  return `${lines.join('\n')}\n`;
}

function valueOffer({ value }: OptionWord, dialect: PosixDialect): string {
  if (value === 'file') return dialect.offerFiles;
  if (value === 'folder') return dialect.offerFolders;
  return dialect.offer(typeof value === 'string' ? [] : value);
}

function fishScript(tree: readonly CommandWords[]): string {
  const lines = tree.flatMap((command) => {
    const condition = fishCondition(command);
    const children = command.commands.map((name) => {
      const description = tree.find(({ path }) => [...command.path, name].join(' ') === path.join(' '))?.description;
      return fishLine(condition, `-a ${name}`, description ?? '');
    });
    const choices = command.choices.map((choice) => fishLine(condition, `-a ${choice}`, ''));
    return [...children, ...choices, ...command.options.map((option) => fishOption(condition, option))];
  });
  return ['# candor completion fish | source', 'complete -c candor -f', ...lines, ''].join('\n');
}

/** Holds where the command has been named and none of its own yet. */
function fishCondition({ path, commands }: CommandWords): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const none = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.join(' ')}`];
  return [...seen, ...none].join('; and ');
}

function fishOption(condition: string, { flag, description, value }: OptionWord): string {
  const name = flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
  const follows = { none: '', any: ' -x', file: ' -r -F', folder: " -x -a '(__fish_complete_directories)'" };
  const values = typeof value === 'string' ? follows[value] : ` -x -a '${value.join(' ')}'`;
  return fishLine(condition, `${name}${values}`, description);
}

function fishLine(condition: string, what: string, description: string): string {
  const quoted = description.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `complete -c candor -n '${condition}' ${what}${quoted === '' ? '' : ` -d '${quoted}'`}`;
}

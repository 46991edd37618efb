import type { Terminal } from './terminal.ts';

/** Text in a colour, or as it is where colours are not wanted. */
export interface Colours {
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
}

/** Colours for a person's terminal only, and not against `NO_COLOR` (no-color.org) or a terminal that has none. */
export function coloursOf({ interactive, environment }: Pick<Terminal, 'interactive' | 'environment'>): Colours {
  const wanted = interactive && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  const colour =
    (code: number) =>
    (text: string): string =>
      wanted && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { dim: colour(2), green: colour(32), yellow: colour(33), red: colour(31) };
}

import { CommandError } from './command-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Whether the person at the terminal presses `y`.
 * @param otherwise what to do where there is nobody to ask: the message of the error
 * @throws CommandError with exit code 2 where nobody can be asked
 */
export async function isConfirmed(terminal: Terminal, otherwise: string): Promise<boolean> {
  const { keyboard } = terminal;
  if (keyboard === undefined) throw new CommandError(2, otherwise);
  terminal.say('continue? [y/N] ');
  const key = await new Promise<string>((resolvePressed) => {
    const stop = keyboard.listen((pressed) => {
      stop();
      resolvePressed(pressed);
    });
  });
  const isYes = key === 'y' || key === 'Y';
  terminal.say(`${isYes ? 'yes' : 'no'}\n`);
  return isYes;
}

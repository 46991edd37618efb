import type { ExitCode } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { demoJson, demoText, realTimeLine } from './demo-view.ts';
import { playScenes } from './play-scenes.ts';

export interface DemoOptions {
  readonly seed: number;
  readonly json?: boolean;
}

/** `candor demo`: plays the five failures, and says what came of them. 0: each was caught. */
export async function runDemo({ seed, json }: DemoOptions, terminal: Terminal): Promise<ExitCode> {
  const played = await playScenes(seed, ({ title }, place) => {
    if (terminal.interactive) terminal.say(`  ${place} of 5  ${title}\n`);
  });
  terminal.out(json === true ? `${JSON.stringify(demoJson(played))}\n` : demoText(played));
  terminal.say(`${realTimeLine(played)}\n`);
  return played.scenes.every(({ isCaught }) => isCaught) ? 0 : 1;
}

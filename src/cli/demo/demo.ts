import { CommandError, type ExitCode } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { demoJson, demoText, realTimeLine } from './demo-view.ts';
import { playScenes } from './play-scenes.ts';

export interface DemoOptions {
  readonly seed: number;
  readonly json?: boolean;
}

/** `candor demo`: plays the five failures, and says what came of them. 0: each was caught. */
export async function runDemo({ seed, json }: DemoOptions, terminal: Terminal): Promise<ExitCode> {
  const played = await untilStopped((signal) =>
    playScenes(seed, signal, ({ title }, place) => {
      if (terminal.interactive) terminal.say(`  ${place} of 5  ${title}\n`);
    }),
  );
  terminal.out(json === true ? `${JSON.stringify(demoJson(played))}\n` : demoText(played, terminal.columns));
  terminal.say(`${realTimeLine(played)}\n`);
  return played.scenes.every(({ isCaught }) => isCaught) ? 0 : 1;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Lets the task clean up behind itself when the process is to end. @throws CommandError then */
async function untilStopped<Value>(task: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new CommandError(1, 'the demo was stopped'));
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await task(stop.signal);
  } finally {
    for (const name of SIGNALS) process.removeListener(name, onSignal);
  }
}

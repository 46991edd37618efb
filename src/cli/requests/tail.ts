import { setTimeout as delay } from 'node:timers/promises';

import type { JsonObject } from '../../core/json.ts';
import { findGateway, type GatewayClient } from '../client.ts';
import { coloursOf } from '../colours.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { GenerationFollower } from './generation-follower.ts';
import { createdMs, type GenerationFilters } from './generation-list.ts';
import { dateOf, tailHeader, tailRow, type TailStyle } from './tail-view.ts';
import type { Terminal } from '../terminal.ts';

export interface TailOptions {
  readonly route?: string;
  readonly model?: string;
  readonly deployment?: string;
  readonly status?: string;
  readonly key?: string;
  readonly fallback?: boolean;
  readonly asides?: boolean;
  readonly limit: number;
  readonly follow: boolean;
  readonly json?: boolean;
  readonly state?: string;
}

const POLL_EVERY_MS = 300;
/** How a person ends it; that is no failure. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** `candor tail`: the last generations, then each as it ends, until Ctrl-C. A gateway that goes away is waited for. */
export async function runTail(options: TailOptions, terminal: Terminal): Promise<ExitCode> {
  const follower = new GenerationFollower(filtersOf(options));
  const print = printer(options, terminal);
  let gateway: GatewayClient | null = findGateway(terminal, options.state);
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  for (const signal of STOP_SIGNALS) process.once(signal, stop);
  try {
    print(await follower.start(gateway, options.limit));
    while (options.follow && (await pause(stopped.signal))) {
      const wasAway: boolean = gateway === null;
      try {
        gateway ??= findGateway(terminal, options.state);
        print(await follower.poll(gateway));
        if (wasAway) terminal.say(`candor: the gateway is back, at ${gateway.url}\n`);
      } catch (error) {
        if (!isAway(error)) throw error;
        if (!wasAway) terminal.say('candor: the gateway does not answer; waiting for it\n');
        await gateway?.close();
        // Where it listens may be another place when it comes back.
        gateway = null;
      }
    }
    return 0;
  } finally {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, stop);
    await gateway?.close();
  }
}

/** Whether it may come back: not there, or on its way out. */
function isAway(error: unknown): boolean {
  return error instanceof CommandError && error.exitCode === 3;
}

/** Waits for the next poll; `false` when it is to stop. */
async function pause(signal: AbortSignal): Promise<boolean> {
  try {
    await delay(POLL_EVERY_MS, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

function filtersOf(options: TailOptions): GenerationFilters {
  const { route, model, deployment, status, key } = options;
  const fallback = options.fallback === true ? 'true' : undefined;
  const aside = options.asides === true ? 'any' : undefined;
  const asked = { route, model, deployment, status, key, fallback, aside };
  return Object.fromEntries(Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Prints generations as lines of JSON, or as rows with a header above the first and the date where a day begins. */
function printer(options: TailOptions, terminal: Terminal): (generations: readonly JsonObject[]) => void {
  if (options.json === true) {
    return (generations) => {
      for (const generation of generations) terminal.out(`${JSON.stringify(generation)}\n`);
    };
  }
  let day = dateOf(Date.now());
  const colours = coloursOf(terminal);
  const style = (): TailStyle => ({ width: terminal.columns ?? null, colours, links: terminal.interactive });
  let isFirst = true;
  return (generations) => {
    if (isFirst) terminal.out(tailHeader(style()));
    isFirst = false;
    for (const generation of generations) {
      const date = dateOf(createdMs(generation));
      if (date !== day) terminal.out(`${colours.dim(` ${date}`)}\n`);
      day = date;
      terminal.out(tailRow(generation, style()));
    }
  };
}

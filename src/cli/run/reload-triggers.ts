import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import type { ReloadRequest, ReloadResult } from '../../core/reload.ts';
import type { ConfigReloader } from './config-reloader.ts';
import { DEFAULT_CONFIG_FILE } from '../config/config-file.ts';
import { FileWatch } from './file-watch.ts';
import { reloadText } from '../config/reload-view.ts';

type Say = (text: string) => void;

/** Reloads for somebody who is told the result; the operator of this process hears it too. */
export async function reloadAsAsked(reloader: ConfigReloader, request: ReloadRequest, say: Say): Promise<ReloadResult> {
  const result = await reloader.reload(request);
  if (!request.dryRun) say(reloadText(result));
  return result;
}

/** Reloads, and says what came of it. */
export async function reloadAndSay(reloader: ConfigReloader, say: Say): Promise<void> {
  say((await tryReload(reloader)).text);
}

/** Reloads whenever the config file, or a file it names, has changed; says what is new. Returns what ends that. */
export function reloadOnChange(reloader: ConfigReloader, configFile: string, say: Say): () => void {
  const folder = dirname(configFile);
  let lastProblem: string | null = null;
  const watch = new FileWatch({
    paths: () => reloader.textNames.map((name) => resolve(folder, name)),
    onChange: async () => {
      const { text, changed, problem } = await tryReload(reloader);
      if (changed || problem !== lastProblem) say(text);
      lastProblem = problem;
    },
    onProblem: (message) => say(`${message}; reload with \`candor reload\`\n`),
  });
  return () => watch.close();
}

/** Says once when a config file appears in the folder of a gateway that was started without one. Returns what ends that. */
export function announceConfigFile(cwd: string, say: Say): () => void {
  const file = resolve(cwd, DEFAULT_CONFIG_FILE);
  const watch = new FileWatch({
    paths: () => [file],
    onChange: () => {
      if (!existsSync(file)) return Promise.resolve();
      say(`${DEFAULT_CONFIG_FILE} is here now: start again to use it\n`);
      watch.close();
      return Promise.resolve();
    },
    onProblem: () => undefined,
  });
  return () => watch.close();
}

interface Outcome {
  readonly text: string;
  /** Whether another configuration is in force than before. */
  readonly changed: boolean;
  /** Why the file is not the one in force; `null` when it is. */
  readonly problem: string | null;
}

async function tryReload(reloader: ConfigReloader): Promise<Outcome> {
  try {
    const result = await reloader.reload({ dryRun: false });
    const text = reloadText(result);
    return { text, changed: result.ok && result.diff.length > 0, problem: result.ok ? null : text };
  } catch (error) {
    const text = `Nothing was reloaded: ${(error as Error).message}\n`;
    return { text, changed: false, problem: text };
  }
}

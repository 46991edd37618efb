import { findGateway, readJson, refusal } from '../client.ts';
import type { ExitCode } from '../command-error.ts';
import { reloadResultOf, reloadText } from './reload-view.ts';
import type { Terminal } from '../terminal.ts';

export interface ReloadOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly state?: string;
}

/** `candor reload`: has the running gateway read its config anew, and tells what has changed. */
export async function runReload(options: ReloadOptions, terminal: Terminal): Promise<ExitCode> {
  const gateway = findGateway(terminal, options.state);
  try {
    const isDryRun = options.dryRun === true;
    const body = isDryRun ? { dry_run: true } : {};
    const response = await gateway.send({ method: 'POST', path: '/admin/reload', body, admin: true });
    const answer = await readJson(response);
    const result = reloadResultOf(answer);
    if (result === null) throw refusal(response.status, answer);
    if (options.json === true) terminal.out(`${JSON.stringify(answer)}\n`);
    else if (result.ok) terminal.out(reloadText(result, isDryRun));
    else terminal.say(reloadText(result));
    return result.ok ? 0 : 1;
  } finally {
    await gateway.close();
  }
}

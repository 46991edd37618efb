import { openInBrowser } from './browser.ts';
import { findGateway, readText } from '../client.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { wholeId } from './generation-id.ts';
import type { Terminal } from '../terminal.ts';

export interface OpenOptions {
  readonly state?: string;
}

const NO_LOGIN =
  'the pages of `candor serve` take the admin token, which a browser cannot send yet: use `candor tail` and `candor trace ID`';

/** `candor open [ID]`: shows the page in the browser; prints its address where there is no browser, or nobody to look at it. */
export async function runOpen(id: string | undefined, options: OpenOptions, terminal: Terminal): Promise<ExitCode> {
  const gateway = findGateway(terminal, options.state);
  try {
    const path = id === undefined ? '/' : `/r/${encodeURIComponent(await wholeId(gateway, id))}`;
    const response = await gateway.send({ method: 'GET', path });
    await readText(response);
    if (response.status === 401) throw new CommandError(1, NO_LOGIN);
    if (response.status === 404) throw new CommandError(1, `there is no generation ${id ?? ''}`);
    const url = gateway.url + path;
    if (terminal.interactive && (await openInBrowser(url, terminal.environment))) terminal.say(`opening ${url}\n`);
    else terminal.out(`${url}\n`);
    return 0;
  } finally {
    await gateway.close();
  }
}

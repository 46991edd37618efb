import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runCandor, type CliOutcome } from '../../../test/support/cli-run.ts';
import { Secret } from '../../core/secret.ts';
import { thisProcess } from '../../ledger/process-identity.ts';
import { writeRunFile } from '../run-file.ts';

describe.runIf(process.platform === 'linux')('candor open at a terminal', () => {
  let folder = '';
  let url = '';
  const server = createServer((_request, response) => response.end());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'candor-open-'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    url = `http://127.0.0.1:${port}`;
    const run = { ...thisProcess(), host: '127.0.0.1', port, url, adminToken: new Secret('t'), startedAt: '' };
    writeRunFile(join(folder, '.candor'), run);
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  function open(...words: readonly string[]): Promise<CliOutcome> {
    const environment = { PATH: folder, OPENED: join(folder, 'opened') };
    return runCandor(['open', ...words], { cwd: folder, interactive: true, environment });
  }

  it('hands the address to the browser, as one argument and through no shell', async () => {
    // Written beside and moved, so that it is there whole or not at all.
    writeFileSync(
      join(folder, 'xdg-open'),
      '#!/bin/sh\nprintf "%s|" "$@" > "$OPENED.part"; /bin/mv "$OPENED.part" "$OPENED"\n',
    );
    chmodSync(join(folder, 'xdg-open'), 0o700);
    expect(await open('x$(touch y);z')).toEqual({
      exitCode: 0,
      out: '',
      said: `opening ${url}/r/x%24(touch%20y)%3Bz\n`,
    });
    await expect.poll(() => existsSync(join(folder, 'opened'))).toBe(true);
    expect(readFileSync(join(folder, 'opened'), 'utf8')).toBe(`${url}/r/x%24(touch%20y)%3Bz|`);
  });

  it('prints the address where there is no browser', async () => {
    expect(await open()).toEqual({ exitCode: 0, out: `${url}/\n`, said: '' });
  });
});

import { spawn } from 'node:child_process';

/** The program that opens a URL, and what stands before it. None of them is a shell, so a URL is never more than a URL. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  linux: ['xdg-open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens the URL in the browser. Resolves with whether there was a program to do it. */
export function openInBrowser(url: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const opener = OPENERS[process.platform];
  if (opener === undefined) return Promise.resolve(false);
  const [program, ...before] = opener;
  return new Promise((resolve) => {
    const child = spawn(program, [...before, url], { stdio: 'ignore', detached: true, env: environment });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      // The browser is nothing to wait for.
      child.unref();
      resolve(true);
    });
  });
}

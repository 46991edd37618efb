import { readFileSync } from 'node:fs';

/** The version of the installed package. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

/** `candor version`: one line, or JSON with the versions that matter for a bug report. */
export function versionText(json: boolean): string {
  const version = packageVersion();
  return json ? `${JSON.stringify({ candor: version, node: process.versions.node })}\n` : `${version}\n`;
}

import { VERSION } from '../core/version.ts';

/** `candor version`: one line, or JSON with the versions that matter for a bug report. */
export function versionText(json: boolean): string {
  return json ? `${JSON.stringify({ candor: VERSION, node: process.versions.node })}\n` : `${VERSION}\n`;
}

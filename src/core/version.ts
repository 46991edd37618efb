import { readFileSync } from 'node:fs';

const MANIFEST = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** The version of this package. */
export const VERSION = MANIFEST.version;

/** How Candor names itself to upstreams. */
export const USER_AGENT = `candor/${VERSION}`;

/** The version of this package; a test holds it equal to package.json's. */
export const VERSION = '0.1.0';

/** How Candor names itself to upstreams. */
export const USER_AGENT = `candor/${VERSION}`;

import { randomBytes } from 'node:crypto';

import type { Configuration } from '../core/route.ts';
import { Secret } from '../core/secret.ts';

const TOKEN_BYTES = 32;

/** The token of whoever may administer: the config's, or one made for this run. */
export function adminTokenOf(configuration: Configuration): Secret {
  return configuration.server.adminToken ?? new Secret(randomBytes(TOKEN_BYTES).toString('base64url'));
}

import type { Secret } from '../../src/core/secret.ts';

/** Forgets what a gateway holds against upstreams that failed: tests let one fail more often than a circuit bears. */
export async function closeCircuits(url: string, adminToken: Secret): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken.reveal()}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/admin/circuits`, { method: 'DELETE', headers });
  if (response.status !== 200) throw new Error(`the circuits were not closed: ${response.status}`);
}

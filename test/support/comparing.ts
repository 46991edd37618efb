import type { JsonObject } from '../../src/core/json.ts';
import type { TestGateway } from './gateway.ts';

/** The lines of a comparison, as they came, each of some type. */
export async function compare(gateway: TestGateway, body: JsonObject): Promise<readonly JsonObject[]> {
  const response = await askToCompare(gateway, body);
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
}

/** The response itself. */
export function askToCompare(gateway: TestGateway, body: JsonObject, signal?: AbortSignal): Promise<Response> {
  return fetch(`${gateway.url}/admin/compare`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${gateway.adminToken}` },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What a gateway has learnt of its deployments from live requests: measurements, circuits that were ever shaken, counters. */
export async function learnt(gateway: TestGateway): Promise<unknown> {
  const response = await fetch(`${gateway.url}/admin/telemetry`, {
    headers: { authorization: `Bearer ${gateway.adminToken}` },
  });
  const { processes } = (await response.json()) as { processes: readonly LearntProcess[] };
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  return {
    // Counts decay as time passes.
    measured: processes.flatMap(({ measured }) =>
      measured.map(({ deployment, route, n }) => [deployment, route, Math.round(n)]),
    ),
    shaken: processes.flatMap(({ circuits }) =>
      circuits.filter(({ state, reason }) => state !== 'closed' || reason !== null),
    ),
    counted: metrics
      .split('\n')
      .filter((line) => /^candor_(?!.*(?:bytes|delay|price|build|open_requests|shadow|state="closed"))/.test(line)),
  };
}

interface LearntProcess {
  readonly measured: readonly { readonly deployment: string; readonly route: string | null; readonly n: number }[];
  readonly circuits: readonly { readonly state: string; readonly reason: string | null }[];
}

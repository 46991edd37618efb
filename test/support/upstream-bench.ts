import type { Clock } from '../../src/core/clock.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { startRawUpstream, type RawUpstream } from './raw-upstream.ts';

const PROVIDERS = ['openai', 'anthropic', 'google', 'deepseek'] as const;

/** A gateway all of whose upstreams a test plays itself, by provider. */
export interface UpstreamBench {
  readonly gateway: TestGateway;
  readonly upstreams: Readonly<Record<string, RawUpstream>>;
  /** Connections of the gateway to any of them. */
  openSockets(): number;
  close(): Promise<void>;
}

export async function openUpstreamBench(
  options: { readonly config?: string; readonly clock?: Clock } = {},
): Promise<UpstreamBench> {
  const started = await Promise.all(PROVIDERS.map(async (name) => [name, await startRawUpstream()] as const));
  const upstreams = Object.fromEntries(started);
  const urls = Object.fromEntries(started.map(([name, upstream]) => [name, upstream.url]));
  const gateway = await startTestGateway({ ...options, upstreams: urls });
  return {
    gateway,
    upstreams,
    openSockets: () => started.reduce((sum, [, upstream]) => sum + upstream.openSockets(), 0),
    async close() {
      await gateway.close();
      await Promise.all(started.map(([, upstream]) => upstream.close()));
    },
  };
}

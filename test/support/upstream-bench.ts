import type { Clock } from '../../src/core/clock.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { LeapingClock } from './leaping-clock.ts';
import { startRawUpstream, type RawUpstream } from './raw-upstream.ts';

const PROVIDERS = ['openai', 'anthropic', 'google', 'deepseek'] as const;

/**
 * A gateway all of whose upstreams a test plays itself, by provider. On its own clock each script is played long after
 * the one before it, so that there may be a retry, and that comes at once.
 */
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
  const clock = new LeapingClock();
  const started = await Promise.all(PROVIDERS.map(async (name) => [name, await startRawUpstream()] as const));
  const upstreams = Object.fromEntries(started.map(([name, upstream]) => [name, leapingBefore(upstream, clock)]));
  const urls = Object.fromEntries(started.map(([name, upstream]) => [name, upstream.url]));
  const gateway = await startTestGateway({ clock, draw: () => 0, ...options, upstreams: urls });
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

function leapingBefore(upstream: RawUpstream, clock: LeapingClock): RawUpstream {
  return {
    ...upstream,
    play(script) {
      clock.leap();
      upstream.play(script);
    },
  };
}

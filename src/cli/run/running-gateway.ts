import type { LoadedConfiguration } from '../../config/load.ts';
import type { Gateway } from '../../gateway.ts';

/** A gateway as the command that runs it sees it, in one process or in several. */
export interface RunningGateway extends Pick<Gateway, 'adminToken' | 'warnings' | 'listen' | 'drain' | 'close'> {
  /** Has requests that come from now on begin with this configuration. Fails when it cannot be used; the one before then stays. */
  use(next: LoadedConfiguration): Promise<void>;
}

/** The gateway of this very process. */
export function inThisProcess(gateway: Gateway): RunningGateway {
  return {
    adminToken: gateway.adminToken,
    get warnings() {
      return gateway.warnings;
    },
    use: (next) => {
      gateway.reload(next.configuration);
      return Promise.resolve();
    },
    listen: () => gateway.listen(),
    drain: () => gateway.drain(),
    close: () => gateway.close(),
  };
}

import { createGateway } from '../../../src/gateway.ts';
import type { StartGateway } from './fault-bench.ts';

/** The gateway as the product puts it together, but for the name service. */
export const startWholeGateway: StartGateway = async (configuration, lookUp) => {
  const gateway = await createGateway({ configuration, simulator: null, lookUp });
  const { url } = await gateway.listen();
  return { url, close: () => gateway.close() };
};

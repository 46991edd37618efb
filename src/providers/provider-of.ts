import type { Deployment } from '../core/deployment.ts';
import type { Provider } from './provider.ts';

/** What speaks the protocol of a deployment. @throws TypeError for a kind there is no provider of, which no config can name */
export function providerOf({ kind }: Deployment, providers: ReadonlyMap<string, Provider>): Provider {
  const provider = providers.get(kind);
  if (provider === undefined) throw new TypeError(`no provider of kind ${kind}`);
  return provider;
}

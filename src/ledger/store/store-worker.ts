import { parentPort, workerData } from 'node:worker_threads';
import { serveStore } from './store-service.ts';
import type { StoreOptions } from './store-protocol.ts';

/** The entry of the store's thread. Never imported: `store-client.ts` starts it. */
if (parentPort !== null) await serveStore(parentPort, workerData as StoreOptions);

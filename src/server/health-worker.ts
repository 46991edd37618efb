import { parentPort, workerData } from 'node:worker_threads';

import { serveHealth, type HealthOptions } from './health-service.ts';

/** The entry of the health thread. Never imported: `health-thread.ts` starts it. */
if (parentPort !== null) serveHealth(parentPort, workerData as HealthOptions);

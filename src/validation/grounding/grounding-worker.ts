import { parentPort } from 'node:worker_threads';

import { serveGrounding } from './grounding-service.ts';

/** The entry of the thread that compares answers with long contexts. Never imported: `grounding-thread.ts` starts it. */
if (parentPort !== null) serveGrounding(parentPort);

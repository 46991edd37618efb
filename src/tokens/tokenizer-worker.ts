import { parentPort } from 'node:worker_threads';

import { serveTokenizer } from './tokenizer-service.ts';

/** The entry of the tokenizer's thread. Never imported: `tokenizer-thread.ts` starts it. */
if (parentPort !== null) serveTokenizer(parentPort);

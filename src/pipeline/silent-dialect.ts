import type { ClientDialect } from '../core/client-dialect.ts';

const NOTHING = Buffer.alloc(0);

/** Writes nothing: for questions of Candor's own, whose answers are read before they become bytes. They are not streamed. */
export const silentDialect: ClientDialect = {
  id: 'openai-chat',
  keepAlive: NOTHING,
  encodeAnswer: () => NOTHING,
  encodeError: () => NOTHING,
  openStream: () => {
    throw new TypeError('a question of our own is not streamed');
  },
};

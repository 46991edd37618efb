import { readStream } from './stream-reading.ts';

/** Words that only the first model, and words that only the one behind it, may say: neither is in any prompt. */
export const FIRST_WORDS = ['alder', 'birch', 'cedar', 'damson'] as const;
export const SECOND_WORDS = ['quartz', 'rutile', 'spinel', 'topaz'] as const;

/** What a client was sent, and whom the gateway asked for it. */
export interface Relayed {
  readonly status: number;
  readonly bytes: string;
  /** Requests the first and the second upstream were sent. */
  readonly asked: readonly [number, number];
}

/**
 * Where an answer breaks the promise that one model writes one message and that nothing is tried
 * again once content has gone out. Empty: it keeps it.
 */
export function flawsOfAuthorship(relayed: Relayed): readonly string[] {
  const { bytes, asked, status } = relayed;
  const first = FIRST_WORDS.some((word) => bytes.includes(word));
  const second = SECOND_WORDS.some((word) => bytes.includes(word));
  const models = status === 200 && bytes.startsWith('data:') ? readStream(bytes).models : [];
  return [
    ...(first && second ? ['words of two models in one message'] : []),
    ...(models.length > 1 ? [`${models.length} models named in one message`] : []),
    ...(first && asked[1] > 0 ? ['another model was asked after content of the first had gone out'] : []),
    ...(asked[0] > 1 ? ['the first model was asked again'] : []),
  ];
}

import type { StreamMode } from '../core/route.ts';
import type { ConfigNode } from './document.ts';
import { STREAM_CHOICES, STREAM_WORDS } from './grammar.ts';
import { readChoice, readDuration, readFields, type ReadContext } from './read.ts';

export const MAX_WINDOW_CHARACTERS = 1_000_000;

/** Reads `stream`: `hold`, `trail`, or `{window: 400ms}` and `{window: 200}`, of characters; `null` after an error. */
export function readStreamMode(context: ReadContext, node: ConfigNode, path: string): StreamMode | null {
  if (node.type !== 'map') return readChoice(context, node, path, STREAM_CHOICES);
  const fields = readFields(context, node, path, STREAM_WORDS);
  if (fields === null) return null;
  const window = fields.get('window')?.value;
  if (window === undefined) {
    if (node.entries.length > 0) return null;
    context.problems.error('missing-field', node.span, `${path} is empty`, WINDOW_FORM);
    return null;
  }
  if (window.type !== 'scalar' || typeof window.value !== 'number') {
    const milliseconds = readDuration(context, window, `${path}.window`);
    return milliseconds === null ? null : { milliseconds };
  }
  const characters = window.value;
  if (Number.isInteger(characters) && characters > 0 && characters <= MAX_WINDOW_CHARACTERS) return { characters };
  const message = `${path}.window must be a whole number of characters, at most ${MAX_WINDOW_CHARACTERS}`;
  context.problems.error('invalid-value', window.span, message, WINDOW_FORM);
  return null;
}

const WINDOW_FORM = 'write { window: 400ms } or { window: 200 }, of characters';

import type { Hooks } from '../core/hooks.ts';

/** Where each function of a configuration is, in the order of the grammar; those that routes name under what they say. */
export function hookPlaces(hooks: Hooks): Readonly<Record<string, string>> {
  const { task, prompt, params, validate, confidence, onRecord } = hooks;
  const places: Record<string, string> = {};
  if (task !== null) places['task'] = task.at;
  for (const [model, { at }] of prompt) places[`prompt.${model}`] = at;
  for (const [model, { at }] of params) places[`params.${model}`] = at;
  for (const [name, { at }] of validate) places[`validate.${name}`] = at;
  if (confidence !== null) places['confidence'] = confidence.at;
  if (onRecord !== null) places['onRecord'] = onRecord.at;
  return places;
}

/**
 * A part of a vendor's name that pins it: a date (`2024-08-06`, `20241022`, `05-20`, `0613`, `2407`) or a numbered
 * release (`002`).
 */
const PINNED =
  /(?:^|[-@_.])(?:20\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])|2\d(?:0[1-9]|1[0-2])|00\d)(?=$|[-@_:])/;

/** Whether a vendor's name of a model says which version of it answers. Only the form of the name is looked at. */
export function isPinnedName(modelId: string): boolean {
  return PINNED.test(modelId);
}

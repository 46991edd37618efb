/** What the vendor's lists of models put before a name. */
const PREFIX = /^models\//;

/** The model's name without what its address says anyway, so that both ways of writing it reach the same model. */
export function bareModelId(modelId: string): string {
  return modelId.replace(PREFIX, '');
}

/** Where one method of a model is called, below the address of the provider. */
export function modelPath(modelId: string, method: string): string {
  return `/models/${encodeURIComponent(bareModelId(modelId))}:${method}`;
}

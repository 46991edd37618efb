import type { Deployment, DocumentForm } from '../core/deployment.ts';
import { familyOf } from '../core/model-family.ts';

/** How the parts of a prompt reach one model. */
export interface PromptForm {
  readonly fences: DocumentForm;
  /** Whether the context goes before everything else; or it stays where the template has it. */
  readonly contextFirst: boolean;
  /** Whether examples are turns of the conversation, or stand in the system section. */
  readonly examples: 'turns' | 'system';
}

/** As the vendors advise for their own models, where that differs from the plain form. */
const FORMS: ReadonlyMap<string, PromptForm> = new Map([
  ['claude', { fences: 'xml', contextFirst: true, examples: 'system' }],
  ['gemini', { fences: 'markdown', contextFirst: true, examples: 'turns' }],
]);

const PLAIN: PromptForm = { fences: 'markdown', contextFirst: false, examples: 'turns' };

/** The form of the model's family, with the fences that the config says. */
export function formOf({ modelId, prompt }: Pick<Deployment, 'modelId' | 'prompt'>): PromptForm {
  const form = FORMS.get(familyOf(modelId)) ?? PLAIN;
  return prompt.documents === null ? form : { ...form, fences: prompt.documents };
}

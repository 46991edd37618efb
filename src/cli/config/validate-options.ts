/** The forms in which findings about a config can be told. */
export const VALIDATION_FORMS = ['text', 'json', 'sarif', 'github'] as const;

export type ValidationForm = (typeof VALIDATION_FORMS)[number];

export interface ValidateOptions {
  readonly config?: string;
  readonly format?: ValidationForm;
  readonly json?: boolean;
}

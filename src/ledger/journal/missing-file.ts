/** Whether the error says that a file is not there. */
export function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The next step of what reads a file; `null` when that has been deleted before it was opened. */
export function nextUnlessMissing<Value, End>(reader: Generator<Value, End>): IteratorResult<Value, End> | null {
  try {
    return reader.next();
  } catch (error) {
    if (isMissingFile(error)) return null;
    throw error;
  }
}

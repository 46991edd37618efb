import { basename } from 'node:path';

/** What went wrong with a module, and in which line of it; the first line where nothing tells. */
export function faultPlace(error: unknown, file: string): { readonly line: number; readonly message: string } {
  const trace = error instanceof Error ? `${error.message}\n${error.stack}` : '';
  const name = basename(file).replaceAll('.', '\\.');
  const line = Number(new RegExp(`${name}(?:\\?[^:\\s]*)?:(\\d+)`).exec(trace)?.[1] ?? 1);
  return { line, message: faultMessage(error, file) };
}

function faultMessage(error: unknown, file: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = ''] = message.split('\n');
  return first
    .replaceAll(file, basename(file))
    .replace(/^\w*Error: /, '')
    .trim()
    .replace(/\.$/, '');
}

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const LINE = '.candor/';
/** Lines that leave the state folder out already. */
const SAME = new Set(['.candor', '.candor/', '/.candor', '/.candor/', '**/.candor', '**/.candor/']);

/** Has git leave the state folder out. @returns whether a line was added: `false` outside of git, or where one is there */
export function ignoreStateFolder(folder: string): boolean {
  if (!isInGit(folder)) return false;
  const path = join(folder, '.gitignore');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (text.split(/\r?\n/).some((line) => SAME.has(line.trim()))) return false;
  appendFileSync(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${LINE}\n`);
  return true;
}

function isInGit(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true;
    if (dirname(at) === at) return false;
  }
}

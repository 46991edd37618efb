import { readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const MOST_LINKS = 40;

/** The folders in which something has to change for another file to stand at this absolute path: its own, and those of the links on the way to it. */
export function foldersOf(path: string): readonly string[] {
  const folders = new Set<string>();
  let current = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const link = firstLink(current);
    if (link === null) break;
    folders.add(realPath(dirname(link.path)));
    current = join(resolve(dirname(link.path), link.target), relative(link.path, current));
  }
  return [...folders.add(realPath(dirname(current)))];
}

interface Link {
  readonly path: string;
  readonly target: string;
}

/** The part of the path that is a link, the uppermost if there are several. */
function firstLink(path: string): Link | null {
  const above = dirname(path) === path ? null : firstLink(dirname(path));
  if (above !== null) return above;
  try {
    return { path, target: readlinkSync(path) };
  } catch {
    return null;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How programs save a file. */
export type SaveWay = 'truncate' | 'rename' | 'swap';

const FILE = 'candor.yaml';

/** Saves the config of a folder. `serial` must be another one each time. */
export function saveConfig(directory: string, text: string, way: SaveWay, serial: number): void {
  const file = join(directory, FILE);
  if (way === 'truncate') {
    writeFileSync(file, text);
    return;
  }
  if (way === 'rename') {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
    return;
  }
  // As a mounted volume is updated: candor.yaml → ..data/candor.yaml, and ..data turns to another folder at once.
  mkdirSync(join(directory, `..${serial}`));
  writeFileSync(join(directory, `..${serial}`, FILE), text);
  turnLink(join(directory, '..data'), `..${serial}`);
  turnLink(file, join('..data', FILE));
}

function turnLink(link: string, target: string): void {
  symlinkSync(target, `${link}.new`);
  renameSync(`${link}.new`, link);
}

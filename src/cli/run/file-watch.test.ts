import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { FileWatch } from './file-watch.ts';

let folder: string;
let paths: string[];
let changes: number;
let problems: string[];
let watch: FileWatch | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-watch-'));
  paths = [join(folder, 'candor.yaml')];
  changes = 0;
  problems = [];
  watch = null;
});
afterEach(() => {
  watch?.close();
  rmSync(folder, { recursive: true });
  expect(problems).toEqual([]);
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** Begins to watch, and waits until the files have been seen as they are. */
async function begin(): Promise<void> {
  watch = new FileWatch({
    paths: () => paths,
    onChange: () => {
      changes += 1;
      return Promise.resolve();
    },
    onProblem: (message) => problems.push(message),
  });
  await expectChanges(1);
}

async function expectChanges(times: number): Promise<void> {
  await vi.waitFor(() => expect(changes).toBe(times), { timeout: 5000, interval: 5 });
}

test('notices each way in which a file is saved', async () => {
  write('candor.yaml', 'a');
  await begin();
  write('candor.yaml', 'b');
  await expectChanges(2);
  write('candor.yaml~', 'c');
  renameSync(join(folder, 'candor.yaml~'), paths[0] ?? '');
  await expectChanges(3);
  unlinkSync(paths[0] ?? '');
  write('candor.yaml', 'd');
  await expectChanges(4);
  // Writing to what is now another file is noticed as well.
  write('candor.yaml', 'e');
  await expectChanges(5);
});

test('notices that a link points to another folder, and what is written there', async () => {
  // As a mounted volume is updated: candor.yaml → ..data/candor.yaml, ..data → a folder of that time.
  for (const version of ['one', 'two']) {
    mkdirSync(join(folder, `..${version}`));
    write(`..${version}/candor.yaml`, version);
  }
  symlinkSync('..one', join(folder, '..data'));
  symlinkSync('..data/candor.yaml', paths[0] ?? '');
  await begin();
  symlinkSync('..two', join(folder, '..new'));
  renameSync(join(folder, '..new'), join(folder, '..data'));
  await expectChanges(2);
  write('..two/candor.yaml', 'three');
  await expectChanges(3);
});

test('notices that a folder on the way is another one', async () => {
  for (const version of ['one', 'two']) {
    mkdirSync(join(folder, version));
    write(`${version}/candor.yaml`, version);
  }
  symlinkSync('one', join(folder, 'current'));
  paths = [join(folder, 'current/candor.yaml')];
  await begin();
  symlinkSync('two', join(folder, 'new'));
  renameSync(join(folder, 'new'), join(folder, 'current'));
  await expectChanges(2);
  write('two/candor.yaml', 'three');
  await expectChanges(3);
});

test('says nothing of other files, nor of the same text written again', async () => {
  write('candor.yaml', 'a');
  await begin();
  write('candor.yaml', 'a');
  write('other.yaml', 'b');
  write('candor.yaml', 'c');
  await expectChanges(2);
  expect(changes).toBe(2);
});

test('waits for files and folders that do not exist yet', async () => {
  paths = [join(folder, 'candor.yaml'), join(folder, 'prompts/brief.md')];
  write('candor.yaml', 'a');
  await begin();
  mkdirSync(join(folder, 'prompts'));
  write('prompts/brief.md', 'b');
  await expectChanges(2);
  write('prompts/brief.md', 'c');
  await expectChanges(3);
});

test('watches the files that count after a change', async () => {
  write('candor.yaml', 'a');
  await begin();
  mkdirSync(join(folder, 'prompts'));
  write('prompts/brief.md', 'b');
  paths = [...paths, join(folder, 'prompts/brief.md')];
  write('candor.yaml', 'c');
  await expectChanges(2);
  write('prompts/brief.md', 'd');
  await expectChanges(3);
});

import { EventEmitter } from 'node:events';

import { beforeEach, expect, it } from 'vitest';

import { createKeyboard, type KeyboardHost } from './keyboard.ts';

/** A terminal and its process, of which all is written down. */
let happened: string[] = [];
let foreground = true;
const input = Object.assign(new EventEmitter(), {
  setRawMode: (raw: boolean) => happened.push(raw ? 'raw' : 'cooked'),
  pause: () => happened.push('pause'),
  resume: () => happened.push('resume'),
});
const processEvents = new EventEmitter();
const host = {
  input,
  inForeground: () => foreground,
  signalJob: (signal: string) => happened.push(signal),
  on: (event: string, listener: () => void) => processEvents.on(event, listener),
  removeListener: (event: string, listener: () => void) => processEvents.removeListener(event, listener),
} as unknown as KeyboardHost;

beforeEach(() => {
  happened = [];
  foreground = true;
});

it('hands over keys, also many at once, and gives the terminal back', () => {
  const stop = createKeyboard(host).listen((key) => happened.push(`key ${key}`));
  input.emit('data', Buffer.from('xü'));
  stop();
  input.emit('data', Buffer.from('y'));
  expect(happened).toEqual(['raw', 'resume', 'key x', 'key ü', 'pause', 'cooked']);
  expect(processEvents.listenerCount('SIGCONT')).toBe(0);
});

it('turns the keys of the terminal into the signals they stand for', () => {
  const stop = createKeyboard(host).listen(() => undefined);
  happened = [];
  input.emit('data', Buffer.from('\u0003'));
  expect(happened).toEqual(['SIGINT']);
  input.emit('data', Buffer.from('\u001a'));
  expect(happened).toEqual(['SIGINT', 'pause', 'cooked', 'SIGTSTP']);
  processEvents.emit('SIGCONT');
  input.emit('data', Buffer.from('\u001c'));
  expect(happened.slice(4)).toEqual(['raw', 'resume', 'pause', 'cooked', 'SIGQUIT']);
  stop();
});

it('leaves the terminal alone in the background, until it is in the foreground', () => {
  foreground = false;
  const stop = createKeyboard(host).listen(() => undefined);
  processEvents.emit('SIGCONT');
  expect(happened).toEqual([]);
  foreground = true;
  processEvents.emit('SIGCONT');
  expect(happened).toEqual(['raw', 'resume']);
  stop();
});

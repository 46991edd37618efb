import { expect, test } from 'vitest';

import { ManualClock, turns } from '../../test/support/manual-clock.ts';
import { NameResolver, type LookUpHost } from './name-resolver.ts';

const PATIENCE_MS = 1000;

function at(address: string): Awaited<ReturnType<LookUpHost>> {
  return [{ address, family: 4 }];
}

/** A name service that answers when the test says so. */
class Names {
  readonly asked: string[] = [];
  readonly #answers: { resolve: (value: Awaited<ReturnType<LookUpHost>>) => void; reject: (error: Error) => void }[] =
    [];

  readonly lookUp: LookUpHost = (hostname) => {
    this.asked.push(hostname);
    return new Promise((resolve, reject) => this.#answers.push({ resolve, reject }));
  };

  answer(address: string): void {
    this.#answers.shift()?.resolve(at(address));
  }

  fail(code: string): void {
    this.#answers.shift()?.reject(Object.assign(new Error(code), { code }));
  }
}

function start(): { names: Names; clock: ManualClock; resolver: NameResolver } {
  const names = new Names();
  const clock = new ManualClock();
  return { names, clock, resolver: new NameResolver(clock, names.lookUp) };
}

test('a name is asked for once however many want it, and again after 30 s', async () => {
  const { names, clock, resolver } = start();
  const both = [resolver.resolve('a.example', PATIENCE_MS), resolver.resolve('a.example', PATIENCE_MS)];
  names.answer('192.0.2.1');
  expect(await Promise.all(both)).toEqual([at('192.0.2.1'), at('192.0.2.1')]);
  clock.advance(29_999);
  expect(await resolver.resolve('a.example', PATIENCE_MS)).toEqual(at('192.0.2.1'));
  expect(names.asked).toEqual(['a.example']);
  clock.advance(1);
  const anew = resolver.resolve('a.example', PATIENCE_MS);
  names.answer('192.0.2.2');
  expect(await anew).toEqual(at('192.0.2.2'));
});

test('an old address is better than none when the name service fails, for ten minutes', async () => {
  const { names, clock, resolver } = start();
  const first = resolver.resolve('a.example', PATIENCE_MS);
  names.answer('192.0.2.1');
  await first;
  clock.advance(599_999);
  const failing = resolver.resolve('a.example', PATIENCE_MS);
  names.fail('EAI_AGAIN');
  expect(await failing).toEqual(at('192.0.2.1'));
  clock.advance(1);
  const late = resolver.resolve('a.example', PATIENCE_MS);
  names.fail('EAI_AGAIN');
  await expect(late).rejects.toMatchObject({ code: 'EAI_AGAIN' });
});

test('so is it when the name service does not answer; what it says later counts from then on', async () => {
  const { names, clock, resolver } = start();
  const first = resolver.resolve('a.example', PATIENCE_MS);
  names.answer('192.0.2.1');
  await first;
  clock.advance(60_000);
  let given: unknown = null;
  const stalled = resolver.resolve('a.example', PATIENCE_MS).then((addresses) => (given = addresses));
  clock.advance(PATIENCE_MS - 1);
  await turns(2);
  expect(given).toBeNull();
  clock.advance(1);
  await stalled;
  expect(given).toEqual(at('192.0.2.1'));
  names.answer('192.0.2.9');
  await turns(2);
  expect(await resolver.resolve('a.example', PATIENCE_MS)).toEqual(at('192.0.2.9'));
});

test('a failure is not remembered', async () => {
  const { names, resolver } = start();
  const failing = resolver.resolve('a.example', PATIENCE_MS);
  names.fail('ENOTFOUND');
  await expect(failing).rejects.toMatchObject({ code: 'ENOTFOUND' });
  const again = resolver.resolve('a.example', PATIENCE_MS);
  names.answer('192.0.2.1');
  expect(await again).toEqual(at('192.0.2.1'));
});

test('two names at most occupy the system’s resolver, and names that are known need no turn', async () => {
  const { names, resolver } = start();
  const known = resolver.resolve('known.example', PATIENCE_MS);
  names.answer('192.0.2.1');
  await known;
  const all = ['a', 'b', 'c'].map((name) => resolver.resolve(`${name}.example`, PATIENCE_MS));
  await turns(2);
  expect(names.asked).toEqual(['known.example', 'a.example', 'b.example']);
  expect(await resolver.resolve('known.example', PATIENCE_MS)).toEqual(at('192.0.2.1'));
  names.answer('192.0.2.2');
  await turns(2);
  expect(names.asked.at(-1)).toBe('c.example');
  names.answer('192.0.2.3');
  names.answer('192.0.2.4');
  expect(await Promise.all(all)).toEqual([at('192.0.2.2'), at('192.0.2.3'), at('192.0.2.4')]);
});

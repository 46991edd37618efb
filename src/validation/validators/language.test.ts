import { describe, expect, test } from 'vitest';

import { subjectOf } from '../../../test/support/validators/subject.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { language } from './language.ts';

/** Article 1 of the Universal Declaration of Human Rights. */
const ARTICLES: Readonly<Record<string, string>> = {
  en: 'All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience.',
  de: 'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.',
  fr: 'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience.',
  es: 'Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia.',
  it: 'Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di coscienza.',
  pt: 'Todos os seres humanos nascem livres e iguais em dignidade e em direitos. São dotados de razão e de consciência.',
  nl: 'Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en geweten.',
  pl: 'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem.',
  tr: 'Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine.',
  ru: 'Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью.',
  ar: 'يولد جميع الناس أحراراً متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميراً وعليهم أن يعامل بعضهم بعضاً.',
  hi: 'सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।',
  ja: 'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられている。',
  ko: '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았다.',
  zh: '人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。人人有资格享有本宣言所载的一切权利和自由。',
};
const CODES = Object.keys(ARTICLES);

function check(text: string, options: JsonValue, asked = 'x'): Verdict {
  return language.check(subjectOf({ text }, { messages: [{ role: 'user', content: asked }] }), options) as Verdict;
}

test.each(CODES)('%s is told from all others', (code) => {
  for (const expected of CODES) {
    expect(check(ARTICLES[code] ?? '', expected).outcome, expected).toBe(code === expected ? 'pass' : 'fail');
  }
});

test('any of several languages will do', () => {
  expect(check(ARTICLES['fr'] ?? '', ['de', 'fr']).outcome).toBe('pass');
  expect(check(ARTICLES['it'] ?? '', ['de', 'fr'])).toMatchObject({
    outcome: 'fail',
    reason: 'the answer is in it, not in de or fr',
  });
});

test('or the one that the user wrote', () => {
  expect(check(ARTICLES['de'] ?? '', 'same', 'Was steht in Artikel 1 und warum?').outcome).toBe('pass');
  expect(check(ARTICLES['en'] ?? '', null, 'Was steht in Artikel 1 und warum?').outcome).toBe('fail');
  expect(check(ARTICLES['en'] ?? '', 'same', '42')).toMatchObject({
    outcome: 'abstain',
    reason: 'the language of the question cannot be told',
  });
});

describe('what is not language does not count', () => {
  test.each([
    ['code', '```python\nfor the_item in all_of_them: print("this is not the end of it")\n```'],
    ['code within a line', '`the end of this and that which is not for you`'],
    ['addresses', 'https://example.com/the/end/of/this/and/that/which/is/not/for/you'],
  ])('%s', (_name, noise) => {
    expect(check(`${ARTICLES['de'] ?? ''} ${noise}`, 'de').outcome).toBe('pass');
    expect(check(noise, 'de')).toMatchObject({ outcome: 'abstain' });
  });

  test('the names of members', () => {
    const json = { the_name_of_this: ARTICLES['de'] ?? '', and_what_it_is: [{ not_for_you: 3 }] };
    expect(check(JSON.stringify(json), 'de').outcome).toBe('pass');
  });
});

describe('another script', () => {
  test.each([
    ['at any length', 'Ja, 没有问题', 'de'],
    ['amid a text', `${(ARTICLES['en'] ?? '').slice(0, 60)} 因此我们需要更多的信息`, 'en'],
    ['for a language that has its own', 'Да, конечно', 'zh'],
  ])('%s fails', (_name, text, expected) => {
    expect(check(text, expected)).toMatchObject({
      outcome: 'fail',
      reason: expect.stringContaining('are in a script that') as string,
    });
  });

  test('of a word or a formula passes', () => {
    expect(check(`${ARTICLES['en'] ?? ''} The angle α is 30°, in Greek γωνία.`, 'en').outcome).toBe('pass');
    expect(check(`${ARTICLES['zh'] ?? ''} HTTP JSON API TypeScript`, 'zh').outcome).toBe('pass');
  });
});

test('a short text abstains', () => {
  expect(check('Ja, gern.', 'de')).toMatchObject({
    outcome: 'abstain',
    reason: '6 letters are too few to tell a language by',
  });
});

test.each([
  'function add(a, b) { return a + b; } const sum = add(1, 2); console.log(sum); for (let i = 0; i < 10; i++) { add(i, sum); }',
  'SELECT id, name FROM users WHERE active = 1 AND created_at > now() ORDER BY name LIMIT 10;',
])('code without a fence is in no language: %s', (code) => {
  expect(check(code, 'de').outcome).toBe('abstain');
});

test.each<[JsonValue, boolean]>([
  ['de', true],
  [['de', 'en'], true],
  ['same', true],
  [null, true],
  ['german', false],
  [['same', 'de'], false],
  [[], false],
  [{}, false],
])('options %j', (options, isFine) => {
  expect(language.checkOptions(options) === null).toBe(isFine);
});

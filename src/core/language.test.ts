import { expect, test } from 'vitest';

import { languageOf } from './language.ts';

test.each([
  ['en', 'Fix the bug in this function: const x = foo(bar);'],
  ['de', 'Fasse diesen Vertrag zusammen.'],
  ['de', 'Wie spät ist es?'],
  ['fr', "Je voudrais savoir comment annuler ma commande, s'il vous plaît."],
  ['es', '¿Cuál es la capital de Francia?'],
  ['it', 'Riassumi questo contratto.'],
  ['pt', 'Você pode me ajudar com isso?'],
  ['nl', 'Schrijf een gedicht over de zee en de wind.'],
  ['sv', 'Jag vill avbeställa min beställning.'],
  ['pl', 'Podsumuj tę umowę.'],
  ['cs', 'Jaké je hlavní město Francie? Prosím o krátkou odpověď.'],
  ['tr', 'Siparişimi iptal etmek istiyorum.'],
  ['ru', 'Какая столица Франции?'],
  ['uk', 'Підсумуй цей договір.'],
  ['ar', 'ما هي عاصمة فرنسا؟'],
  ['fa', 'پایتخت فرانسه کجاست؟'],
  ['zh', '总结这份合同。'],
  ['ja', '契約を要約してください。'],
  ['ko', '이 계약을 요약해 주세요.'],
  ['hi', 'फ्रांस की राजधानी क्या है?'],
  ['el', 'Συνόψισε αυτό το συμβόλαιο.'],
  ['he', 'סכם את החוזה הזה.'],
  ['th', 'สรุปสัญญานี้'],
])('%s: %s', (language, text) => {
  expect(languageOf(text)).toBe(language);
});

test.each(['', '42', 'hello', 'foo(bar)', '!!!', '👋', 'Bonjour'])('what does not tell is undetermined: %j', (text) => {
  expect(languageOf(text)).toBe('und');
});

test('most of a text decides, not what it quotes', () => {
  const asked = 'What does this mean, and how would you say it in the other language? "Guten Tag, wie geht es Ihnen?"';
  expect(languageOf(asked)).toBe('en');
  expect(languageOf(`Please translate this for me: 你好`)).toBe('en');
});

const WORDS: readonly string[] =
  'intro budget kitchen garden harbour market village bridge orchard tower meadow station island'.split(' ');
const VERBS: readonly string[] = 'heard dismissed upheld joined split adjourned reviewed admitted struck'.split(' ');

/** Answers that repeat a lot and mean it: tables, code, lists, data, verse, forms. None of them has broken down. */
export const HONEST_REPETITION: readonly (readonly [name: string, text: string])[] = [
  [
    'a table of yes and no',
    table(['Feature', 'A', 'B', 'C', 'D'], 14, (n) => [`Feature ${n}`, 'Yes', 'No', 'Yes', 'Yes']),
  ],
  ['bare YAML', rows(60, (n) => `- name: item\n  value: ${n}\n  enabled: true\n  kind: service`)],
  ['a table of blanks', table(['Day', 'Morning', 'Noon', 'Evening'], 14, (n) => [`${n}`, 'n/a', 'n/a', 'n/a'])],
  ['a table of zeros', table(['Month', 'Sales', 'Returns', 'Stock'], 24, (n) => [`2026-${n}`, '0', '0', '0'])],
  ['a wide rule of a table', `| a | b |\n|${'-'.repeat(200)}|${'-'.repeat(200)}|\n| 1 | 2 |`],
  ['a ruler', `Title\n${'='.repeat(300)}\nText.`],
  ['dots of a table of contents', rows(20, (n) => `Chapter ${n} ${'.'.repeat(60)} ${n * 7}`)],
  ['a grid of a game', rows(20, () => '. . . . . . . . # . . . . . . . . .')],
  ['a bitmap', rows(16, () => '0 0 0 1 1 0 0 0 0 0 0 1 1 0 0 0')],
  ['ones and zeros', '01'.repeat(300)],
  ['a list of primes', Array.from({ length: 200 }, (_, n) => 2 * n + 1).join(', ')],
  ['a list of squares', rows(60, (n) => `${n}² = ${n * n}`)],
  ['a multiplication table', rows(60, (n) => `7 × ${n} = ${7 * n}`)],
  ['dates with amounts', rows(40, (n) => `2026-01-${10 + n},240.00,EUR,paid`)],
  ['CSV', `id,name,active\n${rows(40, (n) => `${n},user${n},true`)}`],
  ['CSV of the same values', `id,country,status\n${rows(40, (n) => `${n},Germany,active`)}`],
  ['JSON rows', `[\n${rows(25, (n) => `  {"id": ${n}, "name": "Item ${n}", "price": 10.0, "inStock": true},`)}\n]`],
  ['JSON with one value each', `{${Array.from({ length: 60 }, (_, n) => `"field_${n}": null`).join(', ')}}`],
  [
    'pretty JSON',
    JSON.stringify(
      Array.from({ length: 20 }, () => ({ type: 'string', nullable: true, default: null })),
      null,
      2,
    ),
  ],
  ['YAML', rows(20, (n) => `- name: service-${n}\n  replicas: 1\n  restart: always`)],
  ['SQL', rows(25, (n) => `INSERT INTO users (id, name, active) VALUES (${n}, 'user${n}', true);`)],
  ['HTML cells', `<table>\n<tr>\n${rows(14, () => '  <td class="empty"></td>')}\n</tr>\n</table>`],
  ['HTML list', `<ul>\n${rows(12, () => '  <li>List item</li>')}\n</ul>`],
  ['XML', rows(14, () => '<entry><status>active</status></entry>')],
  [
    'asserts in code',
    fenced(
      'python',
      rows(25, (n) => `    self.assertEqual(add(${n}, 1), ${n + 1})`),
    ),
  ],
  [
    'closing braces',
    fenced('js', `${rows(12, (n) => `${' '.repeat(n)}if (a${n}) {`)}\n${rows(12, (n) => `${' '.repeat(12 - n)}}`)}`),
  ],
  [
    'breaks of a switch',
    fenced(
      'c',
      rows(16, (n) => `    case ${n}:\n      handle(${n});\n      break;`),
    ),
  ],
  [
    'calls that are all the same',
    fenced(
      'js',
      rows(10, () => 'await page.keyboard.press("ArrowDown");'),
    ),
  ],
  [
    'no operation',
    fenced(
      'asm',
      rows(30, () => '    nop'),
    ),
  ],
  ['hexadecimal', rows(24, () => '0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,')],
  ['a path of an SVG', `<path d="${'M0 0 L10 10 '.repeat(40)}"/>`],
  ['base64 of zeros', 'A'.repeat(700)],
  ['a checklist', rows(16, (n) => `- [ ] Step ${n}`)],
  ['a checklist to fill in', rows(12, (n) => `${n}. ____________________________`)],
  ['blank fields', rows(12, () => 'Name: ____________________')],
  ['a refrain', verses('Oh, carry me over the river tonight', 5)],
  [
    'a line three times over',
    'Row on, row on, my weary friend,\nRow on, row on, my weary friend,\nRow on, row on, my weary friend,\nand see the river bend.',
  ],
  ['laughter', 'Ha ha ha ha ha ha ha ha ha, that was a good one.'],
  ['a cheer', 'Go go go go go! We did it!'],
  [
    'questions and the same answer',
    rows(12, (n) => `Q${n}: Does plan ${n} include support by phone on working days?\nA: Yes, it does.`),
  ],
  [
    'steps of the same form',
    rows(10, (n) => `${n}. Open the ${WORDS[n] ?? ''} page, choose "Edit", change the value and save it.`),
  ],
  ['an agenda', rows(12, (n) => `### ${8 + n}:00\n\nTopic: ${WORDS[n] ?? ''}\nOwner: to be decided\n`)],
  ['minutes', rows(12, (n) => `**${WORDS[n] ?? ''}**: agreed. Action: none. Next review: in one month.`)],
  [
    'a glossary',
    rows(
      12,
      (n) => `- **${WORDS[n] ?? ''}**: a thing that is known by the name of ${WORDS[n + 1] ?? ''} in other places.`,
    ),
  ],
  ['an outline', rows(12, (n) => `${n}.1 Introduction\n${n}.2 Methods\n${n}.3 Results\n${n}.4 Discussion`)],
  [
    'a name that comes often',
    rows(9, (n) => `The European Court of Human Rights ${VERBS[n] ?? ''} the claim of the ${WORDS[n] ?? ''}.`),
  ],
  [
    'legal clauses',
    rows(
      9,
      (n) =>
        `${n}. The Supplier shall not be liable for any ${WORDS[n] ?? ''} arising out of or in connection with clause ${n + 3}.`,
    ),
  ],
  [
    'a conjugation',
    ['I am going', 'you are going', 'he is going', 'we are going', 'you are going', 'they are going'].join('\n'),
  ],
  [
    'a diff',
    fenced(
      'diff',
      rows(20, (n) => `-  value: ${n}\n+  value: ${n + 1}`),
    ),
  ],
  ['a log', rows(16, (n) => `2026-11-22T10:00:${10 + n}Z INFO worker started id=${n} queue=default`)],
  ['a progress bar', rows(10, (n) => `[${'#'.repeat(n * 3)}${' '.repeat(30 - n * 3)}] ${n * 10}%`)],
  ['chemical formulae', `${'CH2-'.repeat(60)}CH3`],
  ['a sequence of DNA', 'ATATATATCGCGATATATAT'.repeat(20)],
  ['a knitting pattern', rows(14, (n) => `Row ${n}: knit 2, purl 2, knit 2, purl 2, knit 2, purl 2, turn.`)],
  ['a drum pattern', rows(8, () => 'x---x---x---x---|--x---x---x---x-')],
  ['emoji', '🎉'.repeat(30)],
  ['an acrostic of one word', Array.from('welcome', (letter) => `${letter.toUpperCase()} is for ${letter}`).join('\n')],
];

/** Answers that have broken down, and the kind of it. */
export const BROKEN_DOWN: readonly (readonly [name: string, text: string])[] = [
  ['a sentence for ever', `The contract is valid. ${'The seller must deliver the goods on time. '.repeat(12)}`],
  ['a phrase for ever', `It depends ${'on the context of the question and '.repeat(20)}`],
  ['a word for ever', `The answer is ${'important '.repeat(40)}`],
  ['a line for ever', `Here is the list:\n${rows(8, () => '- Check the settings of the router')}`],
  [
    'a paragraph for ever',
    `First.\n\n${'You can open the settings, choose the account and press on save to keep it.\n\n'.repeat(6)}`,
  ],
  ['two sentences in turn', 'I hope this helps. Let me know if you have questions. '.repeat(10)],
  [
    'numbered, but the same',
    rows(40, (n) => `${n}. Be sure to check the settings of the router and of the modem again.`),
  ],
  ['the same in Chinese', '我们需要更多的信息来回答这个问题，请提供更多细节。'.repeat(10)],
  ['the same in Japanese', 'この質問に答えるためには、より多くの情報が必要です。'.repeat(10)],
  ['zeros for ever', `0.${'0'.repeat(1900)}`],
  ['line breaks for ever', `Done.${'\n'.repeat(1900)}`],
  [
    'code for ever',
    fenced(
      'js',
      rows(40, () => 'const result = await fetchData(url, options);'),
    ),
  ],
  [
    'a loop inside that ends',
    `${'The seller must deliver the goods on time. '.repeat(20)}${rows(40, (n) => `Then ${WORDS[n % 12] ?? ''} ${VERBS[n % 9] ?? ''} ${n} ${WORDS[(n * 7) % 12] ?? ''}.`)}`,
  ],
];

function rows(count: number, row: (n: number) => string): string {
  return Array.from({ length: count }, (_, index) => row(index)).join('\n');
}

function table(head: readonly string[], count: number, row: (n: number) => readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), rows(count, (n) => line(row(n)))].join('\n');
}

function fenced(language: string, code: string): string {
  return `Here it is:\n\n\`\`\`${language}\n${code}\n\`\`\`\n`;
}

function verses(refrain: string, count: number): string {
  return rows(count, (n) => `The ${WORDS[n] ?? ''} is dark and the ${WORDS[n + 2] ?? ''} is cold,\n${refrain}.\n`);
}

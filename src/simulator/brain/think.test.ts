import { describe, expect, test } from 'vitest';

import type { OfferedTool, Question } from '../question.ts';
import { personaOf } from '../persona.ts';
import { randomFrom } from '../random.ts';
import type { Draft } from '../reply.ts';
import { sourcesIn } from './legal.ts';
import { sentencesOf } from './text.ts';
import { compose } from './think.ts';

const STYLE = personaOf('openai', 'gpt-4o', 'gpt-4o').style;
const ARTICLE =
  'The harbour bridge opened in 1932 after nine years of work. It carries rail, road and foot traffic. Engineers floated the arch halves out by barge. ' +
  'Critics such as Dr. Lee said the bridge cost too much. Today the bridge is the most photographed structure in the city.';
const LEGAL =
  'Is the landlord liable for the flood? In Marsh v. Ellery (1994) the court held that a landlord who knows of a defect must repair it. ' +
  'Under § 536 BGB the rent is reduced while the defect lasts. The flood began in May [1].';

function question(prompt: string, more: Partial<Question> = {}): Question {
  return {
    system: '',
    turns: [{ role: 'user', text: prompt, images: [] }],
    tools: [],
    toolUse: { mode: 'auto' },
    parallelCalls: true,
    format: { type: 'text' },
    maxTokens: null,
    stop: [],
    reasoning: 'none',
    choices: 1,
    stream: false,
    streamUsage: false,
    logprobs: false,
    ...more,
  };
}

function draft(asked: Question, faults: { readonly invent?: boolean; readonly malformed?: number | null } = {}): Draft {
  return compose(asked, STYLE, randomFrom('test'), {
    invent: faults.invent ?? false,
    malformed: faults.malformed ?? null,
  });
}

const say = (prompt: string, more?: Partial<Question>): string => draft(question(prompt, more)).text;

describe('summaries', () => {
  test.each([
    ['in one sentence', 1],
    ['in two sentences', 2],
    ['in 4 sentences', 4],
  ])('%s, each from the text', (wish, count) => {
    const sentences = sentencesOf(say(`Summarize this ${wish}:\n\n${ARTICLE}`));
    expect(sentences).toHaveLength(count);
    for (const sentence of sentences) expect(ARTICLE).toContain(sentence);
  });

  test('as bullets', () => {
    expect(
      say(`Summarize in 3 bullet points: ${ARTICLE}`)
        .split('\n')
        .every((line) => line.startsWith('- ')),
    ).toBe(true);
  });

  test('when the system prompt asks for them', () => {
    expect(ARTICLE).toContain(say(ARTICLE, { system: 'Summarize what the user sends in one sentence.' }));
  });
});

describe('law', () => {
  test('cites what is supplied and nothing else', () => {
    const answer = say(LEGAL);
    expect(answer).toContain('Marsh v. Ellery (1994)');
    expect(answer).toContain('§ 536 BGB');
    for (const source of sourcesIn(answer)) expect(LEGAL).toContain(source);
  });

  test('cites nothing where nothing is supplied', () => {
    const answer = say('May the tenant withhold rent under German law?');
    expect(sourcesIn(answer)).toEqual([]);
    expect(answer).toContain('No source is supplied');
  });

  test('invents a case when it is to', () => {
    const invented = sourcesIn(draft(question(LEGAL), { invent: true }).text).filter(
      (source) => !LEGAL.includes(source),
    );
    expect(invented).toHaveLength(1);
    expect(invented[0]).toMatch(/^\w+ v\. \w+ Shipping Co\., \d+ F\.3d \d+ \(.*\d{4}\)$/);
  });

  test('invents inside JSON without breaking it', () => {
    const schema = {
      type: 'object',
      properties: { answer: { type: 'string' }, citations: { type: 'array', items: { type: 'string' } } },
      required: ['answer', 'citations'],
    };
    const answer = draft(question(LEGAL, { format: { type: 'json_schema', schema } }), { invent: true }).text;
    expect(JSON.stringify(JSON.parse(answer))).toMatch(/Shipping Co\./);
  });
});

describe('tools', () => {
  const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  const weather: OfferedTool = { name: 'get_weather', description: 'Current weather for a city', parameters: city };
  const time: OfferedTool = { name: 'local_time', description: 'Local time in a city', parameters: city };
  const add: OfferedTool = {
    name: 'add_numbers',
    description: 'Add two numbers',
    parameters: {
      type: 'object',
      properties: { values: { type: 'array', items: { type: 'number' } } },
      required: ['values'],
    },
  };
  const calls = (prompt: string, more: Partial<Question> = {}): readonly string[] =>
    draft(question(prompt, { tools: [weather, time, add], ...more })).calls.map(
      (call) => `${call.name}${call.arguments}`,
    );

  test.each([
    ['What is the weather in Paris?', ['get_weather{"city":"Paris"}']],
    [
      'What is the weather in Paris, Rome and New York?',
      ['get_weather{"city":"Paris"}', 'get_weather{"city":"Rome"}', 'get_weather{"city":"New York"}'],
    ],
    ["What's the weather in Oslo and the time in Tokyo?", ['get_weather{"city":"Oslo"}', 'local_time{"city":"Tokyo"}']],
    ['Add the numbers 3 and 4', ['add_numbers{"values":[3,4]}']],
    ['Tell me a joke', []],
    ['Who painted the ceiling?', []],
  ])('%s', (prompt, expected) => {
    expect(calls(prompt)).toEqual(expected);
  });

  test('the choice is obeyed', () => {
    expect(calls('What is the weather in Paris?', { toolUse: { mode: 'none' } })).toEqual([]);
    expect(calls('What is the weather in Paris?', { toolUse: { mode: 'named', name: 'local_time' } })).toEqual([
      'local_time{"city":"Paris"}',
    ]);
    expect(calls('Tell me a joke', { toolUse: { mode: 'required' } })).toHaveLength(1);
    expect(calls('What is the weather in Paris and Rome?', { parallelCalls: false })).toEqual([
      'get_weather{"city":"Paris"}',
    ]);
  });

  test('after results it answers from them, in JSON too', () => {
    const call = { id: 'c', name: 'get_weather', arguments: '{"city":"Paris"}' };
    const turns: Question['turns'] = [
      { role: 'user', text: 'What is the weather in Paris?', images: [] },
      { role: 'assistant', text: '', calls: [call] },
      { role: 'tool', text: '{"celsius": 21, "sky": "clear"}', call },
    ];
    expect(draft(question('', { turns, tools: [weather] }))).toMatchObject({
      calls: [],
      text: 'Paris: celsius: 21, sky: clear.',
    });
    const schema = {
      type: 'object',
      properties: { celsius: { type: 'number' }, sky: { type: 'string' } },
      required: ['celsius', 'sky'],
    };
    expect(JSON.parse(draft(question('', { turns, format: { type: 'json_schema', schema } })).text)).toEqual({
      celsius: 21,
      sky: 'clear',
    });
  });
});

describe('JSON', () => {
  test.each<readonly [string, Partial<Question>, unknown]>([
    [
      'Invoice 118 from 3 chairs, 240 EUR. Answer in JSON.',
      {},
      { invoice: '118', total: 240, currency: 'EUR', items: [{ quantity: 3, item: 'chairs' }] },
    ],
    [
      'Give JSON with the keys name, age and city: Kim is 34 years old and lives in Lyon.',
      {},
      { name: 'Kim', age: 34, city: 'Lyon' },
    ],
    [
      'Answer in the JSON format {"total": 0, "currency": "USD"}. Invoice 118, 240 EUR',
      {},
      { total: 240, currency: 'EUR' },
    ],
    ['name: Ada\nage: 36', { format: { type: 'json_object' }, system: 'json' }, { name: 'Ada', age: 36 }],
    [
      'Invoice 118, 240 EUR',
      {
        system: 'Fit this JSON Schema: {"type":"object","properties":{"total":{"type":"number"}},"required":["total"]}',
      },
      { total: 240 },
    ],
  ])('%s', (prompt, more, expected) => {
    expect(JSON.parse(say(prompt, more))).toEqual(expected);
  });

  test('prose where no JSON is asked for', () => {
    expect(say('Invoice 118 from 3 chairs, 240 EUR')).toBe('The text says: invoice 118; amount 240 EUR; 3 chairs.');
  });

  test.each([0, 1, 2, 3])('broken in way %d', (malformed) => {
    const answer = draft(question('Invoice 118, 240 EUR. Answer in JSON.'), { malformed }).text;
    expect(() => JSON.parse(answer) as unknown).toThrow(SyntaxError);
    expect(answer).toContain('"invoice"');
  });

  test('prose is not broken', () => {
    expect(draft(question('Say hello'), { malformed: 0 }).text).toBe('hello');
  });
});

describe('the rest', () => {
  test.each([
    ['Hello!', /^Hello/],
    ['Say hello', /^hello$/],
    ['Reply with exactly: pong', /^pong$/],
    ['Repeat "two words"', /^two words$/],
    ['What is 17 * 23?', /391$/],
    ['Kim is 34. Her brother Theo is 29. How old is Theo?', /^Her brother Theo is 29\.$/],
    ['Write a poem about lighthouses', /lighthouses/],
    ['Write three slogans for coffee roasters', /Coffee/],
    ['Tell me a joke about turnips', /turnips/],
    ['Who wrote this?', /knows only what the prompt says/],
    ['', /\w/],
  ])('%j', (prompt, expected) => {
    expect(say(prompt)).toMatch(expected);
  });

  test('a question about an earlier turn', () => {
    const turns: Question['turns'] = [
      { role: 'user', text: 'The password of the day is heron. Remember it.', images: [] },
      { role: 'assistant', text: 'I will.', calls: [] },
      { role: 'user', text: 'What is the password?', images: [] },
    ];
    expect(draft(question('', { turns })).text).toContain('heron');
  });

  test('reasoning only where it is asked for', () => {
    expect(draft(question('Say hello')).reasoning).toBe('');
    expect(draft(question('Say hello', { reasoning: 'shown' })).reasoning).toMatch(/prompt/);
  });

  test('a long text is answered in good time', () => {
    const long = `${ARTICLE} `.repeat(400);
    const schema = {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 30 }, (_, index) => [
          `field_${index}_total`,
          { type: index % 2 === 0 ? 'number' : 'string' },
        ]),
      ),
    };
    const before = performance.now();
    say(`Summarize: ${long}`);
    say(long, { format: { type: 'json_schema', schema } });
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

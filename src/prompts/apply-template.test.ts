import { describe, expect, test } from 'vitest';

import { adapted, told, user } from '../../test/support/adapted-prompt.ts';
import { testDeployment, testRoute } from '../../test/support/deployment.ts';
import { promptTemplate } from '../../test/support/prompt-template.ts';
import { withoutContent } from '../core/adjustment.ts';
import type { Deployment, DocumentForm } from '../core/deployment.ts';
import type { JsonObject } from '../core/json.ts';
import { anthropic } from '../providers/anthropic/provider.ts';
import { deepseek } from '../providers/deepseek/provider.ts';
import { google } from '../providers/google/provider.ts';
import { openai } from '../providers/openai/provider.ts';
import { modelScope } from './model-scope.ts';

const GPT = testDeployment(openai, 'gpt-4o');
const CLAUDE = testDeployment(anthropic, 'claude-haiku-4-5');
const GEMINI = testDeployment(google, 'gemini-2.5-flash');
const DEEPSEEK = testDeployment(deepseek, 'deepseek-chat');

function withForm(deployment: Deployment, documents: DocumentForm): Deployment {
  return { ...deployment, prompt: { ...deployment.prompt, documents } };
}

const TEMPLATE = `You advise on {{ route }}.

--- example ---
input: One?
output: Yes [1].
--- context ---
{{ documents }}
--- user ---
{{ user }}
--- format ---
Plain text.
`;

describe('the form of each family', () => {
  const asked = { messages: [{ role: 'system', content: 'House.' }, user('First paper.', 'Who is right?')] };

  test('OpenAI and DeepSeek: headings, examples as turns, the order of the template', () => {
    for (const deployment of [GPT, DEEPSEEK]) {
      expect(told(adapted(TEMPLATE, deployment, asked))).toEqual([
        ['system', '# Instructions\n\nYou advise on task.\n\n# Format\n\nPlain text.'],
        ['system', 'House.'],
        ['user', 'One?'],
        ['assistant', 'Yes [1].'],
        ['user', '# Context\n\n## Document 1\n\nFirst paper.\n\n# Request\n\nWho is right?'],
      ]);
    }
  });

  test('Claude: tags, examples in the system section, documents first and the request last', () => {
    const reordered = TEMPLATE.replace('--- context ---\n{{ documents }}\n', '') + '--- context ---\n{{ documents }}\n';
    for (const template of [TEMPLATE, reordered]) {
      expect(told(adapted(template, CLAUDE, asked))).toEqual([
        [
          'system',
          '<instructions>\nYou advise on task.\n</instructions>\n\n<examples>\n<example>\n<input>\nOne?\n</input>\n<output>\nYes [1].\n</output>\n</example>\n</examples>\n\n<format>\nPlain text.\n</format>',
        ],
        ['system', 'House.'],
        [
          'user',
          '<context>\n<document index="1">\n<document_content>\nFirst paper.\n</document_content>\n</document>\n</context>\n\n<request>\nWho is right?\n</request>',
        ],
      ]);
    }
  });

  test('Gemini: headings, examples as turns, documents first', () => {
    const template = '--- user ---\n{{ user }}\n--- context ---\n{{ documents }}';
    expect(told(adapted(template, GEMINI, asked)).at(-1)).toEqual([
      'user',
      '# Context\n\n## Document 1\n\nFirst paper.\n\n# Request\n\nWho is right?',
    ]);
  });

  test('`documents` of the model decides over its family', () => {
    const template = '{{ documents }}';
    const xml = '<document index="1">\n<document_content>\nFirst paper.\n</document_content>\n</document>';
    expect(told(adapted(template, withForm(GPT, 'xml'), asked)).at(-1)).toEqual(['user', xml, 'Who is right?']);
    const heading = '## Document 1\n\nFirst paper.';
    expect(told(adapted(template, withForm(CLAUDE, 'markdown'), asked)).at(-1)).toEqual([
      'user',
      heading,
      'Who is right?',
    ]);
    const examples = '--- example ---\ninput: a\noutput: b';
    expect(told(adapted(examples, withForm(CLAUDE, 'markdown'), asked))[0]?.[1]).toBe(
      '# Examples\n\n## Example 1\n\nInput:\na\n\nOutput:\nb',
    );
  });
});

describe('what the client sent', () => {
  test('is kept where the template does not speak of it, the very same objects', () => {
    const asked = {
      messages: [
        user('One.'),
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c', content: 'ok' },
        user('Two.'),
      ],
    };
    const result = adapted('Be brief.', GPT, asked);
    expect(told(result)[0]).toEqual(['system', 'Be brief.']);
    expect(result.messages.slice(1)).toEqual(result.request.messages);
    expect(result.messages.slice(1).every((message, index) => message === result.request.messages[index])).toBe(true);
  });

  test('stands in the template alone where that repeats it, and beside it where it does not', () => {
    const asked = {
      messages: [{ role: 'system', content: 'House.' }, { role: 'developer', content: 'Rules.' }, user('Hi.')],
    };
    expect(told(adapted('Follow this: {{ system }}', GPT, asked))).toEqual([
      ['system', 'Follow this: House.\n\nRules.'],
      ['user', 'Hi.'],
    ]);
    expect(told(adapted('{{ system | truncate: 5 }}', GPT, asked))).toEqual([
      ['system', 'Ho...'],
      ['system', 'House.'],
      ['developer', 'Rules.'],
      ['user', 'Hi.'],
    ]);
    const seldom = '--- user ---\n{% if documents.size > 0 %}{{ user }}{% else %}No documents.{% endif %}';
    expect(told(adapted(seldom, GPT, asked)).at(-1)).toEqual(['user', 'No documents.', 'Hi.']);
    const shouted = '--- user ---\n{{ user | upcase }}';
    expect(told(adapted(shouted, GPT, asked)).at(-1)).toEqual(['user', 'HI.', 'Hi.']);
  });

  test('images stay in their turn, in their order; text files are documents, other files are not', () => {
    const image = { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'low' } };
    const file = (mediaType: string, text: string): JsonObject => ({
      type: 'file',
      file: { filename: 'a.txt', file_data: `data:${mediaType};base64,${Buffer.from(text).toString('base64')}` },
    });
    const content = [
      image,
      file('text/plain', 'Paper.'),
      file('application/pdf', '%PDF'),
      { type: 'text', text: 'Hi?' },
    ];
    const template = 'Be brief.\n--- user ---\n{{ documents }}\nQ: {{ user }}';
    const result = adapted(template, GPT, { messages: [{ role: 'user', content }] });
    expect(told(result).at(-1)).toEqual(['user', 'image', 'file', '## Document 1: a.txt\n\nPaper.\nQ: Hi?']);
    const body = openai.encode(result, GPT).body.toString('utf8');
    expect(body).toContain('"detail":"low"');
    expect(body).toContain('application/pdf');
  });

  test('a conversation without a turn of the user is given one', () => {
    const asked = { messages: [{ role: 'system', content: 'House.' }] };
    expect(told(adapted('--- context ---\nPapers: {{ documents }}', GPT, asked))).toEqual([
      ['system', 'House.'],
      ['user', '# Context\n\nPapers:'],
    ]);
  });

  test('what nobody knows in a turn that is written anew is told to be dropped, and so are marks for a cache', () => {
    const part = { type: 'text', text: 'Hi.', prompt_cache_breakpoint: { mode: 'explicit' } };
    const asked = { messages: [{ role: 'user', content: [part], mood: 'glad' }] };
    const { adjustments } = adapted('--- user ---\nQ: {{ user }}', GPT, asked);
    const dropped = adjustments
      .filter(({ kind }) => kind === 'dropped')
      .map(({ param, asked: had, at }) => [param, had, at]);
    expect(dropped).toEqual([
      ['messages[0].content[0].prompt_cache_breakpoint', true, 'prompts/task.md:1'],
      ['messages[0].mood', 'glad', 'prompts/task.md:1'],
    ]);
  });
});

describe('every part is an adjustment with its line', () => {
  const asked = { messages: [{ role: 'system', content: 'House.' }, user('Secret paper.', 'Who?')] };
  const template = `${TEMPLATE}--- instruction ---\n{{ system }} applies.`;

  test('told in full where the operator wrote it, by its hash where the client did', () => {
    const { adjustments } = adapted(template, GPT, asked);
    const shown = adjustments.map(({ param, sent, kind, reason, at }) => [param, sent, kind, reason, at]);
    const of = (part: string): string => `${part} of the template (candor.yaml:9)`;
    expect(shown).toEqual([
      ['messages', 'You advise on task.', 'rewritten', of('instruction'), 'prompts/task.md:1'],
      ['messages', { input: 'One?', output: 'Yes [1].' }, 'rewritten', of('example'), 'prompts/task.md:3'],
      ['messages', 'Plain text.', 'rewritten', of('format'), 'prompts/task.md:10'],
      ['messages[0].content', 'House. applies.', 'rewritten', of('instruction'), 'prompts/task.md:12'],
      ['messages[1].content[0]', '## Document 1\n\nSecret paper.', 'rewritten', of('context'), 'prompts/task.md:6'],
      ['messages[1].content[0]', 'Who?', 'rewritten', of('user'), 'prompts/task.md:8'],
    ]);
    const kept = JSON.stringify(adjustments.map(withoutContent));
    expect(kept).toContain('Plain text.');
    for (const secret of ['House', 'Secret', 'Who?']) expect(kept).not.toContain(secret);
  });

  test('the hash is of the files and the form, not of the request', () => {
    const first = adapted(template, GPT, asked).template;
    expect(adapted(template, GPT, { messages: [user('Else.')] }).template).toBe(first);
    const route = testRoute([GPT], { prompts: [promptTemplate(template)] });
    expect(modelScope(GPT, route, false)).toEqual({
      model: 'gpt-4o',
      snapshot: 'gpt-4o',
      template: first,
      params: null,
    });
    const others = [
      adapted(`${template} `, GPT, asked),
      adapted(template, CLAUDE, asked),
      adapted(template, withForm(GPT, 'xml'), asked),
      adapted(template, { ...GPT, prompt: { ...GPT.prompt, append: { text: 'a', at: 'a' } } }, asked),
    ];
    expect(new Set([first, ...others.map(({ template: hash }) => hash)]).size).toBe(others.length + 1);
  });

  test('a model without texts has no hash, and rules of parameters have one of their own', () => {
    const rule = { defaultValue: undefined, min: null, max: 0.3, set: undefined, at: 'candor.yaml:4' };
    const capped = testRoute([GPT], { params: new Map([['temperature', rule]]) });
    expect(modelScope(GPT, null, false)).toMatchObject({ template: null, params: null });
    const moved = testRoute([GPT], { params: new Map([['temperature', { ...rule, at: 'candor.yaml:5' }]]) });
    expect(modelScope(GPT, capped, false).params).toBe(modelScope(GPT, moved, false).params);
    const other = testRoute([GPT], { params: new Map([['temperature', { ...rule, max: 0.4 }]]) });
    expect(modelScope(GPT, capped, false).params).not.toBe(modelScope(GPT, other, false).params);
  });
});

test('a template that this request makes fail ends the request, and says where', () => {
  const template = '{% assign a = user %}{% for i in (1..40) %}{% assign a = a | append: a %}{% endfor %}{{ system }}';
  expect(() =>
    adapted(template.replace('1..40', '1..documents.size'), GPT, {
      messages: [user(...Array.from({ length: 41 }, () => 'a'))],
    }),
  ).toThrow(/The template at prompts\/task\.md:1 cannot be filled in for this request: memory alloc limit/);
});

import { describe, expect, test } from 'vitest';

import { decodeClientBody } from '../../test/support/deployment.ts';
import { answer, PLAIN, steps, TERMS } from '../../test/support/judging.ts';
import type { Answer } from '../core/answer.ts';
import { judge } from './run.ts';

const CALL = { id: 'c', name: 'f', arguments: '{}' };

describe('tool calls', () => {
  const calling = (...args: readonly string[]): Answer =>
    answer({ text: null, toolCalls: args.map((text) => ({ ...CALL, arguments: text })), finishReason: 'tool_calls' });

  test('with arguments that are not JSON are delivered as they are, and marked', async () => {
    const broken = calling('{}', '{"a":');
    const judgement = await judge(broken, PLAIN, null, steps(), TERMS);
    expect(judgement).toMatchObject({ accepted: true, validation: { status: 'failed' } });
    expect(judgement.answer).toBe(broken);
    expect(judgement.validation.verdicts[0]?.reason).toBe('the arguments of tool_calls[1] (f) are not JSON');
  });

  test.each([['{"a":1}'], ['']])('with arguments `%s` have nothing wrong', async (text) => {
    expect((await judge(calling(text), PLAIN, null, steps(), TERMS)).validation.status).toBe('none');
  });

  test('of a custom tool are free text', async () => {
    const custom = answer({ text: null, toolCalls: [{ ...CALL, kind: 'custom', arguments: 'SELECT 1' }] });
    expect((await judge(custom, PLAIN, null, steps(), TERMS)).validation.status).toBe('none');
  });

  test('come one at a time where the client says so', async () => {
    const serial = decodeClientBody({
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      tools: [{ type: 'function', function: { name: 'f' } }],
      parallel_tool_calls: false,
    });
    expect(await judge(calling('{}', '{}'), serial, null, steps(), TERMS)).toMatchObject({
      accepted: false,
      rejected: { validator: 'parallel_tool_calls', reason: 'the model called 2 tools at once' },
    });
    expect((await judge(calling('{}'), serial, null, steps(), TERMS)).accepted).toBe(true);
    expect((await judge(calling('{}', '{}'), PLAIN, null, steps(), TERMS)).accepted).toBe(true);
  });
});

import { clientPath, usesFunctions } from '../core/chat.ts';
import type { Attempt } from './attempt.ts';

const OUTPUT_CAPS = ['max_tokens', 'max_completion_tokens'] as const;

/** What the client calls the parameter that a vendor objects to; `null` where the vendor names none, or one that the client has no part in. */
export function clientParam(attempt: Attempt): string | null {
  const param = attempt.failed?.upstream?.param ?? null;
  if (param === null) return null;
  const { request, messages } = attempt.adapted;
  const [, index, rest = ''] = /^messages\[(\d+)\](.*)$/.exec(param) ?? [];
  if (index !== undefined) {
    const path = messages[Number(index)]?.path ?? null;
    return path !== null && request.dialect === 'openai-chat' ? path + rest : path;
  }
  if ((OUTPUT_CAPS as readonly string[]).includes(param)) {
    const asked = OUTPUT_CAPS.find((cap) => request.parameters[cap] !== undefined);
    return asked === undefined ? null : clientPath(request, asked);
  }
  if (usesFunctions(request)) return param.replace(/^tools(\[\d+\])\.function/, 'functions$1');
  return clientPath(request, param);
}

import type { ProtocolName } from '../fault-cases.ts';
import { body, eventStream, type Script } from '../raw-upstream.ts';
import { streamOf, WORDS, wholeAnswer } from './vendor-wire.ts';

/** Answers as a vendor does that is well: a stream where one is asked for. */
export function healthy(protocol: ProtocolName, words: readonly string[] = WORDS): Script {
  const whole = body(wholeAnswer(protocol, { text: words.map((word) => `${word} `).join('') }));
  const stream = eventStream(streamOf(protocol, words).events, 'clean');
  return (socket, request) => {
    const isStream = /^POST \S*:streamGenerateContent/.test(request.head) || /"stream": ?true/.test(request.body);
    (isStream ? stream : whole)(socket, request);
  };
}

// What every client is asked to do, and what must come of it. A client turns each task into calls of its own SDK and gives
// back what an application would see, in one common shape; the checks here know nothing of any SDK.
import assert from 'node:assert/strict';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const TASKS = {
  system: 'You answer from the text alone.',
  question:
    'When did the bridge open? Text: The Sydney Harbour Bridge opened in March 1932. It carries trains and cars.',
  weather: 'What is the weather in Paris and Berlin?',
  weatherTool: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', description: 'Name of the city' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
  degrees: { Paris: 21, Berlin: 17 },
  extraction: 'Extract the invoice as JSON: Invoice 118 of 2026-03-04 for 3 chairs, 240 EUR in all.',
  schema: {
    type: 'object',
    properties: {
      number: { type: 'string' },
      chairs: { type: 'integer' },
      total: { type: 'number' },
      currency: { type: 'string', enum: ['EUR', 'USD'] },
    },
    required: ['number', 'chairs', 'total', 'currency'],
    additionalProperties: false,
  },
  story: `Say "${'one two three four five six seven eight nine ten '.repeat(4).trim()}"`,
  describe: 'What is in this picture?',
  image: { mediaType: 'image/png', base64: PIXEL, dataUrl: `data:image/png;base64,${PIXEL}` },
  /** The fewest that every protocol takes. */
  outputTokens: 16,
};

/** Scenarios a client may not answer with a refusal: every vendor can do them, if need be with Candor's help. */
export const NEVER_REFUSED = ['text', 'stream', 'tools', 'structured', 'length', 'abort'];

/** What must be true of what the application saw, by scenario. */
export const CHECKS = {
  text(seen) {
    assert.match(seen.text, /1932/);
    assert.equal(seen.finish, 'stop');
  },
  stream(seen) {
    assert.match(seen.text, /1932/);
    assert.ok(seen.pieces > 1, 'the text came in one piece');
    assert.equal(seen.finish, 'stop');
  },
  tools(seen) {
    assert.deepEqual(seen.calls, [
      { name: 'get_weather', arguments: { city: 'Paris' } },
      { name: 'get_weather', arguments: { city: 'Berlin' } },
    ]);
    assert.equal(new Set(seen.ids).size, 2);
    assert.match(seen.text, /Paris[^.]*21/);
    assert.match(seen.text, /Berlin[^.]*17/);
  },
  structured(seen) {
    assert.deepEqual(seen.value, { number: '118', chairs: 3, total: 240, currency: 'EUR' });
  },
  image(seen) {
    assert.ok(seen.text.length > 0, 'nothing was said of the picture');
  },
  refusal(seen) {
    assert.equal(seen.refused, true);
  },
  length(seen) {
    assert.equal(seen.finish, 'length');
  },
  error(seen) {
    assert.deepEqual({ status: seen.status, calls: seen.calls }, { status: 503, calls: 1 });
    assert.match(seen.message, /overloaded|503/);
  },
  abort(seen) {
    assert.ok(seen.pieces > 0, 'nothing came before the abort');
    assert.equal(seen.ended, 'aborted');
  },
  provenance(seen, asked) {
    assert.equal(seen.servedBy, asked.deployment);
    assert.equal(seen.generation.startsWith('gen_'), true);
  },
};

export const SCENARIOS = Object.keys(CHECKS);

/** Adds up what a tool would have answered. */
export function runWeather({ city }) {
  return JSON.stringify({ degrees: TASKS.degrees[city] });
}

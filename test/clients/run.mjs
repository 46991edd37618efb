// Runs every scenario of one client against one model of a gateway that is already there, and prints what came of each as one
// line of JSON. Usage: node run.mjs '{"client","baseUrl","model","provider","deployment"}'
import { anthropic } from './anthropic.mjs';
import { google } from './google.mjs';
import { langChain } from './langchain.mjs';
import { openAiChat } from './openai-chat.mjs';
import { openAiResponses } from './openai-responses.mjs';
import { CHECKS, SCENARIOS } from './scenarios.mjs';
import { vercel } from './vercel.mjs';

const SCENARIO_MS = 20_000;
const job = JSON.parse(process.argv[2] ?? '{}');

const openAi = async (version) => (await import(version)).default;
const CLIENTS = {
  'openai 6, chat': async (to) => openAiChat(await openAi('openai'), to),
  'openai 6, responses': async (to) => openAiResponses(await openAi('openai'), to),
  'openai 7, chat': async (to) => openAiChat(await openAi('openai-7'), to),
  'openai 7, responses': async (to) => openAiResponses(await openAi('openai-7'), to),
  anthropic,
  google,
  'ai, chat': (to) => vercel('chat', to),
  'ai, responses': (to) => vercel('responses', to),
  langchain: langChain,
};

/** Counts the requests an SDK makes, so that its own retries show. */
function countCalls() {
  const original = globalThis.fetch;
  let count = 0;
  const counting = (...args) => {
    count++;
    return original(...args);
  };
  return {
    fetch: counting,
    replaceGlobalFetch: () => (globalThis.fetch = counting),
    reset: () => (count = 0),
    count: () => count,
  };
}

/** The code by which Candor refused, wherever the SDK has put it; `null` when it was no refusal of Candor's. */
function refusalCode(error) {
  const text = [error?.code, error?.message, error?.responseBody, JSON.stringify(error?.error ?? null)].join(' ');
  return /\b(unsupported_parameter|unsupported_value|not_supported)\b/.exec(text)?.[1] ?? null;
}

async function runOne(client, scenario, counted) {
  counted.reset();
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${SCENARIO_MS} ms`)), SCENARIO_MS);
  });
  try {
    const seen = await Promise.race([client[scenario](), late]);
    CHECKS[scenario](seen, job);
    return { outcome: 'ok' };
  } catch (error) {
    const code = refusalCode(error);
    if (code !== null) return { outcome: 'refused', code };
    return { outcome: 'failed', why: String(error?.message ?? error).slice(0, 600) };
  } finally {
    clearTimeout(timer);
  }
}

const make = CLIENTS[job.client];
if (make === undefined) throw new Error(`there is no client ${job.client}`);
const counted = countCalls();
const client = await make({ ...job, counted });
const results = {};
for (const scenario of SCENARIOS) results[scenario] = await runOne(client, scenario, counted);
process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));

// The OpenAI Node SDK: the same call, made to the scripted upstream and through the gateway, gives the same.
//
//     node gateway_sdk.mjs '{"upstream": URL, "gateway": URL, "key": KEY}'
//
// gateway_sdk.py starts both ends and this; it needs the package `openai` beside it. Exits with 1 if a check failed.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import OpenAI, { toFile } from "openai";

const given = JSON.parse(process.argv[2]);
const SIDES = [
  { url: given.upstream, key: "sk-direct" },
  { url: given.gateway, key: given.key },
];
// A client's patience, and the longest until the upstream may see that it has hung up, in milliseconds.
const PATIENCE_MS = 10_000;
const HANG_UP_WITHIN_MS = 2_000;
// Headers that belong to one connection, that the gateway sets on purpose, and the credential.
const NOT_COMPARED = ["host", "connection", "accept-encoding", "authorization"];
const ASK = "What is “parity”? 🙂 naïve";
const PIXEL = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256)).toString("base64");
const FUNCTION = { name: "look_up", description: "Looks up.", parameters: { type: "object", properties: {} } };
const CHAT_TOOLS = [{ type: "function", function: FUNCTION }];
const RESPONSE_TOOLS = [{ type: "function", strict: false, ...FUNCTION }];
const messages = [{ role: "user", content: ASK }];
const picture = [
  { type: "text", text: ASK },
  { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
];

let failed = 0;
let passed = 0;

async function check(name, act) {
  try {
    await act();
    passed += 1;
    console.log(`   ok  openai for node: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`   FAILED  openai for node: ${name}\n${error.stack}`);
  }
}

function clientOf({ url, key }, more = {}) {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, timeout: PATIENCE_MS, ...more });
}

/** All items of a stream; if it breaks off, those that came stay with the error. */
async function listOf(stream) {
  const items = [];
  try {
    for await (const item of await stream) items.push(item);
  } catch (error) {
    throw Object.assign(error, { itemsBefore: items });
  }
  return items;
}

const chat = (client, more = {}) => client.chat.completions.create({ model: "plain", messages, ...more });
const chatStream = (client, more = {}) => listOf(chat(client, { stream: true, ...more }));
const respond = (client, more = {}) => client.responses.create({ model: "plain", input: ASK, ...more });

/** The value that a call gives, or what it throws with all that a caller could branch on. */
async function outcome(call, client) {
  try {
    return { value: JSON.parse(JSON.stringify(await call(client))) };
  } catch (error) {
    const { status, code, type, message, requestID } = error;
    const retryAfter = error.headers?.get?.("retry-after");
    const before = JSON.parse(JSON.stringify(error.itemsBefore ?? []));
    return { raised: error.constructor.name, status, code, type, message, requestID, retryAfter, before };
  }
}

async function seenUpstream() {
  return (await fetch(`${given.upstream}/_seen`)).json();
}

async function resetUpstream() {
  await (await fetch(`${given.upstream}/_reset`, { method: "POST" })).text();
}

/** What must arrive the same: the first line, the body to the last byte, all headers that travel. */
function compared({ head, body }) {
  const [first, ...lines] = head.trimEnd().split("\r\n");
  const headers = lines.map((line) => [line.split(":")[0].toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]);
  const travelling = headers.filter(([name]) => !NOT_COMPARED.includes(name)).sort();
  return { first, headers: travelling, body };
}

/** Both sides give the same: a value, or, where it is named, this exception. */
async function same(call, raises, more) {
  const found = [];
  for (const side of SIDES) {
    await resetUpstream();
    const gave = await outcome(call, clientOf(side, more));
    found.push({ gave, seen: (await seenUpstream()).map(compared) });
  }
  const [direct, through] = found;
  assert.equal(direct.gave.raised, raises, `directly: ${JSON.stringify(direct.gave)}`);
  assert.deepEqual(through.gave, direct.gave);
  assert.ok(direct.seen.length > 0, "the upstream was not asked");
  assert.deepEqual(through.seen, direct.seen);
}

const CALLS = {
  chat: (client) => chat(client),
  "chat, streamed": (client) => chatStream(client),
  "chat, streamed slowly, with usage": (client) =>
    chatStream(client, { model: "drip-2", stream_options: { include_usage: true } }),
  "chat, two answers": (client) => chat(client, { n: 2 }),
  "chat, tools": (client) => chat(client, { tools: CHAT_TOOLS }),
  "chat, tools, streamed": (client) => chatStream(client, { tools: CHAT_TOOLS }),
  "chat, tools, through the streaming helper": (client) =>
    client.chat.completions.stream({ model: "plain", messages, tools: CHAT_TOOLS }).finalChatCompletion(),
  "chat, image": (client) => chat(client, { messages: [{ role: "user", content: picture }] }),
  "chat, tried again after 429": [(client) => chat(client, { model: "flaky" }), { maxRetries: 1 }],
  responses: (client) => respond(client, { previous_response_id: "resp_1" }),
  "responses, streamed": (client) => listOf(respond(client, { stream: true })),
  "responses, tools, streamed": (client) => listOf(respond(client, { stream: true, tools: RESPONSE_TOOLS })),
  "responses, through the streaming helper": (client) =>
    client.responses.stream({ model: "plain", input: ASK }).finalResponse(),
  embeddings: (client) => client.embeddings.create({ model: "plain", input: ["a", "bcd"] }),
  models: (client) => listOf(client.models.list()),
  "speech, which is no text": async (client) => {
    const speech = await client.audio.speech.create({ model: "plain", voice: "alloy", input: "say" });
    return Buffer.from(await speech.arrayBuffer()).toString("hex");
  },
};

const FAILURES = {
  "400: BadRequestError": ["status-400", "BadRequestError"],
  "401: AuthenticationError": ["status-401", "AuthenticationError"],
  "403: PermissionDeniedError": ["status-403", "PermissionDeniedError"],
  "404: NotFoundError": ["status-404", "NotFoundError"],
  "409: ConflictError": ["status-409", "ConflictError"],
  "422: UnprocessableEntityError": ["status-422", "UnprocessableEntityError"],
  "429: RateLimitError": ["status-429", "RateLimitError"],
  "500: InternalServerError": ["status-500", "InternalServerError"],
  "503: InternalServerError": ["status-503", "InternalServerError"],
};

for (const [name, entry] of Object.entries(CALLS)) {
  const [call, more] = [entry].flat();
  await check(name, () => same(call, undefined, more));
}
for (const [name, [model, raises]] of Object.entries(FAILURES)) {
  await check(name, () => same((client) => chat(client, { model }), raises));
  await check(`${name}, streamed`, () => same((client) => chatStream(client, { model }), raises));
}
await check("an error amid a stream: APIError", () =>
  same((client) => chatStream(client, { model: "fails-midstream" }), "APIError"),
);
await check("the SDK's timeout: APIConnectionTimeoutError", () =>
  same((client) => chat(client, { model: "slow-3000" }), "APIConnectionTimeoutError", { timeout: 300 }),
);
// This SDK passes on what fetch throws when an answer breaks off.
await check("the upstream dies amid an event: TypeError", () =>
  same((client) => chatStream(client, { model: "dies" }), "TypeError"),
);
await check("the upstream dies amid a JSON body: TypeError", () =>
  same((client) => chat(client, { model: "dies" }), "TypeError"),
);
await check("a key that nobody gave out: AuthenticationError", async () => {
  const stranger = clientOf({ url: given.gateway, key: "cdr_unknown" });
  await assert.rejects(chat(stranger), (error) => error instanceof OpenAI.AuthenticationError);
});
await check("the upstream dies between two events: APIError", async () => {
  const dying = chatStream(clientOf(SIDES[1]), { model: "dies-between" });
  await assert.rejects(dying, (error) => error instanceof OpenAI.APIError);
});
await check("a file, uploaded in parts", async () => {
  const notes = await toFile(Buffer.from("some notes\r\n\0"), "notes.txt");
  const sizes = [];
  for (const side of SIDES) {
    sizes.push((await clientOf(side).files.create({ file: notes, purpose: "assistants" })).bytes);
  }
  assert.equal(sizes[1], sizes[0]);
});
await check("a stream aborted, and the upstream hears of it", async () => {
  await resetUpstream();
  const stream = await chat(clientOf(SIDES[1]), { model: "endless", stream: true });
  let events = 0;
  for await (const _ of stream) if (++events === 8) stream.controller.abort();
  const until = Date.now() + HANG_UP_WITHIN_MS;
  while (!(await seenUpstream()).some((entry) => entry.hung_up)) {
    assert.ok(Date.now() < until, "the upstream was never told");
    await pause(20);
  }
});

console.log(`   ${passed} checks passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;

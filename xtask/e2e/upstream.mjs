// A model that answers by script, on loopback only: it says again what was said last, streamed where that is asked.
// Every request is kept as it came, so that tests can compare what reached it.

import { createServer } from "node:http";
import { once } from "node:events";

// A stream goes out in this many pieces.
const PIECES = 4;
const MODELS = ["plain", "plain-two"];

const textOf = (content) =>
  typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("");

const send = (response, status, type, body) => {
  response.writeHead(status, { "content-type": type });
  response.end(body);
};

function streamed(response, model, text) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const size = Math.max(1, Math.ceil(text.length / PIECES));
  const chunk = (delta, finish_reason = null) => {
    const event = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model };
    response.write(`data: ${JSON.stringify({ ...event, choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
  };
  chunk({ role: "assistant", content: "" });
  for (let at = 0; at < text.length; at += size) chunk({ content: text.slice(at, at + size) });
  chunk({}, "stop");
  response.end("data: [DONE]\n\n");
}

async function answer(seen, request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  seen.push({ method: request.method, path: request.url, headers: request.headers, body });
  if (request.url.endsWith("/models")) {
    const data = MODELS.map((id) => ({ id, object: "model", created: 1, owned_by: "e2e" }));
    return send(response, 200, "application/json", JSON.stringify({ object: "list", data }));
  }
  const { model, messages = [], stream } = JSON.parse(body || "{}");
  const text = `You said: ${textOf(messages.at(-1)?.content)}`;
  if (stream) return streamed(response, model, text);
  const message = { role: "assistant", content: text };
  const whole = { id: "chatcmpl-1", object: "chat.completion", created: 1, model };
  send(response, 200, "application/json",
    JSON.stringify({ ...whole, choices: [{ index: 0, message, finish_reason: "stop" }] }));
}

/** Starts the model; `seen` is every request since the last `seen.length = 0`. */
export async function startUpstream() {
  const seen = [];
  const server = createServer((request, response) => {
    answer(seen, request, response).catch(() => send(response, 500, "text/plain", "broken"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, seen, stop };
}

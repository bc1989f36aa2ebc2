// Shows an answer while it comes. Without it the form is sent as it is, and the whole answer is on the next page.
// What people and models say is text content, never markup.

const byId = (id) => document.getElementById(id);
let draft = "";
let answering = null;

function line(name, text, isOwn) {
  const item = document.createElement("li");
  item.className = isOwn ? "message own" : "message";
  const heading = document.createElement("h2");
  heading.textContent = name;
  const said = document.createElement("p");
  said.className = "said";
  said.textContent = text;
  item.append(heading, said);
  byId("messages").append(item);
  return { item, said };
}

// The events of a stream, as far as this page's server writes them: one line of data each.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const whole = (rest + value).split("\n\n");
    rest = whole.pop();
    for (const event of whole) yield JSON.parse(event.slice("data: ".length));
  }
}

function show(html, url) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const next = page.getElementById("main");
  if (!next) throw new Error("no page of ours");
  byId("main").replaceWith(next);
  document.title = page.title;
  if (url) history.replaceState(null, "", url);
  document.dispatchEvent(new Event("candor:page"));
}

async function open(path, said) {
  const answer = await fetch(path);
  show(await answer.text(), answer.url);
  byId("text")?.focus();
  byId("send")?.scrollIntoView({ block: "nearest" });
  const progress = byId("progress");
  if (progress) progress.textContent = said;
}

async function listen(form, text, stop) {
  const said = form.elements.text.value;
  const sent = line(form.dataset.you, said, true);
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { accept: "text/event-stream" },
    signal: stop.signal,
  });
  if (!answer.headers.get("content-type")?.startsWith("text/event-stream")) {
    draft = "";
    show(await answer.text());
    return;
  }
  form.elements.text.value = draft = "";
  const heard = line(form.dataset.model, "", false);
  for await (const event of events(answer.body)) {
    if (event.path) answering.path = event.path;
    if (event.text) heard.said.append(event.text);
  }
}

// An answer ended before its end. What was said before it began was not taken, and is still in the box.
async function leave(path, isStopped, { token, lost }) {
  try {
    if (!path) {
      byId("messages").lastElementChild?.remove();
      byId("progress").textContent = isStopped ? "" : lost;
      return;
    }
    if (isStopped) await fetch(`${path}/stop`, { method: "POST", body: new URLSearchParams({ form_token: token }) });
    await open(path, "");
  } catch {
    byId("progress").textContent = lost;
  }
}

async function say(event) {
  const form = event.target;
  if (form.id !== "say") return;
  event.preventDefault();
  if (answering) return;
  const { answered, lost } = form.dataset;
  const { form_token: token, text } = form.elements;
  const stop = new AbortController();
  answering = { stop, path: null };
  byId("progress").textContent = form.dataset.answering;
  byId("stop").hidden = false;
  byId("send").disabled = true;
  try {
    await listen(form, text.value, stop);
    if (answering.path) await open(answering.path, answered);
  } catch {
    await leave(answering.path, stop.signal.aborted, { token: token.value, lost });
  } finally {
    answering = null;
    if (byId("stop")) byId("stop").hidden = true;
    if (byId("send")) byId("send").disabled = false;
  }
}

document.addEventListener("submit", say);
document.addEventListener("click", (event) => {
  if (event.target.id === "stop") answering?.stop.abort();
});
document.addEventListener("input", (event) => {
  if (event.target.id === "text") draft = event.target.value;
});
// A choice beside the chat shows the page anew; what is being written stays.
document.addEventListener("candor:page", () => {
  const text = byId("text");
  if (text && !text.value) text.value = draft;
});

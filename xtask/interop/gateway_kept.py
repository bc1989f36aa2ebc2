"""What the gateway keeps: by consent, by what a request asks for, through a stop and through a crash; and that
whoever refuses is served the same."""

import base64
import http.client
import json
import secrets
import threading
import time
import urllib.parse

from gateway_process import Gateway, wait_for
from gateway_same import CHAT_TOOLS, CLAUDE_TOOLS, anthropic_at, chat, message, openai_at
from report import equal, plain

CAPTURE = "candor-capture"
KEPT = 'kept; purposes="history train"'
HISTORY_ONLY = 'kept; purposes="history"'
OPTED_OUT = "withheld; reason=opted-out"
REFUSED = "withheld; reason=refused"
UNKNOWN = "withheld; reason=unknown-subject"
# Chats that are sent before the gateway is killed, and from how many clients at a time.
CHATS = 200
CLIENTS = 4
# Pause after which what was said is on disk, in seconds: the keeper writes at once.
SETTLE = 0.5


def check(report, candor, gateway, upstream):
    """All checks; the gateway that is given is stopped on the way."""
    asked = Asked(candor, gateway)
    check_decisions(report, asked, upstream)
    check_parity(report, asked, upstream)
    check_masking(report, asked, upstream)
    report.check("reload: a stream goes on, a new key counts", lambda: reload(candor, gateway, asked))
    canaries = {subject: Canaries(subject) for subject in ("ada", "ben")}
    report.check("canary: what was said reaches the upstream", lambda: say_canaries(asked, upstream, canaries))
    report.check("canary: in no file, line or metric while it runs", lambda: find_none(candor, gateway, canaries))
    report.check("stop: a running stream ends whole", lambda: stop_amid_stream(gateway, asked))
    report.check("canary: in no file or line after the stop", lambda: find_none(candor, None, canaries))
    report.check("export: ada's holds what was said, answers only where the model's author allows it",
                 lambda: ada_holds(candor, canaries["ada"]))  # fmt: skip
    report.check("export: ben's holds no conversation", lambda: equal(candor.export("ben")["conversations"], [], "ben"))
    with_gateway(candor, "second", lambda second: report.check(
        "a yes taken back counts while the gateway runs", lambda: withdraw(candor, second)))  # fmt: skip
    with_gateway(candor, "third", lambda third: report.check(
        f"kill -9 amid {CHATS} chats: what was counted as durable is there", lambda: crash(candor, third)))  # fmt: skip


def with_gateway(candor, name, act):
    """Runs a gateway of its own, whose counts begin at nothing."""
    gateway = Gateway(candor, name)
    try:
        act(gateway)
    finally:
        gateway.kill()


class Asked:
    """Clients of one gateway for each person."""

    def __init__(self, candor, gateway):
        self.url, self.keys = gateway.url, candor.keys

    def openai(self, subject, place=""):
        return openai_at(self.url + place, self.keys[subject])

    def anthropic(self, subject, place=""):
        return anthropic_at(self.url + place, self.keys[subject])

    def capture(self, subject, place="", **more):
        """What the header says of a chat."""
        said = [{"role": "user", "content": "What is kept of this?"}]
        with self.openai(subject, place) as client:
            answer = client.chat.completions.with_raw_response.create(model="plain", messages=said, **more)
            return answer.headers.get(CAPTURE)

    def capture_messages(self, subject, **more):
        said = [{"role": "user", "content": "What is kept of this?"}]
        with self.anthropic(subject) as client:
            asked = client.messages.with_raw_response
            return asked.create(model="plain", max_tokens=9, messages=said, **more).headers.get(CAPTURE)


def check_decisions(report, asked, upstream):
    def header(value):
        name, text = value
        return {"extra_headers": {name: text}}

    cases = [
        ("ada, who agreed", "ada", {}, KEPT),
        ("ben, who refused", "ben", {}, REFUSED),
        ("ada with store=False", "ada", {"store": False}, OPTED_OUT),
        ("ada with store=True, which raises nothing", "ada", {"store": True}, KEPT),
        ("ben with store=True, which raises nothing", "ben", {"store": True}, REFUSED),
        ("ada, training forbidden", "ada", header(("Content-Usage", "train-ai=n")), HISTORY_ONLY),
        ("ada, Global Privacy Control", "ada", header(("Sec-GPC", "1")), HISTORY_ONLY),
        ("ada, temporary", "ada", header(("candor-temporary", "1")), OPTED_OUT),
        ("a backend that names ada", "backend", {"user": "ada"}, KEPT),
        ("a backend that names ben", "backend", {"user": "ben"}, REFUSED),
        ("a backend that names nobody", "backend", {}, UNKNOWN),
        ("a backend that names a stranger", "backend", {"user": "zoe"}, UNKNOWN),
        ("a key whose user field is not believed", "nobody", {"user": "ada"}, UNKNOWN),
        ("ben's key with ada in the user field", "ben", {"user": "ada"}, REFUSED),
    ]
    for name, subject, more, expected in cases:
        report.check(f"capture: {name}: {expected}", lambda: equal(asked.capture(subject, **more), expected, "header"))
        # The other format has no such fields.
        if not {"store", "user"} & more.keys():
            again = f"capture, messages: {name}: {expected}"
            report.check(again, lambda: equal(asked.capture_messages(subject, **more), expected, "header"))

    def stored(place, **more):
        upstream.reset()
        asked.capture("ada", place, **more)
        equal(upstream.seen()[0]["json"].get("store", "absent"), False, "store, as the upstream saw it")

    report.check("capture: store=False goes upstream", lambda: stored("", store=False))
    report.check("capture: a route that forces it adds store:false", lambda: stored("/forced"))


def check_parity(report, asked, upstream):
    """N5: yes or no, the upstream sees the same and the client gets the same, to the byte."""
    said = [{"role": "user", "content": "The same for everyone?"}]
    claude = {"model": "plain", "max_tokens": 99, "messages": said}
    bodies = {
        "chat": ("/v1/chat/completions", {"model": "plain", "messages": said}),
        "chat, streamed": ("/v1/chat/completions", {"model": "plain", "messages": said, "stream": True}),
        "chat, tools": ("/v1/chat/completions", {"model": "plain", "messages": said, "tools": CHAT_TOOLS}),
        "chat, 429": ("/v1/chat/completions", {"model": "status-429", "messages": said}),
        "responses, streamed": ("/v1/responses", {"model": "plain", "input": said, "stream": True}),
        "messages": ("/v1/messages", claude),
        "messages, streamed": ("/v1/messages", {**claude, "stream": True, "tools": CLAUDE_TOOLS}),
        "embeddings": ("/v1/embeddings", {"model": "plain", "input": ["a"]}),
    }

    def same(path, body):
        answers, seen = [], []
        for subject in ("ada", "ben"):
            upstream.reset()
            answers.append(raw(asked.url, asked.keys[subject], path, json.dumps(body, indent=3)))
            (entry,) = upstream.seen()
            seen.append((entry["head"], entry["body"]))
        equal(seen[0], seen[1], "seen upstream")
        (ada, ada_said), (ben, ben_said) = answers
        equal(ada, ben, "answer")
        if path != "/v1/embeddings":
            equal((ada_said, ben_said), (KEPT, REFUSED), "what alone differs")

    for name, (path, body) in bodies.items():
        report.check(f"parity: {name}", lambda: same(path, body))


def raw(url, key, path, body):
    """An answer's status, headers in order and body; and apart what was decided about keeping it."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=10)
    credential = {"x-api-key": key} if path == "/v1/messages" else {"authorization": f"Bearer {key}"}
    connection.request("POST", path, body, {"content-type": "application/json", **credential})
    answer = connection.getresponse()
    body, headers = answer.read(), answer.getheaders()
    connection.close()
    others = [pair for pair in headers if pair[0] != CAPTURE]
    return (answer.status, others, body), dict(headers).get(CAPTURE)


def check_masking(report, asked, upstream):
    """Where a route masks, the model never sees an address, and the person gets it back."""
    address = "ada.lovelace@engine.example"
    text = f"Write to {address} today, or to {address}."

    def masked(call):
        upstream.reset()
        given = json.dumps(plain(call()), ensure_ascii=False)
        (entry,) = upstream.seen()
        assert address.encode() not in entry["body"], "the upstream saw the address"
        return given

    def whole(client, call, **more):
        given = masked(lambda: call(client, content=text, **more))
        assert given.count(address) >= 2, f"the address did not come back: {given}"

    def streamed(client):
        def words():
            return "".join(chunk.choices[0].delta.content or "" for chunk in chat(client, content=text, stream=True))

        stream = masked(words)
        assert stream.count(address) == 2, f"the address did not come back: {stream}"

    def streamed_tool(client):
        def arguments():
            chunks = chat(client, content=text, stream=True, tools=CHAT_TOOLS)
            calls = (call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or [])
            return json.loads("".join(call.function.arguments for call in calls if call.index == 0))["said"]

        assert json.loads(masked(arguments)) == text, "the arguments are not what was said"

    for name, act in {
        "masking: chat": lambda: whole(asked.openai("ada", "/masked"), chat),
        "masking: chat, streamed": lambda: streamed(asked.openai("ada", "/masked")),
        "masking: chat, tools, streamed": lambda: streamed_tool(asked.openai("ada", "/masked")),
        "masking: messages": lambda: whole(asked.anthropic("ada", "/masked"), message),
        "masking: messages, tools": lambda: whole(asked.anthropic("ada", "/masked"), message, tools=CLAUDE_TOOLS),
    }.items():
        report.check(name, act)


def reload(candor, gateway, asked):
    with asked.openai("ada") as client:
        stream = chat(client, "drip-20", stream=True)
        first = next(stream)
        key = candor.make_key("cara", "--subject", "cara")
        gateway.reload()
        wait_for(lambda: "read the settings again" in gateway.told.read_text(), "the remark about the settings")
        with openai_at(gateway.url, key) as newcomer:
            assert chat(newcomer).choices, "the new key does not work"
        rest = list(stream)
        equal(first.id, rest[-1].id, "stream")
        equal(rest[-1].choices[0].finish_reason, "stop", "end of the stream")


class Canaries:
    """A random string for each place that content can stand in."""

    PLACES = ("system", "prompt", "arguments", "result", "file", "streamed", "response", "claude", "claude_document")

    def __init__(self, subject):
        self.at = {place: f"canary{secrets.token_hex(12)}" for place in self.PLACES}
        self.opted_out = f"canary{secrets.token_hex(12)}"

    def say(self, asked, subject):
        at = self.at
        call = {"name": "look_up", "arguments": json.dumps({"said": at["arguments"]})}
        call = {"id": "call_0", "type": "function", "function": call}
        data = base64.b64encode(at["file"].encode()).decode()
        file = {"filename": "notes.txt", "file_data": f"data:text/plain;base64,{data}"}
        parts = [{"type": "file", "file": file}, {"type": "text", "text": at["prompt"]}]
        said = [
            {"role": "system", "content": at["system"]},
            {"role": "user", "content": "Look it up."},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_0", "content": at["result"]},
            {"role": "user", "content": parts},
        ]
        document = {"type": "text", "media_type": "text/plain", "data": at["claude_document"]}
        blocks = [{"type": "document", "source": document}, {"type": "text", "text": at["claude"]}]
        with asked.openai(subject) as client:
            # An answer may be kept only if every person's turn before it was: so the first is said on its own.
            chat(client, messages=said[:2], tools=CHAT_TOOLS)
            # The upstream says again what was said: every answer holds a canary as well.
            assert at["prompt"] in chat(client, messages=said).choices[0].message.content
            list(chat(client, content=at["streamed"], stream=True, tools=CHAT_TOOLS))
            list(client.responses.create(model="plain", input=at["response"], stream=True))
            chat(client, content=self.opted_out, store=False)
        with asked.anthropic(subject) as client:
            thinking = {"type": "enabled", "budget_tokens": 1024}
            list(message(client, content=blocks, stream=True, tools=CLAUDE_TOOLS, thinking=thinking))

    def spellings(self):
        """Each canary as bytes, in the clear and in the encodings that content travels in."""
        for place, text in [*self.at.items(), ("opted out", self.opted_out)]:
            encoded = text.encode()
            yield place, encoded
            yield place, encoded.hex().encode()
            for shift in range(3):
                # The characters in the middle do not depend on what stands before and after.
                yield place, base64.b64encode(b"-" * shift + encoded)[4:28]


def say_canaries(asked, upstream, canaries):
    for subject, own in canaries.items():
        upstream.reset()
        own.say(asked, subject)
        sent = b"".join(entry["body"] for entry in upstream.seen())
        for place, text in own.at.items():
            encoded = base64.b64encode(text.encode()) if place == "file" else text.encode()
            assert encoded in sent, f"{place} of {subject} did not reach the upstream"


def find_none(candor, gateway, canaries):
    """N3 and N9: no canary in any file of the data directory, on standard error, or on the operator's side."""
    if gateway:
        settle(gateway)
    files = [path for path in sorted(candor.data.rglob("*")) if path.is_file()]
    texts = [(path.name, path.read_bytes()) for path in [*files, *candor.folder.glob("*.stderr")]]
    if gateway:
        texts += [(path, gateway.ask(path).encode()) for path in ("/metrics", "/guard/report", "/routes")]
    assert sum(len(text) for _, text in texts) > 10_000, "there was nothing to look through"
    for name, text in texts:
        for subject, own in canaries.items():
            for place, spelling in own.spellings():
                assert spelling not in text, f"{place} of {subject} stands in {name}"


def settle(gateway):
    """Waits until all that was said so far is on disk: the count of durable turns stands still."""
    before = -1.0
    while (now := gateway.metric("candor_durable_turns_total")) != before or now == 0:
        before = now
        time.sleep(SETTLE)


def stop_amid_stream(gateway, asked):
    found = []

    def listen():
        with asked.openai("ada") as client:
            found.extend(chat(client, "drip-20", stream=True))

    listener = threading.Thread(target=listen)
    listener.start()
    wait_for(lambda: gateway.metric("candor_open_requests") > 0, "the stream")
    gateway.stop()
    listener.join()
    equal(found[-1].choices[0].finish_reason, "stop", "end of the stream")


def turns_of(export):
    return [turn for conversation in export["conversations"] for turn in conversation["turns"]]


def ada_holds(candor, own):
    turns = turns_of(candor.export("ada"))

    def holding(text, **wanted):
        return [turn for turn in turns if text in turn["text"] and all(turn[k] == v for k, v in wanted.items())]

    for place in ("prompt", "streamed", "response", "claude"):
        assert holding(own.at[place], role="user", yours=True), f"the turn with the {place} is missing"
        equal(holding(own.at[place], role="user")[0]["kept_for"], ["history", "train"], f"purposes of {place}")
    for place in ("prompt", "streamed", "response"):
        assert holding(own.at[place], role="assistant"), f"the answer to the {place} is missing"
    equal(holding(own.at["claude"], role="assistant"), [], "answers of a model whose author does not allow it")
    equal(holding(own.opted_out), [], "turns that were opted out")


def withdraw(candor, gateway):
    asked = Asked(candor, gateway)
    equal(asked.capture("ada"), KEPT, "before")
    candor.run("consent", "withdraw", "ada", "train")
    wait_for(lambda: asked.capture("ada") == HISTORY_ONLY, "the new decision")


def crash(candor, gateway):
    """N6: SIGKILL while chats come in; every turn that was counted as durable is in the export."""
    mark, answered, killed = f"crash{secrets.token_hex(8)}", [], threading.Event()

    def send(client_number):
        with openai_at(gateway.url, candor.keys["ada"]) as client:
            number = 0
            while not killed.is_set():
                try:
                    chat(client, messages=[{"role": "user", "content": f"{mark} {client_number} {number}"}])
                except Exception:
                    # Only the kill may break a chat.
                    assert gateway.process.poll() is not None or killed.is_set(), "a chat failed"
                    return
                answered.append(number)
                number += 1

    clients = [threading.Thread(target=send, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    wait_for(lambda: len(answered) >= CHATS, f"{CHATS} answers")
    durable = gateway.metric("candor_durable_turns_total")
    killed.set()
    gateway.kill()
    for client in clients:
        client.join()
    there = sum(mark in turn["text"] for turn in turns_of(candor.export("ada")))
    assert there >= durable > 0, f"{durable:.0f} turns were counted as durable, {there} are there"
    print(f"      {len(answered)} chats answered, {durable:.0f} turns counted as durable, {there} found", flush=True)

"""The official SDKs: the same call, made to the upstream and through the gateway, gives the same."""

import asyncio
import base64
import io
from functools import partial

import anthropic
import openai

from report import equal, outcome, whole

# A client's patience where nothing is to be waited for, in seconds.
PATIENCE = 10
# The longest until the upstream may see that the client has hung up, in seconds.
HANG_UP_WITHIN = 2
# Headers that belong to one connection, that the gateway sets on purpose, and the credential.
NOT_COMPARED = {"host", "connection", "accept-encoding", "authorization", "x-api-key"}
PIXEL = base64.b64encode(bytes(range(256)) * 40).decode()
ASK = "What is \u201cparity\u201d? \U0001f642 naïve"
TOOL = {"name": "look_up", "description": "Looks up.", "parameters": {"type": "object", "properties": {}}}
CHAT_TOOLS = [{"type": "function", "function": TOOL}]
RESPONSE_TOOLS = [{"type": "function", "strict": False, **TOOL}]
CLAUDE_TOOLS = [{"name": "look_up", "description": "Looks up.", "input_schema": {"type": "object"}}]
STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
}
OPENAI_STATUSES = {**STATUSES, 503: "InternalServerError"}
ANTHROPIC_STATUSES = {**STATUSES, 503: "ServiceUnavailableError", 529: "OverloadedError"}


def openai_at(url, key, kind=openai.OpenAI, **more):
    return kind(base_url=f"{url}/v1", api_key=key, **{"max_retries": 0, "timeout": PATIENCE, **more})


def anthropic_at(url, key, kind=anthropic.Anthropic, **more):
    return kind(base_url=url, api_key=key, **{"max_retries": 0, "timeout": PATIENCE, **more})


def chat(client, model="plain", content=ASK, **more):
    said = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": content}]
    return client.chat.completions.create(**{"model": model, "messages": said, **more})


def chat_stream(client, model="plain", **more):
    return chat(client, model, stream=True, **more)


def respond(client, model="plain", given=ASK, **more):
    return client.responses.create(model=model, input=given, **more)


def message(client, model="plain", content=ASK, **more):
    said = [{"role": "user", "content": content}]
    return client.messages.create(**{"model": model, "max_tokens": 2048, "messages": said, **more})


def message_stream(client, model="plain", **more):
    return message(client, model, stream=True, **more)


def parts_of_chat():
    file = {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PIXEL}"}
    image = {"url": f"data:image/png;base64,{PIXEL}", "detail": "low"}
    return [{"type": "text", "text": ASK}, {"type": "image_url", "image_url": image}, {"type": "file", "file": file}]


def large_image():
    # Larger than what is read for keeping: it is relayed all the same.
    data = base64.b64encode(bytes(9 << 20)).decode()
    return [{"type": "text", "text": ASK}, {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}]


def parts_of_response():
    image = {"type": "input_image", "detail": "low", "image_url": f"data:image/png;base64,{PIXEL}"}
    return [{"role": "user", "content": [{"type": "input_text", "text": ASK}, image]}]


def parts_of_message():
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    document = {"type": "text", "media_type": "text/plain", "data": "A document."}
    document = {"type": "document", "source": document}
    return [{"type": "image", "source": source}, document, {"type": "text", "text": ASK}]


def after_a_tool(client):
    """The second half of a tool call: what was called and what came of it go back."""
    call = {"id": "call_0", "type": "function", "function": {"name": "look_up", "arguments": '{"said": "é"}'}}
    said = [
        {"role": "user", "content": ASK},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_0", "content": "42"},
    ]
    return chat(client, messages=said, tools=CHAT_TOOLS)


def chat_helper(client):
    said = [{"role": "user", "content": ASK}]
    with client.chat.completions.stream(model="plain", messages=said, tools=CHAT_TOOLS) as stream:
        return stream.get_final_completion()


def response_helper(client):
    with client.responses.stream(model="plain", input=ASK) as stream:
        events = list(stream)
        return [events, stream.get_final_response()]


def message_helper(client, **more):
    said = [{"role": "user", "content": ASK}]
    with client.messages.stream(model="plain", max_tokens=2048, messages=said, **more) as stream:
        return stream.get_final_message()


def async_chat_stream(client):
    """The asynchronous client, with the settings of the other."""

    async def gather():
        async with openai.AsyncOpenAI(base_url=client.base_url, api_key=client.api_key, max_retries=0) as own:
            return [chunk async for chunk in await chat(own, stream=True)]

    return asyncio.run(gather())


def unknown_fields(client):
    more = {"x_unknown": {"a": [1, None]}, "seed": 12345678901234567890, "store": True}
    return chat(client, extra_body=more, extra_headers={"OpenAI-Beta": "x=v1", "X-Client-Request-Id": "mine"})


def uploaded(client):
    return client.files.create(file=("notes.txt", io.BytesIO(b"some notes\r\n\x00\xff" * 99)), purpose="assistants")


def limits_told(client):
    answer = chat_raw(client)
    return sorted((name, value) for name, value in answer.headers.items() if name != "candor-capture")


def chat_raw(client, model="plain", **more):
    said = [{"role": "user", "content": ASK}]
    return client.chat.completions.with_raw_response.create(model=model, messages=said, **more)


THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
# What is called, by its name; each gives a value.
OPENAI_CALLS = {
    "chat": chat,
    "chat, streamed": chat_stream,
    "chat, streamed slowly": partial(chat_stream, model="drip-2"),
    "chat, streamed, with usage": partial(chat_stream, stream_options={"include_usage": True}),
    "chat, streamed, asynchronous client": async_chat_stream,
    "chat, two answers": partial(chat, n=2),
    "chat, two answers, streamed": partial(chat_stream, n=2),
    "chat, tools": partial(chat, tools=CHAT_TOOLS),
    "chat, tools, streamed": partial(chat_stream, tools=CHAT_TOOLS),
    "chat, tools, through the streaming helper": chat_helper,
    "chat, with the result of a tool": after_a_tool,
    "chat, image and file": partial(chat, content=parts_of_chat()),
    "chat, image of 9 MiB": lambda client: chat(client, content=large_image()),
    "chat, fields that nobody knows": unknown_fields,
    "chat, tried again after 429": partial(chat, model="flaky"),
    "chat, all headers of the answer": limits_told,
    "responses": respond,
    "responses, streamed": partial(respond, stream=True),
    "responses, through the streaming helper": response_helper,
    "responses, going on from another": partial(respond, previous_response_id="resp_1", store=True),
    "responses, tools": partial(respond, tools=RESPONSE_TOOLS),
    "responses, tools, streamed": partial(respond, stream=True, tools=RESPONSE_TOOLS),
    "responses, image": partial(respond, given=parts_of_response()),
    "embeddings": lambda client: client.embeddings.create(model="plain", input=["a", "bcd"], encoding_format="float"),
    "models": lambda client: list(client.models.list()),
    "one model": lambda client: client.models.retrieve("plain"),
    "a file, uploaded in parts": uploaded,
    "speech, which is no text": lambda c: c.audio.speech.create(model="plain", voice="alloy", input="say").content,
    "a path that nobody knows": lambda c: c.post("/some/new/endpoint?deep=1", body={"a": 1}, cast_to=object),
}
ANTHROPIC_CALLS = {
    "messages": message,
    "messages, streamed": message_stream,
    "messages, streamed slowly": partial(message_stream, model="drip-2"),
    "messages, system blocks": partial(message, system=[{"type": "text", "text": "Be brief."}]),
    "messages, thinking": partial(message, **THINKING),
    "messages, thinking and tools, streamed": partial(message_stream, tools=CLAUDE_TOOLS, **THINKING),
    "messages, tools, through the streaming helper": partial(message_helper, tools=CLAUDE_TOOLS, **THINKING),
    "messages, tools": partial(message, tools=CLAUDE_TOOLS),
    "messages, image and document": partial(message, content=parts_of_message()),
    "messages, tried again after 429": partial(message, model="flaky"),
    "count_tokens": lambda c: c.messages.count_tokens(model="plain", messages=[{"role": "user", "content": ASK}]),
    "models": lambda client: list(client.models.list()),
    "one model": lambda client: client.models.retrieve("plain"),
}


class Sides:
    """An SDK's client for the upstream, and one for the gateway."""

    def __init__(self, name, make, upstream, gateway, key):
        self.name, self.make, self.upstream = name, make, upstream
        self.sides = ((upstream.url, "sk-direct"), (gateway.url, key))

    def both(self, call, **more):
        """What the call gives on either side, and what the upstream saw of each."""
        found = []
        for url, key in self.sides:
            self.upstream.reset()
            with self.make(url, key, **more) as client:
                given = outcome(call, client)
            found.append((given, self.upstream.seen()))
        return found

    def same(self, call, raises=None, **more):
        """Checks that both sides give the same, and that it is what is expected: a value, or this exception."""
        (direct, seen), (through, seen_through) = self.both(call, **more)
        expected = ("raised", raises) if raises else ("value", direct.get("value"))
        assert direct.get(expected[0]) == expected[1] and direct.get("value") != [], f"directly: {direct}"
        equal(direct, through, self.name)
        equal([compared(entry) for entry in seen], [compared(entry) for entry in seen_through], "seen upstream")

    def through(self):
        """A client of the gateway, and nothing seen upstream."""
        self.upstream.reset()
        url, key = self.sides[1]
        return self.make(url, key)


def compared(entry):
    """What must arrive the same: the first line, the body to the last byte, all headers that travel."""
    first, *lines = entry["head"].rstrip("\r\n").split("\r\n")
    headers = sorted((line.split(":")[0].lower(), line.split(":", 1)[1].strip()) for line in lines)
    kept = [list(pair) for pair in headers if pair[0] not in NOT_COMPARED]
    body = entry["body"]
    for name, value in kept:
        # The boundary is chosen by chance for each call.
        if name == "content-type" and "boundary=" in value:
            boundary = value.split("boundary=")[1]
            kept[kept.index([name, value])] = [name, "multipart"]
            body = body.replace(boundary.encode(), b"")
    return {"first": first, "headers": kept, "body": body}


def check_openai(report, upstream, gateway, key):
    sides = Sides("openai", openai_at, upstream, gateway, key)
    failures = {
        "an error amid a stream": ("APIError", partial(chat_stream, model="fails-midstream")),
        "the upstream dies amid an event": ("APIConnectionError", partial(chat_stream, model="dies")),
        "the upstream dies amid a JSON body": ("APIConnectionError", partial(chat, model="dies")),
    }
    check_calls(report, sides, OPENAI_CALLS, failures)
    check_statuses(report, sides, OPENAI_STATUSES, (chat, chat_stream))
    check_ends(report, sides, chat_stream, chat)
    check_leaving(report, sides, chat)
    report.check("openai: a task cancelled, and the upstream hears of it", lambda: cancel_task(sides))


def check_anthropic(report, upstream, gateway, key):
    sides = Sides("anthropic", anthropic_at, upstream, gateway, key)
    failures = {
        "an error amid a stream": ("APIStatusError", partial(message_stream, model="fails-midstream")),
        # This SDK passes on what its HTTP client raises.
        "the upstream dies amid an event": ("RemoteProtocolError", partial(message_stream, model="dies")),
        "the upstream dies amid a JSON body": ("APIConnectionError", partial(message, model="dies")),
    }
    check_calls(report, sides, ANTHROPIC_CALLS, failures)
    check_statuses(report, sides, ANTHROPIC_STATUSES, (message, message_stream))
    check_ends(report, sides, message_stream, message)
    check_leaving(report, sides, message)


def check_calls(report, sides, calls, failures):
    for name, call in calls.items():
        retries = {"max_retries": 1} if "tried again" in name else {}
        report.check(f"{sides.name}: {name}", lambda: sides.same(call, **retries))
    for name, (raises, call) in failures.items():
        report.check(f"{sides.name}: {name}: {raises}", lambda: sides.same(call, raises))


def check_statuses(report, sides, statuses, calls):
    for status, raises in statuses.items():
        for how, call in zip(("", ", streamed"), calls):
            failing = partial(call, model=f"status-{status}")
            report.check(f"{sides.name}: {status}{how}: {raises}", lambda: sides.same(failing, raises))
    slow = partial(calls[0], model="slow-3000")
    report.check(f"{sides.name}: the SDK's timeout", lambda: sides.same(slow, "APITimeoutError", timeout=0.3))


def check_ends(report, sides, stream, plainly):
    """Where the gateway must speak itself: the provider's own exception, and never a client that waits for ever."""
    url, key = sides.sides[1]
    module = openai if sides.name == "openai" else anthropic

    def raises(kind, call, place="", with_key=key):
        with sides.make(url + place, with_key, timeout=PATIENCE) as client:
            try:
                whole(call(client), [])
            except kind as error:
                assert not isinstance(error, module.APIConnectionError), f"the connection broke off: {error}"
                return error
        raise AssertionError(f"{kind.__name__} was not raised")

    def check(what, kind, *arguments):
        report.check(f"{sides.name}: {what}: {kind.__name__}", lambda: raises(kind, *arguments))

    timed_out = getattr(module, "GatewayTimeoutError", module.InternalServerError)
    check("the upstream dies between two events", module.APIError, partial(stream, model="dies-between"))
    check("the upstream falls silent amid a stream", module.APIError, partial(stream, model="silent"))
    check("the upstream closes without an answer", module.InternalServerError, partial(plainly, model="dies-before"))
    check("the upstream does not begin in time", timed_out, partial(plainly, model="slow-9000"))
    check("nobody listens upstream", module.InternalServerError, plainly, "/gone")
    check("a key that nobody gave out", module.AuthenticationError, plainly, "", "cdr_unknown")
    check("a provider's key in place of ours", module.AuthenticationError, stream, "", "sk-ant-someone")


def check_leaving(report, sides, call):
    """The client leaves amid a stream, and stays open itself: only the answer's end can tell the upstream."""

    def leave():
        with sides.through() as client:
            stream = call(client, "endless", stream=True)
            assert [next(stream) for _ in range(8)], "nothing came"
            stream.close()
            assert sides.upstream.saw_hang_up(HANG_UP_WITHIN), "the upstream was never told"

    report.check(f"{sides.name}: a stream closed, and the upstream hears of it", leave)


def cancel_task(sides):
    """The same for a task of the asynchronous client."""

    async def cancelled():
        url, key = sides.sides[1]
        async with openai_at(url, key, openai.AsyncOpenAI) as client:
            began = asyncio.Event()

            async def listen():
                async for _ in await chat(client, "endless", stream=True):
                    began.set()

            task = asyncio.create_task(listen())
            await asyncio.wait_for(began.wait(), PATIENCE)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            told = await asyncio.to_thread(sides.upstream.saw_hang_up, HANG_UP_WITHIN)
            assert told, "the upstream was never told"

    sides.upstream.reset()
    asyncio.run(cancelled())

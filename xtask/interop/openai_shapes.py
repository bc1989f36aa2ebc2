"""What the scripted upstream says in OpenAI's formats: chat completions, responses, embeddings, models, files."""

import hashlib
import json
import re

HEADERS = {
    "openai-organization": "org-interop",
    "openai-processing-ms": "12",
    "openai-version": "2020-10-01",
    "x-ratelimit-limit-requests": "5000",
    "x-ratelimit-remaining-requests": "4999",
    "x-ratelimit-reset-requests": "12ms",
}
ID_HEADER = "x-request-id"
CREATED = 1_790_000_000
# Every answer has characters of two, three and four bytes, and what JSON must escape.
FLOURISH = 'naïve — 日本語 ☕ 🙂 "quoted" back\\slash\ttab'
ERRORS = {400: "invalid_request_error", 401: "invalid_request_error", 403: "permission_error", 409: "conflict_error",
          404: "invalid_request_error", 422: "invalid_request_error", 429: "requests"}  # fmt: skip


def answer(request):
    """Content type and body of a whole answer; (None, None) where nothing is."""
    said = request.json
    match (request.method, request.path):
        case ("POST", "/v1/chat/completions"):
            return as_json(chat(said))
        case ("POST", "/v1/responses"):
            return as_json(response(said, "completed"))
        case ("POST", "/v1/embeddings"):
            return as_json(embeddings(said))
        case ("GET", "/v1/models"):
            return as_json({"object": "list", "data": [model("plain"), model("text-plain")]})
        case ("GET", "/v1/models/plain"):
            return as_json(model("plain"))
        case ("POST", "/v1/files"):
            return as_json(file(request.body))
        case ("POST", "/v1/audio/speech"):
            return "audio/mpeg", noise(said.get("input", ""))
        case ("POST", "/v1/some/new/endpoint"):
            return as_json({"body": said, "query_is_kept": b"?deep=1" in request.head.split(b"\r\n")[0]})
    return None, None


def events(request):
    """The events of a streamed answer."""
    if request.path == "/v1/responses":
        return [f"event: {kind['type']}\ndata: {dumps(kind)}\n\n" for kind in response_events(request.json)]
    chunks = [f"data: {dumps(chunk)}\n\n" for chunk in chat_chunks(request.json)]
    return [*chunks, "data: [DONE]\n\n"]


def error(status, request_id):
    kind = ERRORS.get(status, "server_error")
    message = f"scripted error {status} ({request_id})"
    return {"error": {"message": message, "type": kind, "param": None, "code": f"scripted_{status}"}}


def error_event():
    return f"data: {dumps(error(500, 'midstream'))}\n\n"


def dumps(value):
    # As providers write it: compact, beyond ASCII unescaped.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_json(value):
    return "application/json", dumps(value).encode()


def heard(messages):
    """The last person's text, and how many images, files and tool results there are."""
    text, counts = "", {"images": 0, "files": 0, "results": 0}
    for message in messages:
        content = message.get("content", message.get("output", ""))
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
        is_result = message.get("role") == "tool" or message.get("type") == "function_call_output"
        counts["results"] += is_result
        for part in parts:
            kind = part.get("type", "")
            counts["images"] += "image" in kind
            counts["files"] += "file" in kind
            if "text" in part and message.get("role") == "user":
                text = part["text"]
    return text, counts


def words_of(text, counts, number=0):
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"Answer {number} to: {text} ({told}). {FLOURISH}"


def calls_of(said, text, counts):
    """Two calls of the first tool that is offered, unless its results are there already."""
    tools = said.get("tools") or []
    if not tools or counts["results"]:
        return []
    name = tools[0].get("function", tools[0])["name"]
    arguments = [dumps({"said": text, "note": FLOURISH}), dumps({"city": "Zürich", "big": 12345678901234567890})]
    return [{"id": f"call_{index}", "name": name, "arguments": given} for index, given in enumerate(arguments)]


def pieces(text):
    """Text as a model streams it: spaces go with the word after them."""
    return re.findall(r"\s*\S{1,4}|\s+$", text)


def usage(text):
    return {"prompt_tokens": 11, "completion_tokens": len(text), "total_tokens": 11 + len(text)}


def chat(said):
    text, counts = heard(said["messages"])
    calls = [
        {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
        for call in calls_of(said, text, counts)
    ]
    choices = []
    for number in range(said.get("n") or 1):
        words = None if calls else words_of(text, counts, number)
        message = {"role": "assistant", "content": words, "refusal": None, "annotations": []}
        message |= {"tool_calls": calls} if calls else {}
        reason = "tool_calls" if calls else "stop"
        choices.append({"index": number, "message": message, "logprobs": None, "finish_reason": reason})
    return {"id": "chatcmpl-" + digest(said), "object": "chat.completion", "created": CREATED, "model": said["model"],
            "choices": choices, "usage": usage(text), "service_tier": "default", "x_unknown_field": {"kept": True}}  # fmt: skip


def chat_chunks(said):
    text, counts = heard(said["messages"])
    calls = calls_of(said, text, counts)
    base = {"id": "chatcmpl-" + digest(said), "object": "chat.completion.chunk", "created": CREATED}
    base |= {"model": said["model"], "service_tier": "default"}

    def chunk(number, delta, reason=None):
        return {**base, "choices": [{"index": number, "delta": delta, "logprobs": None, "finish_reason": reason}]}

    for number in range(said.get("n") or 1):
        yield chunk(number, {"role": "assistant", "content": None if calls else "", "refusal": None})
        for index, call in enumerate(calls):
            function = {"name": call["name"], "arguments": ""}
            start = {"index": index, "id": call["id"], "type": "function", "function": function}
            yield chunk(number, {"tool_calls": [start]})
            for piece in pieces(call["arguments"]):
                yield chunk(number, {"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
        if not calls:
            for piece in pieces(words_of(text, counts, number)):
                yield chunk(number, {"content": piece})
        yield chunk(number, {}, "tool_calls" if calls else "stop")
    if (said.get("stream_options") or {}).get("include_usage"):
        yield {**base, "choices": [], "usage": usage(text)}


def response_items(said):
    given = said.get("input", "")
    text, counts = heard([{"role": "user", "content": given}] if isinstance(given, str) else given)
    calls = calls_of(said, text, counts)
    if calls:
        return [{"type": "function_call", "id": f"fc_{call['id']}", "call_id": call["id"], "name": call["name"],
                 "arguments": call["arguments"], "status": "completed"} for call in calls]  # fmt: skip
    part = {"type": "output_text", "text": words_of(text, counts), "annotations": [], "logprobs": []}
    summary = [{"type": "summary_text", "text": "thought about it"}]
    return [
        {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "c2VhbGVk"},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]},
    ]


def response(said, status):
    output = response_items(said) if status == "completed" else []
    counted = {"input_tokens": 3, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
               "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 8}  # fmt: skip
    return {"id": "resp_" + digest(said), "object": "response", "created_at": CREATED, "status": status,
            "error": None, "incomplete_details": None, "instructions": said.get("instructions"),
            "max_output_tokens": None, "metadata": said.get("metadata") or {}, "model": said["model"],
            "output": output, "parallel_tool_calls": True, "tool_choice": "auto", "tools": said.get("tools") or [],
            "previous_response_id": said.get("previous_response_id"), "store": said.get("store", True),
            "temperature": 1.0, "top_p": 1.0, "usage": counted if status == "completed" else None}  # fmt: skip


def response_events(said):
    bare = [{"type": "response.created", "response": response(said, "in_progress")},
            {"type": "response.in_progress", "response": response(said, "in_progress")}]  # fmt: skip
    for index, item in enumerate(response_items(said)):
        place = {"item_id": item["id"], "output_index": index}
        begun = {**item, "content": [], "status": "in_progress"} if item["type"] == "message" else dict(item)
        begun |= {"arguments": "", "status": "in_progress"} if item["type"] == "function_call" else {}
        bare.append({"type": "response.output_item.added", "output_index": index, "item": begun})
        if item["type"] == "function_call":
            kind = "response.function_call_arguments"
            bare += [{"type": f"{kind}.delta", **place, "delta": piece} for piece in pieces(item["arguments"])]
            bare.append({"type": f"{kind}.done", **place, "name": item["name"], "arguments": item["arguments"]})
        if item["type"] == "message":
            place |= {"content_index": 0}
            part, text = item["content"][0], item["content"][0]["text"]
            bare.append({"type": "response.content_part.added", **place, "part": {**part, "text": ""}})
            kind = "response.output_text"
            bare += [{"type": f"{kind}.delta", **place, "delta": piece, "logprobs": []} for piece in pieces(text)]
            bare.append({"type": f"{kind}.done", **place, "text": text, "logprobs": []})
            bare.append({"type": "response.content_part.done", **place, "part": part})
        bare.append({"type": "response.output_item.done", "output_index": index, "item": item})
    bare.append({"type": "response.completed", "response": response(said, "completed")})
    return [{**event, "sequence_number": number} for number, event in enumerate(bare)]


def embeddings(said):
    texts = [said["input"]] if isinstance(said["input"], str) else said["input"]
    vectors = [[len(str(text)) / 8, -0.5, 0.125] for text in texts]
    rows = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(vectors)]
    counted = {"prompt_tokens": 2, "total_tokens": 2}
    return {"object": "list", "data": rows, "model": said["model"], "usage": counted}


def model(name):
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "interop"}


def file(body):
    # The boundary is the client's choice: only what stands between the boundaries is told.
    inside = body.split(b"\r\n", 1)[1] if b"\r\n" in body else b""
    return {"id": "file_1", "object": "file", "bytes": len(inside), "created_at": CREATED, "filename": "notes.txt",
            "purpose": "assistants", "status": "processed"}  # fmt: skip


def noise(seed):
    """Bytes that are no text."""
    return b"".join(hashlib.sha256(f"{seed} {number}".encode()).digest() for number in range(2000))


def digest(said):
    return hashlib.sha256(dumps(said).encode()).hexdigest()[:24]

"""What the scripted upstream says in Anthropic's formats: messages, token counts, models."""

import json

from openai_shapes import FLOURISH, as_json, digest, dumps, pieces

HEADERS = {
    "anthropic-organization-id": "org-interop",
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2026-11-18T10:01:00Z",
}
ID_HEADER = "request-id"
ERRORS = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
          409: "invalid_request_error", 422: "invalid_request_error", 429: "rate_limit_error", 503: "api_error",
          529: "overloaded_error"}  # fmt: skip


def answer(request):
    """Content type and body of a whole answer; (None, None) where nothing is."""
    said = request.json
    match (request.method, request.path):
        case ("POST", "/v1/messages"):
            return as_json(message(said))
        case ("POST", "/v1/messages/count_tokens"):
            return as_json({"input_tokens": len(dumps(said["messages"]))})
        case ("GET", "/v1/models"):
            models = [model("plain"), model("text-plain")]
            return as_json({"data": models, "has_more": False, "first_id": "plain", "last_id": "text-plain"})
        case ("GET", "/v1/models/plain"):
            return as_json(model("plain"))
    return None, None


def events(request):
    """The events of a streamed answer."""
    return [f"event: {event['type']}\ndata: {dumps(event)}\n\n" for event in message_events(request.json)]


def error(status, request_id):
    kind = ERRORS.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": f"scripted error {status}"}, "request_id": request_id}


def error_event():
    return f"event: error\ndata: {dumps(error(529, 'midstream'))}\n\n"


def heard(messages):
    """The last person's text, and how many images, documents and tool results there are."""
    text, counts = "", {"images": 0, "documents": 0, "results": 0}
    for message in messages:
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for block in blocks:
            counts["images"] += block["type"] == "image"
            counts["documents"] += block["type"] == "document"
            counts["results"] += block["type"] == "tool_result"
            if block["type"] == "text" and message["role"] == "user":
                text = block["text"]
    return text, counts


def blocks(said):
    """Thinking if it is asked for, then words, then a tool call if one is offered and has no result yet."""
    text, counts = heard(said["messages"])
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    found = []
    if said.get("thinking", {}).get("type") == "enabled":
        found.append({"type": "thinking", "thinking": f"What was said: {text}", "signature": "c2lnbmVk" * 8})
    found.append({"type": "text", "text": f"Answer to: {text} ({told}). {FLOURISH}", "citations": None})
    tools = said.get("tools") or []
    if tools and not counts["results"]:
        given = {"said": text, "note": FLOURISH}
        found.append({"type": "tool_use", "id": "toolu_1", "name": tools[0]["name"], "input": given})
    return found


def message(said):
    content = blocks(said)
    reason = "tool_use" if content[-1]["type"] == "tool_use" else "end_turn"
    counted = {"input_tokens": 7, "output_tokens": 9, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
    return {"id": "msg_" + digest(said), "type": "message", "role": "assistant", "model": said["model"],
            "content": content, "stop_reason": reason, "stop_sequence": None, "usage": counted}  # fmt: skip


def message_events(said):
    whole = message(said)
    begun = {**whole, "content": [], "stop_reason": None}
    yield {"type": "message_start", "message": begun}
    yield {"type": "ping"}
    for index, block in enumerate(whole["content"]):
        start, deltas = opened(block)
        yield {"type": "content_block_start", "index": index, "content_block": start}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 9}}
    yield {"type": "message_stop"}


def opened(block):
    """A block as it begins, and what comes after."""
    match block["type"]:
        case "thinking":
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
            return {"type": "thinking", "thinking": "", "signature": ""}, deltas
        case "tool_use":
            text = json.dumps(block["input"], ensure_ascii=False)
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *pieces(text)]]
            return {**block, "input": {}}, deltas
    deltas = [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
    return {**block, "text": ""}, deltas


def model(name):
    return {"type": "model", "id": name, "display_name": name.title(), "created_at": "2026-11-18T10:00:00Z"}

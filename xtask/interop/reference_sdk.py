"""The built-in model under the official SDKs: `candor serve` with the upstream `reference`.

    python reference_sdk.py CANDOR DATA NODE FOLDER

DATA is a data directory with a release and a model that `candor train` made of it; settings of a gateway are written into
it. FOLDER holds reference_sdk.mjs with the OpenAI Node SDK beside it. One line for each check; exits with 1 if one failed.
"""

import json
import os
import pathlib
import subprocess
import sys

# Proxies are for other places than loopback; nothing is told to a vendor.
for name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)

import anthropic
import openai
import pyarrow.parquet

from gateway_process import Gateway
from gateway_same import anthropic_at, openai_at
from report import Report, equal

SETTINGS = """\
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"

[identity]
require_key = true
"""
ROUTE = """
[[route]]
prefix = "/"
namespace = "{namespace}"
upstream = "reference"
"""
RETRIEVAL, TRANSFORMER = "reference-retrieval", "reference-transformer"
# Tried one after the other until the transformer says something.
SEEDS = range(1, 65)
# A client's patience with the transformer, in seconds: a debug build on a busy machine.
PATIENCE = 60
SOURCE = "\n\nSource: row "


class Reference:
    """A data directory whose gateway answers with what was learned there."""

    def __init__(self, program, data):
        self.program, self.data, self.folder = program, data, data.parent
        text = SETTINGS + "".join(ROUTE.format(namespace=namespace) for namespace in ("openai", "anthropic"))
        (data / "gateway.toml").write_text(text)
        command = [program, "--quiet", "--output", "json", "--data", str(data), "gateway", "key", "key-of-interop"]
        self.key = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["key"]


def first_exchange(data):
    """A question of the release that nobody else asks, with its row and what was answered."""
    release = data / "releases" / "interop"
    manifest = json.loads((release / "release.json").read_text(encoding="utf-8"))
    rows = [row for file in manifest["files"] for row in pyarrow.parquet.read_table(release / file["path"]).to_pylist()]
    questions = [turn["content"] for row in rows for turn in row["messages"] if turn["role"] == "user"]
    for number, row in enumerate(rows):
        asked, answer = row["messages"][:2]
        if (asked["role"], answer["role"]) == ("user", "assistant") and questions.count(asked["content"]) == 1:
            return number, asked["content"], answer["content"]
    raise AssertionError("no row of the release begins with a question of its own")


def ask(client, model, question, **more):
    return client.chat.completions.create(model=model, messages=[{"role": "user", "content": question}], **more)


def check_models(client):
    listed = client.models.list().data
    equal([(model.id, model.object, model.owned_by) for model in listed],
          [(name, "model", "candor") for name in (RETRIEVAL, TRANSFORMER)], "models")  # fmt: skip


def check_retrieval(client, exchange):
    number, question, answer = exchange
    given = ask(client, RETRIEVAL, question)
    choice = given.choices[0]
    equal((given.object, given.model, choice.finish_reason, choice.message.role),
          ("chat.completion", RETRIEVAL, "stop", "assistant"), "answer")  # fmt: skip
    assert choice.message.content.startswith(f"{answer}{SOURCE}{number} of release interop ("), choice.message.content
    equal(given.model_extra["candor"]["row"], number, "the row that it was taken from")
    assert given.usage.total_tokens == given.usage.prompt_tokens + given.usage.completion_tokens > 0


def check_nothing_near(client):
    given = ask(client, RETRIEVAL, "zzyzx qwxv brlgrm")
    equal(given.choices[0].message.content, "I have learned nothing near to that.", "answer")
    equal(given.model_extra["candor"]["row"], None, "row")


def speaks(client, model, question):
    """An answer of some length, and how it was asked for: a model that was trained for a few steps often says nothing."""
    for seed in SEEDS:
        asked = {"seed": seed, "temperature": 1.0, "max_tokens": 40}
        whole = ask(client, model, question, **asked)
        if whole.usage.completion_tokens > 12:
            return asked, whole
    raise AssertionError(f"{model} says nothing, whatever the seed")


def check_stream(client, model, question):
    """Pieces add up to the answer that comes whole, and the end tells how many tokens it took."""
    asked, whole = speaks(client, model, question)
    chunks = list(ask(client, model, question, stream=True, stream_options={"include_usage": True}, **asked))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    equal(text, whole.choices[0].message.content, "text")
    equal({chunk.object for chunk in chunks}, {"chat.completion.chunk"}, "kind of each piece")
    equal({chunk.id for chunk in chunks}, {chunks[0].id}, "ids")
    equal(chunks[0].choices[0].delta.role, "assistant", "role")
    ends = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]
    equal(ends, [whole.choices[0].finish_reason], "ends")
    equal(chunks[-1].usage, whole.usage, "usage")
    assert len(chunks) > 4, f"{len(chunks)} pieces"


def check_transformer(client, question):
    asked, first = speaks(client, TRANSFORMER, question)
    second = ask(client, TRANSFORMER, question, **asked)
    equal(second.choices[0].message.content, first.choices[0].message.content, "the answer to the same seed")
    assert first.choices[0].finish_reason in ("stop", "length") and first.usage.completion_tokens <= 40


def check_helper(client, question):
    """The SDK's own streaming helper puts the answer together."""
    with client.chat.completions.stream(model=RETRIEVAL, messages=[{"role": "user", "content": question}]) as stream:
        final = stream.get_final_completion()
    equal(final.choices[0].message.content, ask(client, RETRIEVAL, question).choices[0].message.content, "text")


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def check_refusals(client):
    secret = "a word that no error may repeat"
    for stream in (False, True):
        error = refused(openai.NotFoundError, lambda: ask(client, "gpt-unknown", secret, stream=stream))
        equal((error.status_code, error.type, error.param), (404, "invalid_request_error", "model"), "error")
        assert secret not in str(error)
    error = refused(openai.BadRequestError, lambda: ask(client, RETRIEVAL, secret, n=2))
    equal((error.status_code, error.param), (400, "n"), "error")
    error = refused(openai.BadRequestError, lambda: client.chat.completions.create(model=RETRIEVAL, messages=[]))
    equal(error.param, "messages", "error")
    refused(openai.NotFoundError, lambda: client.embeddings.create(model=RETRIEVAL, input="x"))


def check_anthropic(client):
    """The built-in model speaks OpenAI's dialect alone; a client of the other one is told so in a way that it reads."""
    said = [{"role": "user", "content": "hello"}]
    error = refused(anthropic.NotFoundError, lambda: client.messages.create(model=RETRIEVAL, max_tokens=9, messages=said))
    equal(error.status_code, 404, "status")
    assert "/v1/chat/completions" in str(error), str(error)


def check_node(node, folder, given):
    command = [node, str(pathlib.Path(folder) / "reference_sdk.mjs"), json.dumps(given)]
    sys.stdout.flush()
    assert subprocess.run(command).returncode == 0, "the Node SDK saw a difference"


def main(program, data, node, node_folder):
    report = Report()
    reference = Reference(program, pathlib.Path(data))
    exchange = first_exchange(reference.data)
    number, question, answer = exchange
    gateway = Gateway(reference, "reference")
    try:
        with openai_at(gateway.url, reference.key, timeout=PATIENCE) as client:
            report.check("reference: both models are listed", lambda: check_models(client))
            report.check("reference: the nearest answer, with its row", lambda: check_retrieval(client, exchange))
            report.check("reference: nothing near", lambda: check_nothing_near(client))
            for model in (RETRIEVAL, TRANSFORMER):
                report.check(f"reference: {model}, streamed", lambda: check_stream(client, model, question))
            report.check("reference: the transformer, twice with one seed", lambda: check_transformer(client, question))
            report.check("reference: the SDK's streaming helper", lambda: check_helper(client, question))
            report.check("reference: refusals", lambda: check_refusals(client))
        with anthropic_at(gateway.url, reference.key, timeout=PATIENCE) as client:
            report.check("reference: the Anthropic SDK is told that it is not spoken", lambda: check_anthropic(client))
        given = {"gateway": gateway.url, "key": reference.key, "row": number, "question": question, "answer": answer}
        report.check("reference: openai for node", lambda: check_node(node, node_folder, given))
    finally:
        gateway.kill()
    return report.end()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))

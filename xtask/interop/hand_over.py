"""Hands a release over to Hugging Face and to OpenAI's fine-tuning, as far as that goes without training.

    python hand_over.py RELEASE_FOLDER MODEL_FOLDER WORK_FOLDER

WORK_FOLDER holds `trl.jsonl` and `openai.jsonl` (`candor release export`) and `scores.jsonl`, what our program makes of
the rows (`cargo run -p candor-learn --example score`). Hugging Face datasets must load lines and Parquet to the same
conversations; the tokeniser that transformers opens from the model's folder must give our tokens; the collator of
transformers must make batches of them; the OpenAI SDK's own types and OpenAI's documented rules must take every example.
PyTorch is not needed; hand_over_torch.py does what needs it.
"""

import json
import os
import pathlib
import sys
import tempfile

os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
# What transformers says of models that are longer than they see: ours are cut by whoever trains.
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import datasets
import numpy
import openai.types.chat
import pydantic
import transformers

from report import Report, equal

# Rows of a batch that is collated.
BATCH = 8
# Fewest examples of a file for OpenAI's fine-tuning, and the largest file, in bytes, as OpenAI documents them.
OPENAI_EXAMPLES_MIN = 10
OPENAI_BYTES_MAX = 512 << 20
# A label that no loss is computed for.
IGNORED = -100
MARK = "<|end|>"


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def plain(messages):
    return [{"role": message["role"], "content": message["content"]} for message in messages]


def loaded(kind, files):
    """The conversations of files, as datasets reads them."""
    with tempfile.TemporaryDirectory() as cache:
        rows = datasets.load_dataset(kind, data_files=[str(file) for file in files], split="train", cache_dir=cache)
        return [plain(row["messages"]) for row in rows]


def check_lines(release, work):
    manifest = json.loads((release / "release.json").read_text(encoding="utf-8"))
    parquet = loaded("parquet", [release / file["path"] for file in manifest["files"]])
    assert parquet, "the release is empty, so nothing was compared"
    equal(loaded("json", [work / "trl.jsonl"]), parquet, "conversations")


def check_special_tokens(tokeniser, model):
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
        equal(getattr(tokeniser, name), config[name], name)
    equal(len(tokeniser), config["vocab_size"], "size of the vocabulary")
    equal(tokeniser.model_max_length, config["max_position_embeddings"], "tokens seen at once")


def templated(tokeniser, messages, **more):
    return tokeniser.apply_chat_template(messages, tokenize=True, return_dict=True, **more)["input_ids"]


def check_tokens(tokeniser, conversations, scores):
    equal([templated(tokeniser, messages) for messages in conversations], [score["tokens"] for score in scores], "row")


def check_prompt(tokeniser, conversations):
    for messages in conversations:
        answer = tokeniser.convert_tokens_to_ids("<|assistant|>")
        equal(templated(tokeniser, messages, add_generation_prompt=True), templated(tokeniser, messages) + [answer], "prompt")


def check_text_comes_back(tokeniser, conversations):
    for messages in conversations:
        text = "".join(f"<|{message['role']}|>{message['content']}<|end|>" for message in messages)
        equal(tokeniser.decode(templated(tokeniser, messages)), f"<|begin|>{text}", "text")


def check_spelled_mark(tokeniser):
    """A template is filled in as text, so text that spells a mark becomes it there; docs/training.md says so. As text
    alone it can be encoded to what our program makes of it: characters."""
    end = tokeniser.convert_tokens_to_ids(MARK)
    said = [{"role": "user", "content": f"What does {MARK} mean?"}]
    equal(templated(tokeniser, said).count(end), 2, "marks, of which one was spelled")
    as_text = tokeniser(said[0]["content"], add_special_tokens=False, split_special_tokens=True)["input_ids"]
    equal(as_text.count(end), 0, "marks in text")
    equal(tokeniser.decode(as_text), said[0]["content"], "text")


def check_batch(tokeniser, scores):
    collate = transformers.DataCollatorForLanguageModeling(tokeniser, mlm=False, return_tensors="np")
    for at in range(0, len(scores), BATCH):
        tokens = [score["tokens"] for score in scores[at : at + BATCH]]
        batch = collate([{"input_ids": row} for row in tokens])
        widest = max(map(len, tokens))
        equal(batch["input_ids"].shape, (len(tokens), widest), "shape")
        for row, ids, mask, labels in zip(tokens, batch["input_ids"], batch["attention_mask"], batch["labels"]):
            padding = widest - len(row)
            equal(ids.tolist(), row + [tokeniser.pad_token_id] * padding, "ids")
            equal(mask.tolist(), [1] * len(row) + [0] * padding, "mask")
            equal(labels.tolist(), row + [IGNORED] * padding, "labels")
            assert numpy.issubdtype(ids.dtype, numpy.integer)


def check_openai(work):
    """By the types of the SDK, which has no check of its own for such files, and by the rules of OpenAI's guide: an
    example has messages of known roles, of which the last is the assistant's and not empty; 10 examples at least."""
    file = work / "openai.jsonl"
    taken = pydantic.TypeAdapter(list[openai.types.chat.ChatCompletionMessageParam])
    examples = lines(file)
    assert len(examples) >= OPENAI_EXAMPLES_MIN, f"{len(examples)} examples"
    assert file.stat().st_size <= OPENAI_BYTES_MAX, "the file is too large"
    for number, example in enumerate(examples):
        equal(sorted(example), ["messages"], f"keys of example {number}")
        messages = taken.validate_python(example["messages"], strict=True)
        equal(plain(messages), example["messages"], f"messages of example {number}")
        roles = [message["role"] for message in messages]
        assert "user" in roles and roles[-1] == "assistant", f"example {number}: {roles}"
        assert all(isinstance(message["content"], str) for message in messages), f"example {number}: content"
        assert messages[-1]["content"], f"example {number} ends with nothing"
    for wrong in ({"role": "narrator", "content": "x"}, {"role": "user"}, {"role": "tool", "content": "x"}):
        try:
            taken.validate_python([wrong], strict=True)
        except pydantic.ValidationError:
            continue
        raise AssertionError(f"the SDK's types take {wrong}, so they check nothing")


def main(release, model, work):
    datasets.disable_progress_bars()
    assert "torch" not in sys.modules, "PyTorch is here, so this shows nothing of doing without"
    report = Report()
    tokeniser = transformers.AutoTokenizer.from_pretrained(model)
    conversations = [line["messages"] for line in lines(work / "trl.jsonl")]
    scores = lines(work / "scores.jsonl")
    count = sum(len(score["tokens"]) for score in scores)
    name = f"transformers {transformers.__version__}"
    report.check("datasets: the lines for TRL hold what the Parquet files hold", lambda: check_lines(release, work))
    report.check(f"{name}: special tokens as config.json says", lambda: check_special_tokens(tokeniser, model))
    report.check(f"{name}: our tokens, {count} in {len(scores)} rows", lambda: check_tokens(tokeniser, conversations, scores))
    report.check(f"{name}: the prompt for an answer", lambda: check_prompt(tokeniser, conversations))
    report.check(f"{name}: the text comes back", lambda: check_text_comes_back(tokeniser, conversations))
    report.check(f"{name}: text that spells a mark", lambda: check_spelled_mark(tokeniser))
    report.check(f"{name}: batches", lambda: check_batch(tokeniser, scores))
    report.check(f"openai {openai.__version__}: every example for fine-tuning", lambda: check_openai(work))
    return report.end()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*map(pathlib.Path, sys.argv[1:])))

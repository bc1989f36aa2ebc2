"""Sentences to arrays."""

import numpy as np

import pieces
from corpora import INDEX

LENGTHS = (24, 40, 64, 128)
PIECES_IN_BATCH = 1024
ANY = -1
BEGIN_TO_INSIDE = {1 << INDEX[label]: 1 << INDEX["I" + label[1:]] for label in INDEX if label.startswith("B-")}


class Row:
    """A sentence as pieces. `starts` are the places of the first piece of each token, `owners` the word of each token."""

    def __init__(self, words, vocabulary):
        self.ids, self.shapes, self.starts, self.owners = [pieces.CLS], [pieces.NONE], [], []
        for owner, word in enumerate(words):
            before = ""
            for token in pieces.tokens_of(word):
                found = vocabulary.pieces(token)
                if len(self.ids) + len(found) >= LENGTHS[-1]:
                    break
                self.starts.append(len(self.ids))
                self.owners.append(owner)
                self.ids += found
                self.shapes += [pieces.shape_of(token, before)] * len(found)
                before = token
        self.ids.append(pieces.SEP)
        self.shapes.append(pieces.NONE)

    def targets(self, allowed):
        """The labels that are right for each token: inside a word, those of a span that goes on."""
        made, before = [], None
        for owner in self.owners:
            right = allowed[owner]
            if owner == before:
                for begin, inside in BEGIN_TO_INSIDE.items():
                    if right & begin:
                        right = right & ~begin | inside
            made.append(right)
            before = owner
        return made


def bucket(length):
    return next(limit for limit in LENGTHS if length <= limit)


def batches(rows):
    """Index lists of rows of about the same length, each list a batch of a fixed number of pieces."""
    waiting = {limit: [] for limit in LENGTHS}
    for index, row in enumerate(rows):
        limit = bucket(len(row.ids))
        waiting[limit].append(index)
        if len(waiting[limit]) == max(1, PIECES_IN_BATCH // limit):
            yield limit, waiting[limit]
            waiting[limit] = []
    for limit, rest in waiting.items():
        if rest:
            yield limit, rest


def arrays(rows, limit):
    """(ids, shapes) of a batch, padded to the number of rows of its bucket so that few shapes are compiled."""
    count = max(1, PIECES_IN_BATCH // limit)
    ids = np.zeros((count, limit), np.int32)
    shapes = np.zeros((count, limit), np.int32)
    for place, row in enumerate(rows):
        ids[place, :len(row.ids)] = row.ids
        shapes[place, :len(row.shapes)] = row.shapes
    ids[len(rows):, 0] = pieces.CLS
    return ids, shapes

"""Reads the corpora beside the project into rows of text and spans.

A row is {"text", "spans": [[start, end, label]], "source", "check"}; offsets count characters. `check` rows are kept
out of training: one document in five by the FNV-1a hash of its id, and the whole development set of WNUT17, whose
domain is not that of its training set.
"""

import io
import json
import random
import re

NO_SPACE_BEFORE = set(".,!?;:)]}%…") | {"'s", "n't", "'re", "'ve", "'ll", "'m", "'d", "’s", "’t", "'t"}
NO_SPACE_AFTER = set("([{$#@")


def fnv(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & (2**64 - 1)
    return value


def is_check(name):
    return (fnv(name) >> 32) % 5 == 0


def read(path):
    if path.suffix == ".zst":
        import zstandard

        with open(path, "rb") as file:
            return io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), "utf-8").read()
    return path.read_text("utf-8")


def blocks(text, token_column, tag_column):
    """Sentences as lists of (token, tag), with the comments before them."""
    tokens, comments = [], []
    for line in text.split("\n"):
        if not line.strip():
            if tokens:
                yield tokens, comments
            tokens, comments = [], [] if tokens else comments
        elif line.startswith("# ") and "=" in line and "\t" not in line:
            comments.append(line[2:])
        else:
            columns = re.split(r"[\t ]", line.rstrip("\r"))
            if len(columns) > max(token_column, tag_column):
                tokens.append((columns[token_column], columns[tag_column]))


def joined(tokens):
    """A text as a person would write it, and where each token stands."""
    text, places, glue = "", [], True
    quotes = 0
    for token, _ in tokens:
        closing = token in NO_SPACE_BEFORE or (token == '"' and quotes % 2 == 1)
        if text and not glue and not closing:
            text += " "
        glue = token in NO_SPACE_AFTER or (token == '"' and quotes % 2 == 0)
        quotes += token == '"'
        places.append((len(text), len(text) + len(token)))
        text += token
    return text, places


def aligned(text, tokens):
    """Where each token stands in the text it was cut from."""
    places, at = [], 0
    for token, _ in tokens:
        found = text.find(token, at)
        if found < 0:
            return None
        places.append((found, found + len(token)))
        at = found + len(token)
    return places


def spans(tokens, places, labels):
    found, previous = [], None
    for (token, tag), (start, end) in zip(tokens, places):
        prefix, _, kind = tag.partition("-")
        label = labels.get(kind.lower())
        if label is None or token.startswith("@"):
            previous = None
            continue
        if prefix == "I" and previous == label and found:
            found[-1][1] = end
        else:
            found.append([start, end, label])
        previous = label
    return found


NAMES = {"per": "PERSON", "loc": "LOCATION", "org": "ORGANISATION"}
WNUT = {"person": "PERSON", "location": "LOCATION", "corporation": "ORGANISATION", "group": "ORGANISATION"}


def rows(root):
    root = root / "ner"
    for name, check in (("wnut17train.conll.zst", False), ("emerging.dev.conll", True)):
        for tokens, _ in blocks(read(root / "wnut17" / name), 0, 1):
            text, places = joined(tokens)
            yield {"text": text, "spans": spans(tokens, places, WNUT), "source": "wnut17", "check": check}
    for name in ("a.conll", "b.conll.zst", "e.conll", "f.conll.zst", "g.conll.zst", "h.conll.zst"):
        for tokens, _ in blocks(read(root / "btc" / name), 0, 1):
            text, places = joined(tokens)
            check = is_check(text)
            yield {"text": text, "spans": spans(tokens, places, NAMES), "source": "btc", "check": check}
    for tokens, _ in blocks(read(root / "wikigold" / "wikigold.conll.txt.zst"), 0, 1):
        if tokens[0][0] == "-DOCSTART-":
            continue
        text, places = joined(tokens)
        row = {"text": text, "spans": spans(tokens, places, NAMES), "source": "wikigold", "check": is_check(text)}
        yield row
    document = ""
    for tokens, comments in blocks(read(root / "uner-ewt" / "en_ewt-ud-dev.iob2.zst"), 1, 2):
        for comment in comments:
            if comment.startswith("newdoc id"):
                document = comment.split("=", 1)[1].strip()
        text = next((c.split("=", 1)[1].strip() for c in comments if c.startswith("text =")), None)
        places = aligned(text, tokens) if text else None
        if places is None:
            text, places = joined(tokens)
        row = {"text": text, "spans": spans(tokens, places, NAMES), "source": "ewt", "check": is_check(document)}
        yield row


def plain_texts(root):
    """Text without labels, for how often words are written in lower case."""
    for line in read(root / "a01_oasst1_en_fi" / "oasst1-en-train-messages-with-fi.jsonl.zst").split("\n"):
        if line:
            yield json.loads(line)["text_en"]


def plain_paragraphs(root, characters):
    """Paragraphs of the same, in an order of chance that is always the same, up to so many characters in all."""
    chance, found = random.Random(20261122), []
    texts = [text for text in plain_texts(root) if text and "```" not in text]
    chance.shuffle(texts)
    for text in texts:
        for paragraph in re.split(r"\n\s*\n", text):
            if 30 < len(paragraph) < 700 and re.search(r"[a-z ][A-Z][a-z]", paragraph):
                found.append(paragraph)
                characters -= len(paragraph)
        if characters < 0:
            return found
    return found

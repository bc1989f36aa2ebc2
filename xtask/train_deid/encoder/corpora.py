"""The corpora: sentences of words with, for each word, the set of labels that would be right.

Corpora disagree. What we hold to:
- an @handle is never a name: handles are another kind, found by rule. The Broad Twitter Corpus labels most of them;
  those labels are dropped.
- a #hashtag that a corpus labels may be a name or nothing: both count as right. One it does not label is nothing.
- dates, nationalities and forms of address are not annotated anywhere: the plain ones are labelled by rule (below),
  and for words that might be one (an unlabelled word with a digit, an occupation, a capitalised word before a name)
  `O` is not the only right answer.
"""

import hashlib
import io
import pathlib
import re

import zstandard

from lexicons import GROUPS, HONORIFICS, MONTHS, OCCUPATIONS, WEEKDAYS
from network import LABELS

KIND_OF = {"PER": "PERSON", "person": "PERSON", "LOC": "LOCATION", "location": "LOCATION", "ORG": "ORGANISATION",
           "corporation": "ORGANISATION", "group": "ORGANISATION"}
OCCUPATION_WORDS = {word.strip().lower() for occupation in OCCUPATIONS for word in occupation.split()} - {"of", "real"}
INDEX = {label: index for index, label in enumerate(LABELS)}
SMALL_LINKS = re.compile(r"^(?:,|of|the|-)$", re.I)
NUMBER = re.compile(r"^(?:\d{1,2}(?:st|nd|rd|th)?|(?:1[6-9]|20)\d\d)$", re.I)
YEAR = re.compile(r"^(?:1[6-9]|20)\d\d$")
DATE = re.compile(r"^(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}:\d\d(?::\d\d)?(?:[ap]m)?|\d{1,2}[ap]m|(?:19|20)\d0s)$", re.I)


class Sentence:
    """Words and, for each, the labels that are right, as bits."""

    def __init__(self, words, allowed, source):
        self.words, self.allowed, self.source = words, allowed, source


def read(path):
    data = pathlib.Path(path).read_bytes()
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()
    return data.decode("utf-8", "replace")


def columns(path, word, label, separator):
    """Yields (comments, words, labels) of each sentence."""
    comments, words, labels = [], [], []
    for line in read(path).split("\n") + [""]:
        line = line.rstrip("\r")
        if line.startswith("# ") and separator == "\t" and "=" in line and label == 2:
            comments.append(line)
        elif not line.strip():
            if words:
                yield comments, words, labels
                comments = []
            words, labels = [], []
        else:
            cells = line.split(separator)
            words.append(cells[word].strip() or "_")
            labels.append(cells[label])


def joined_signs(words, labels):
    """`@ name` and `# tag`, written as two words, made one."""
    made = []
    for word, label in zip(words, labels):
        if made and made[-1][0] in ("@", "#") and re.match(r"\w", word):
            before = made.pop()
            made.append((before[0] + word, label if before[1] == "O" else before[1]))
        else:
            made.append((word, label))
    return [word for word, _ in made], [label for _, label in made]


def kinds(words, labels):
    """(kind or None, is it the first word) of each word, whatever the way of labelling."""
    made, before = [], None
    for word, label in zip(words, labels):
        side, _, name = label.partition("-")
        kind = "MISC" if name == "MISC" else KIND_OF.get(name)
        if word.startswith("@") and len(word) > 1:
            kind = None
        made.append((kind, kind is not None and (side == "B" or kind != before)))
        before = kind
    return made


def sentence(words, labels, source):
    spans = kinds(words, labels)
    spans = dated(words, spans)
    allowed = []
    for place, (word, (kind, first)) in enumerate(zip(words, spans)):
        if kind == "MISC" or kind is None:
            bare = word.strip(".").lower()
            if word.lower() in GROUPS and word[:1].isupper():
                allowed.append(1 << INDEX["B-GROUP"] | 1 << INDEX["I-GROUP"])
            elif bare in HONORIFICS and word[:1].isupper():
                allowed.append(1 << INDEX["B-TITLE"])
            else:
                right = 1 << INDEX["O"]
                if word[:1] not in "@#" and len(word) <= 10 and any(character.isdigit() for character in word):
                    right |= 1 << INDEX["B-DATE"] | 1 << INDEX["I-DATE"]
                named = place + 1 < len(spans) and spans[place + 1] == ("PERSON", True) and word[:1].isupper()
                if named or word.lower() in OCCUPATION_WORDS:
                    right |= 1 << INDEX["B-TITLE"] | 1 << INDEX["I-TITLE"]
                allowed.append(right)
            continue
        right = 1 << INDEX[("B-" if first else "I-") + kind]
        if word.startswith("#"):
            right |= 1 << INDEX["O"]
        allowed.append(right)
    return Sentence(words, allowed, source)


def dated(words, spans):
    """Labels plain dates and times among what has no label."""
    core = []
    for word, (kind, _) in zip(words, spans):
        low = word.lower().strip(".")
        free = kind is None
        core.append(free and (low in MONTHS or low in WEEKDAYS or bool(DATE.match(word)) or bool(YEAR.match(word))))
    for place, word in enumerate(words):
        if core[place] and word.lower() in ("may", "march", "sun", "sat", "mar", "dec", "jan"):
            near = words[max(0, place - 1):place] + words[place + 1:place + 2]
            core[place] = word[0].isupper() and any(NUMBER.match(other) or other.lower() in ("in", "last", "since", "next")
                                                    for other in near)
    made, open_span = list(spans), False
    for place, word in enumerate(words):
        month_near = any(words[other].lower().strip(".") in MONTHS for other in (place - 1, place + 1)
                         if 0 <= other < len(words) and core[other])
        half = open_span and word.lower().strip(".") in ("am", "pm", "a.m", "p.m")
        inside = core[place] or spans[place][0] is None and (half or NUMBER.match(word) and month_near)
        bridge = (open_span and SMALL_LINKS.match(word) and place + 1 < len(words) and core[place + 1]
                  and spans[place][0] is None)
        if inside or bridge:
            made[place] = ("DATE", not open_span)
            open_span = True
        else:
            open_span = False
    return made


def kept_out(document):
    """Whether a document of EWT is in the fifth that is never trained on."""
    return hashlib.sha256(document.encode()).digest()[0] % 5 == 0


def ewt(folder):
    """(to train, kept out): one document in five is kept out."""
    train, check, document = [], [], ""
    for comments, words, labels in columns(folder / "uner-ewt/en_ewt-ud-dev.iob2.zst", 1, 2, "\t"):
        for line in comments:
            if line.startswith("# newdoc id = "):
                document = line[len("# newdoc id = "):]
        (check if kept_out(document) else train).append(sentence(words, labels, "ewt"))
    return train, check


def wnut(folder):
    train = [sentence(words, labels, "wnut")
             for _, words, labels in columns(folder / "wnut17/wnut17train.conll.zst", 0, 1, "\t")]
    check = [sentence(words, labels, "wnut")
             for _, words, labels in columns(folder / "wnut17/emerging.dev.conll", 0, 1, "\t")]
    return train, check


def twitter(folder):
    made = []
    for section in "abefgh":
        path = folder / f"btc/{section}.conll"
        path = path if path.exists() else folder / f"btc/{section}.conll.zst"
        for _, words, labels in columns(path, 0, 1, "\t"):
            made.append(sentence(*joined_signs(words, labels), f"btc-{section}"))
    return made


def wikigold(folder):
    return [sentence(words, labels, "wikigold")
            for _, words, labels in columns(folder / "wikigold/wikigold.conll.txt.zst", 0, 1, " ") if len(words) > 1]

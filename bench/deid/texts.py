"""Marked texts: corpora beside the checkout where they are, else sentences made from templates."""

import io
import json
import random
from pathlib import Path

import zstandard

GENERATED_SEED = 11
# What stands in braces is drawn and marked as that type.
TEMPLATES = [
    "My name is {PERSON} and I live at {STREET_ADDRESS}.",
    "Please send the invoice to {EMAIL_ADDRESS}, not to my old address.",
    "Call {PERSON} at {PHONE_NUMBER} after six.",
    "The order 4471-2290-18 was paid with card {CREDIT_CARD}.",
    "{PERSON} moved from {GPE} to {GPE} in spring.",
    "I work for {ORGANIZATION} and my manager is {PERSON}.",
    "Transfer it to {IBAN_CODE} by Friday, thanks!",
    "The server at {IP_ADDRESS} rejected version 10.2.3.4 of the client.",
    "My social security number is {US_SSN}, can you fill in the form?",
    "May I bill you for the May meeting? The bill is attached.",
    "Why does the build fail with error 4111 after upgrading to 2.0.1?",
    "hi its {PERSON} again, did {PERSON} get my mail from {EMAIL_ADDRESS}?",
]
FIRST = "Maria James Aisha Chen Olga Pedro Ingrid Kofi Lena Tomasz Priya Hugo".split()
LAST = "Delgado Whitfield Okafor Novak Lindqvist Moreau Tanaka Brandt Sousa Kowalski Rao Fischer".split()
PLACES = "Lyon Denver Gdansk Porto Osaka Leeds Accra Bergen Turin Austin".split()
STREETS = "Maple Orchard Station Harbour Mill Church".split()
FIRMS = "Brightwater Logistics|Nordlicht GmbH|Casa Verde Foods|Halden & Sons|Quill Software Inc".split("|")


def luhn(digits):
    total = sum(d if at % 2 else sum(divmod(2 * d, 10)) for at, d in enumerate(reversed(digits)))
    return -total % 10


def drawn(kind, chance):
    number = lambda count: "".join(str(chance.randrange(10)) for _ in range(count))
    if kind == "PERSON":
        return f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    if kind == "GPE":
        return chance.choice(PLACES)
    if kind == "ORGANIZATION":
        return chance.choice(FIRMS)
    if kind == "STREET_ADDRESS":
        return f"{chance.randrange(1, 400)} {chance.choice(STREETS)} Street, {chance.choice(PLACES)}"
    if kind == "EMAIL_ADDRESS":
        return f"{chance.choice(FIRST)}.{chance.choice(LAST)}@{chance.choice(PLACES)}mail.org".lower()
    if kind == "PHONE_NUMBER":
        return f"(212) {chance.randrange(200, 900)}-{number(4)}"
    if kind == "CREDIT_CARD":
        digits = [4] + [chance.randrange(10) for _ in range(14)]
        text = "".join(map(str, digits + [luhn(digits)]))
        return " ".join(text[at : at + 4] for at in range(0, 16, 4))
    if kind == "IBAN_CODE":
        account = number(18)
        return f"DE{98 - int(account + '131400') % 97:02}{account}"
    if kind == "IP_ADDRESS":
        return ".".join(str(chance.randrange(11, 240)) for _ in range(4))
    if kind == "US_SSN":
        return f"{chance.randrange(100, 600)}-{chance.randrange(10, 99)}-{chance.randrange(1000, 9999)}"
    raise ValueError(kind)


def generated(rows):
    chance = random.Random(GENERATED_SEED)
    for number in range(rows):
        text, spans = "", []
        for at, piece in enumerate(TEMPLATES[number % len(TEMPLATES)].replace("}", "{").split("{")):
            if at % 2:
                value = drawn(piece, chance)
                spans.append({"start": len(text), "end": len(text) + len(value), "type": piece})
                piece = value
            text += piece
        yield {"text": text, "spans": spans}


def unpacked(path: Path):
    data = path.read_bytes()
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()
    return data.decode()


def lines(path: Path):
    for line in filter(str.strip, unpacked(path).split("\n")):
        row = json.loads(line)
        yield {"text": row["text"], "spans": row["spans"]}


def columns(path: Path, word_column, tag_column):
    """Sentences of a column file; words are joined by blanks."""
    words, tags = [], []
    for line in [*unpacked(path).split("\n"), ""]:
        if line.startswith("# "):
            continue
        if line.strip():
            cells = line.split("\t")
            words.append(cells[word_column])
            tags.append(cells[tag_column])
        elif words:
            yield sentence(words, tags)
            words, tags = [], []


def sentence(words, tags):
    text, spans = "", []
    for word, tag in zip(words, tags):
        text += " " if text else ""
        start = len(text)
        text += word
        position, _, kind = tag.partition("-")
        if position == "I" and spans and spans[-1]["open"] and spans[-1]["type"] == kind:
            spans[-1]["end"] = len(text)
        elif position in ("B", "I"):
            spans.append({"start": start, "end": len(text), "type": kind, "open": True})
        if position == "O":
            for span in spans:
                span["open"] = False
    return {"text": text, "spans": [{key: span[key] for key in ("start", "end", "type")} for span in spans]}


def sets(corpora: Path, rows):
    """Each set that is there: its name, its rows, and the branches that it marks in full (none: all)."""
    synth = corpora / "pii/synth_dev.jsonl.zst"
    if synth.exists():
        yield "templated sentences (presidio-research, tuning part)", list(lines(synth))[:rows], None
    else:
        print(f"no corpora in {corpora}: the texts are generated")
        yield "generated sentences", list(generated(rows)), None
    ewt = corpora / "ner/uner-ewt/en_ewt-ud-dev.iob2.zst"
    if ewt.exists():
        yield "web text (EWT, dev)", list(columns(ewt, 1, 2))[:rows], ["person", "location", "organisation"]
    wnut = corpora / "ner/wnut17/emerging.dev.conll"
    if wnut.exists():
        yield "noisy text (WNUT17, dev)", list(columns(wnut, 0, 1))[:rows], ["person"]

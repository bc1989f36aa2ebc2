"""Writes rows.jsonl, plain.jsonl and lexicon.tsv for `cargo xtask train-deid`: write_rows.py CORPORA WHEELS OUT"""

import json
import pathlib
import sys

import corpora
import generated
import lexicon

GENERATED_ROWS = 50_000
# Text that nobody labelled, for the model and the encoder to read together.
PLAIN_CHARACTERS = 3_000_000


def title_case(name):
    return " ".join(w if w in ("de", "van", "von", "der", "da", "al", "bin", "la", "del", "di") else w[:1].upper() + w[1:] for w in name.split())


def main():
    root, wheels, out = map(pathlib.Path, sys.argv[1:4])
    (wheel,) = wheels.glob("vicary-*.whl")
    out.mkdir(parents=True, exist_ok=True)
    words = lexicon.lexicon(wheel, corpora.plain_texts(root))
    with open(out / "lexicon.tsv", "w") as file:
        file.writelines(f"{word}\t{bits}\n" for word, bits in words.items())
    write_plain(root, out / "plain.jsonl")
    known = lexicon.tiers(wheel)
    names = [title_case(name) for name in known["full"] if 2 <= len(name.split()) <= 3 and name.replace(" ", "").isalpha()]
    places = [title_case(name) for name in known["settlement"] if name.replace(" ", "").isalpha()]
    groups = [name for name in known["demonym"] if name.isalpha()]
    writer = generated.Writer(20261122, names, places, groups)
    demonyms = set(groups) | {f"{name}s" for name in groups}
    with open(out / "rows.jsonl", "w") as file:
        for row in [*corpora.rows(root), *writer.rows(GENERATED_ROWS)]:
            if row["source"] != "generated":
                mark_groups(row, demonyms)
            json.dump(row, file, ensure_ascii=False)
            file.write("\n")


def write_plain(root, path):
    with open(path, "w") as file:
        for text in corpora.plain_paragraphs(root, PLAIN_CHARACTERS):
            json.dump({"text": text}, file, ensure_ascii=False)
            file.write("\n")


def mark_groups(row, demonyms):
    """The corpora do not label nationalities: those that are written with a capital and labelled as nothing else."""
    for found in lexicon.WORD.finditer(row["text"]):
        if found.group().lower() in demonyms and found.group()[0].isupper():
            if not any(start < found.end() and found.start() < end for start, end, _ in row["spans"]):
                row["spans"].append([found.start(), found.end(), "GROUP"])
    row["spans"].sort()


main()

"""Conversations and prompts with identifiers in known places, and what the engine leaves of them; see `bench/deid.sh`.

A document leaks when one letter or digit of one marked span is left. Turns are drawn from `templates/`, each of which
belongs by its hash to one of two halves: rules may be mended by looking at the tune half, and only the check half says
how good they are. Identities of the halves have other seeds.
"""

import argparse
import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import drawn_numbers as numbers
import people

HERE = Path(__file__).parent
SEEDS = {"tune": 2026, "check": 9091}
# The share of people who write in their own language, where that is not English, and of those who never press shift.
OWN_LANGUAGE, LOWER_CASE, TYPING_IN_HASTE = 0.6, 0.15, 0.15
TYPO = 0.05
TURNS = (2, 8)
# Types that an engine can be sure of by itself: by a check digit, a parser, a numbering plan or a vendor's format.
VALIDATED = {
    "EMAIL": "email", "PHONE": "phone", "CARD": "card", "IBAN": "bank", "ROUTING": "bank", "NATIONAL_ID": "identity",
    "IP": "network", "MAC": "network", "DEVICE": "device", "VEHICLE": "device", "CRYPTO": "crypto", "SECRET": "secret",
    "PRIVATE_KEY": "secret", "URL": "web",
}
OTHERS = {
    "PERSON": "person", "ADDRESS": "location", "LOCATION": "location", "COORDINATES": "location",
    "ORGANISATION": "organisation", "TITLE": "title", "BIRTH_DATE": "date", "AGE": "age", "MEDICAL_RECORD": "identity",
    "PASSPORT": "identity", "DRIVING_LICENCE": "identity", "PLATE": "device", "HANDLE": "web", "WEBSITE": "web",
    "BANK_ACCOUNT": "bank",
}
PLACE = re.compile(r"\{(~?[a-z.]+)\}")
# Decoys that a person may want to keep by policy: names that are public.
PUBLIC = ("figure", "work")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--candor", type=Path, required=True)
    options.add_argument("--rows", type=int, default=6000, help="conversations, in both halves together")
    options.add_argument("--prompts", type=int, default=240, help="long prompts, in both halves together")
    options.add_argument("--encoder", type=Path, help="a second reader of names")
    options.add_argument("--half", choices=list(SEEDS), action="append")
    options.add_argument("--out", type=Path, help="where the texts, what was found and what was missed is written")
    options = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as folder:
        folder = options.out or Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for half in options.half or SEEDS:
            half = Half(half, options, folder)
            half.report_conversations()
            half.report_prompts()


class Half:
    def __init__(self, name, options, folder):
        self.name, self.options, self.folder = name, options, folder

    def report_conversations(self):
        templates = read_templates(self.name)
        rows = list(conversations(self.name, templates, self.options.rows // len(SEEDS)))
        gold = self.write("conversations", rows)
        count = sum(len(lines) for lines in templates.values())
        print(f"\nconversations, {self.name} half: {len(rows)} of {count} templates, "
              f"{sum(len(row['spans']) for row in rows)} identifiers")
        for label, types in (("validated types", VALIDATED), ("all types", VALIDATED | OTHERS)):
            score = self.score(gold, types)
            share = score["documents_leaking"]["share"]
            print(f"  documents with any leak, {label}: {shown(share)}")
        found = self.found(gold)
        missed = self.print_types(rows, found)
        self.print_decoys(rows, found, self.found(gold, "--keep-public"))
        (self.folder / f"{self.name}-missed.jsonl").write_text("".join(json.dumps(m, ensure_ascii=False) + "\n" for m in missed))

    def report_prompts(self):
        rows = list(prompts(self.name, self.options.prompts // len(SEEDS)))
        found = self.found(self.write("prompts", rows))
        units = hidden = removed = marked_characters = characters = 0
        missed = []
        for row, spans in zip(rows, found):
            covered = covered_characters(spans)
            characters += len(row["text"])
            removed += len(covered)
            marked_characters += len(covered_characters(row["spans"]))
            marked = defaultdict(list)
            for span in row["spans"]:
                marked[row["text"][span["start"] : span["end"]]].append(span)
            for unit, places in marked.items():
                units += 1
                left = [place for place in places if is_left(row["text"], place, covered)]
                hidden += not left
                missed += [{"type": left[0]["type"], "text": unit}] if left else []
        print(f"\nlong prompts, {self.name} half: {len(rows)} texts, {characters} characters, "
              f"{marked_characters / characters:.1%} of them marked\n"
              f"  units found, whole and everywhere: {hidden} of {units}, {shown(wilson(hidden, units))}\n"
              f"  characters removed: {removed / characters:.1%}")
        counted = Counter(unit["type"] for unit in missed)
        print("  missed: " + ", ".join(f"{kind} {count}" for kind, count in counted.most_common()))
        (self.folder / f"{self.name}-prompts-missed.jsonl").write_text("".join(json.dumps(m, ensure_ascii=False) + "\n" for m in missed))

    def write(self, name, rows):
        path = self.folder / f"{self.name}-{name}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        return path

    def ask(self, *arguments):
        encoder = ["--encoder", self.options.encoder] if self.options.encoder else []
        command = [self.options.candor, "--data", self.folder / "none", "--quiet", *arguments, *encoder]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"candor {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def score(self, gold, types):
        known = self.folder / "types.toml"
        lines = [f'{kind} = "{(types.get(kind, ""))}"' for kind in VALIDATED | OTHERS]
        known.write_text("[types]\n" + "\n".join(lines) + "\n")
        return json.loads(self.ask("--output", "json", "deid", "score", gold, "--map", known))

    def found(self, gold, *arguments):
        found = self.ask("--output", "json", "deid", gold, "--detect-only", "--field", "text", *arguments)
        return [json.loads(line)["spans"] for line in found.splitlines()]

    def print_types(self, rows, found):
        """How often any of an identifier is left, by type; gives those that are."""
        counts, missed = defaultdict(Counter), []
        for number, (row, spans) in enumerate(zip(rows, found)):
            covered = covered_characters(spans)
            for span in row["spans"]:
                text = row["text"]
                left = is_left(text, span, covered)
                counts[span["type"]]["all"] += 1
                counts[span["type"]]["left"] += left
                if left:
                    around = text[max(0, span["start"] - 60) : span["end"] + 30]
                    kept = "".join(c if at + span["start"] not in covered else "·" for at, c in
                                   enumerate(text[span["start"] : span["end"]]))
                    missed.append({"type": span["type"], "left": kept, "around": around, "row": number,
                                   "locale": row["locale"], "what": span.get("what")})
        for kind in sorted(counts, key=lambda kind: (kind not in VALIDATED, kind)):
            left, whole = counts[kind]["left"], counts[kind]["all"]
            print(f"  {kind:16} {whole:6} marked, any left {shown(wilson(left, whole))}")
        return missed

    def print_decoys(self, rows, found, kept_public):
        """How often anything is taken away of what identifies nobody."""
        counts = defaultdict(Counter)
        for row, all_spans, kept in zip(rows, found, kept_public):
            for decoy in row["decoys"]:
                spans = kept if decoy["type"] in PUBLIC else all_spans
                covered = covered_characters(spans)
                counts[decoy["type"]]["all"] += 1
                counts[decoy["type"]]["taken"] += any(at in covered for at in range(decoy["start"], decoy["end"]))
        total = sum((count for kind, count in counts.items() if kind not in PUBLIC), Counter())
        print(f"  alarms on {total['all']} decoys: {shown(wilson(total['taken'], total['all']))}; "
              + ", ".join(f"{kind} {count['taken']} of {count['all']}" for kind, count in sorted(counts.items())))


def covered_characters(spans):
    return {at for span in spans for at in range(span["start"], span["end"])}


def is_left(text, span, covered):
    return any(text[at].isalnum() and at not in covered for at in range(span["start"], span["end"]))


def wilson(count, of):
    """The share with its 95 % interval (Wilson 1927)."""
    if not of:
        return None
    z, share = 1.959964, count / of
    centre, width = share + z * z / (2 * of), z * (share * (1 - share) / of + z * z / (4 * of * of)) ** 0.5
    low, high = ((centre - width) / (1 + z * z / of), (centre + width) / (1 + z * z / of))
    return {"value": share, "low": max(0.0, low), "high": high}


def shown(share):
    return "-" if share is None else f"{share['value']:.2%} ({share['low']:.2%} to {share['high']:.2%})"


def half_of(template):
    return "check" if hashlib.sha256(template.encode()).digest()[0] % 2 else "tune"


def read_templates(half):
    """The lines of a half by language and sort of turn."""
    templates = defaultdict(list)
    for path in sorted((HERE / "templates").glob("??.txt")):
        sort = None
        for line in path.read_text().splitlines():
            if line.startswith("== "):
                sort = line[3:]
            elif line and not line.startswith("#") and half_of(line) == half:
                templates[path.stem, sort].append(line.replace("\\n", "\n"))
    return templates


def conversations(half, templates, count):
    chance = random.Random(SEEDS[half])
    world = people.World(chance)
    for _ in range(count):
        locale = chance.choice(people.LOCALES)
        language = locale[:2] if chance.random() < OWN_LANGUAGE and (locale[:2], "open") in templates else "en"
        writer = Writer(world, locale, language)
        is_lower, is_hasty = chance.random() < LOWER_CASE, chance.random() < TYPING_IN_HASTE
        for turn in range(chance.randrange(TURNS[0], TURNS[1] + 1)):
            sort = "open" if turn == 0 else "answer" if turn % 2 else "follow"
            lines = templates.get((language, sort)) or templates["en", sort]
            by_person = sort != "answer"
            writer.write(chance.choice(lines), is_lower and by_person, is_hasty and by_person)
            writer.text += "\n\n"
        yield writer.row()


def prompts(half, count):
    """Long texts with a story around them, of templates in paragraphs."""
    chance = random.Random(SEEDS[half] + 1)
    world = people.World(chance)
    blocks = [block.strip() for block in (HERE / "templates/prompts.txt").read_text().split("\n====\n")]
    blocks = [block for block in blocks if block and half_of(block) == half]
    for number in range(count):
        writer = Writer(world, chance.choice(["en_US", "en_US", "en_GB", chance.choice(people.LOCALES)]))
        writer.write(blocks[number % len(blocks)], is_lower=False, is_hasty=False)
        yield writer.row()


class Writer:
    """Fills templates for one conversation: everybody in it stays who they are."""

    # Pasted, not typed: nobody writes them in lower case.
    PASTED = {"SECRET", "PRIVATE_KEY", "URL", "CRYPTO", "VEHICLE", "IBAN"}

    def __init__(self, world, locale, language="en"):
        self.world, self.locale = world, locale
        english = locale if locale.startswith("en") else None
        near = lambda: english or (locale if world.chance.random() < 0.8 else "en_US")
        self.cast = {who: world.person(near() if who != "me" else locale, language) for who in ("me", "you", "third")}
        self.foreign = world.chance.choice(sorted(numbers.NATIONAL))
        self.foreign_id = numbers.NATIONAL[self.foreign][2](world.faker, world.chance)
        self.text, self.spans, self.decoys = "", [], []

    def row(self):
        return {"text": self.text.strip("\n"), "spans": self.spans, "decoys": self.decoys, "locale": self.locale}

    def write(self, template, is_lower, is_hasty):
        for at, piece in enumerate(PLACE.split(template)):
            marks = None
            if at % 2:
                drawn = piece, kind, marks = self.drawn(piece)
            elif is_hasty:
                piece = self.misspelt(piece)
            if is_lower and not (marks is not None and kind in self.PASTED):
                piece = piece.lower()
            if marks is not None and kind:
                where = {"start": len(self.text), "end": len(self.text) + len(piece), "type": kind}
                if kind == "NATIONAL_ID":
                    where["what"] = self.foreign if marks is self.spans and drawn[0] == self.foreign_id else self.locale[3:]
                marks.append(where)
            self.text += piece

    def drawn(self, name):
        """What stands for a name in a template: text, type, and the list it is marked in."""
        if name.startswith("~"):
            return numbers.DECOYS[name[1:]](self.world.chance), name[1:], self.decoys
        if name == "xid":
            return self.foreign_id, "NATIONAL_ID", self.spans
        if name == "xid.name":
            return self.world.chance.choice(numbers.NATIONAL[self.foreign][0]), None, self.spans
        if name in people.LOOSE:
            kind, draw = people.LOOSE[name]
            return draw(self.world), kind, self.spans
        who, _, attribute = name.partition(".")
        return (*self.cast[who].value(attribute), self.spans)

    def misspelt(self, piece):
        chance, words = self.world.chance, piece.split(" ")
        for at, word in enumerate(words):
            if len(word) > 4 and word.isalpha() and chance.random() < TYPO:
                swap = chance.randrange(1, len(word) - 2)
                words[at] = word[:swap] + word[swap + 1] + word[swap] + word[swap + 2 :]
        return " ".join(words)


if __name__ == "__main__":
    main()

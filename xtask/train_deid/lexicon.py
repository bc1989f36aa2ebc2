"""Makes the word list that the name model looks words up in: each word with what it is known to be.

Bits: 1 given name, 2 surname, 4 a place by itself, 8 part of a place's name, 16 nationality, 32 occupation word;
bits 6 and 7: how the word is written inside English sentences (0 unknown, 1 mostly lower case, 2 both, 3 mostly
capitalised); bit 8: among the 2,000 most frequent words, bit 9: among the 20,000 most frequent; bit 10: a term that
names nobody though it is written with a capital.
"""

import collections
import gzip
import re
import unicodedata

import terms

GIVEN, SURNAME, PLACE, PLACE_PART, DEMONYM, OCCUPATION, TERM = 1, 2, 4, 8, 16, 32, 1 << 10
WORD = re.compile(r"[^\W\d_]+")


def plain(word):
    """Lower case without accents, as the engine folds a word before it looks it up."""
    text = unicodedata.normalize("NFKD", word.lower())
    return "".join(c for c in text if not unicodedata.combining(c))


def tiers(wheel):
    import zipfile

    with zipfile.ZipFile(wheel) as archive:
        text = gzip.decompress(archive.read("vicary/data/notability.txt.gz")).decode()
    found, tier = collections.defaultdict(list), None
    for line in text.split("\n"):
        if line.startswith("#!tier"):
            tier = line.split()[1]
        elif tier and line:
            found[tier].append(line)
    return found


def faker_names():
    import importlib
    import pkgutil

    import faker.providers.address as address
    import faker.providers.person as person

    def values(module, wanted):
        names = [name for name in dir(module) if wanted(name)]
        for name in names:
            value = getattr(module, name)
            if isinstance(value, (dict, list, tuple)):
                yield from value

    for package, kind in ((person, "person"), (address, "address")):
        for found in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            provider = getattr(module, "Provider", None)
            if provider is None:
                continue
            if kind == "person":
                given = values(provider, lambda n: n.startswith("first_names"))
                last = values(provider, lambda n: n.startswith("last_names"))
                yield from ((GIVEN, str(v)) for v in given if isinstance(v, str))
                yield from ((SURNAME, str(v)) for v in last if isinstance(v, str))
            else:
                cities = values(provider, lambda n: n in ("cities", "city_names", "towns"))
                yield from ((PLACE, v) for v in cities if isinstance(v, str))
                countries = values(provider, lambda n: n == "countries")
                yield from ((PLACE, v) for v in countries if isinstance(v, str))


def lexicon(wheel, texts):
    bits = collections.Counter()

    def add(word, bit):
        if len(word) > 1:
            bits[word] = bits[word] | bit

    known = tiers(wheel)
    for tier in ("given", "given_corroboration"):
        for name in known[tier]:
            add(plain(name), GIVEN)
    firsts, lasts = collections.Counter(), collections.Counter()
    for name in known["full"]:
        words = WORD.findall(plain(name))
        if len(words) >= 2:
            firsts[words[0]] += 1
            lasts[words[-1]] += 1
    for word, count in firsts.items():
        if count >= 4:
            add(word, GIVEN)
    for word, count in lasts.items():
        if count >= 2:
            add(word, SURNAME)
    for word in known["demonym"]:
        parts = WORD.findall(plain(word))
        if len(parts) == 1 and len(parts[0]) > 3:
            add(parts[0], DEMONYM)
            add(parts[0] + ("es" if parts[0].endswith(("s", "sh", "ch")) else "s"), DEMONYM)
    for name in known["settlement"] + known["place"]:
        words = WORD.findall(plain(name))
        for word in words:
            if len(word) > 3:
                add(word, PLACE if len(words) == 1 else PLACE_PART)
    for bit, name in faker_names():
        words = WORD.findall(plain(name))
        for word in words:
            if len(words) == 1 or bit != PLACE:
                add(word, bit)
            elif len(word) > 3:
                add(word, PLACE_PART)
    from faker.providers.job import Provider

    for job in Provider.jobs:
        for word in WORD.findall(plain(job)):
            if len(word) > 3:
                add(word, OCCUPATION)
    lower, capital = collections.Counter(), collections.Counter()
    for text in texts:
        inside = False
        for found in re.finditer(r"[^\W\d_]+|[.!?:\n\"“*]", text):
            token = found.group()
            if token[0].isalpha():
                if token[0].islower():
                    lower[plain(token)] += 1
                elif inside:
                    capital[plain(token)] += 1
                inside = True
            else:
                inside = False
    total = lower + capital
    frequent = [word for word, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))]
    for rank, word in enumerate(frequent[:40000]):
        if total[word] < 3 or len(word) < 2:
            continue
        share = capital[word] / total[word]
        case = 1 if share < 0.15 else 3 if share > 0.8 else 2
        value = case << 6 | (rank < 2000) << 8 | (rank < 20000) << 9
        bits[word] = bits[word] | value
    for term in terms.TERMS:
        add(plain(term), TERM)
    return dict(sorted(bits.items()))

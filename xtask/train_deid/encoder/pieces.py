"""Text to word pieces, as the encoder reads them. `crates/deid/src/encoder/pieces.rs` is the same in Rust.

A *token* is a run of letters and digits, or one sign. Pieces are made of tokens, never of the words a corpus happens
to have, so that a text gives the same input however it was split before.
"""

import unicodedata

PAD, UNK, CLS, SEP, MASK = range(5)
TOKEN_CHARACTERS_MAX = 100

# Shapes: what is lost when the text is put into lower case.
NONE, LOWER, CAPITALISED, CAPITALS, INITIAL, INNER, CAPITAL_INNER, DIGITS, MIXED, SIGN, HANDLE, HASHTAG, OTHER = range(13)
SHAPES = 13

# Signs beyond ASCII: the first and last of each range.
SIGNS = ((0xA1, 0xA1), (0xA7, 0xA7), (0xAB, 0xAB), (0xB6, 0xB7), (0xBB, 0xBB), (0xBF, 0xBF), (0x2010, 0x2027),
         (0x2030, 0x205E), (0x3001, 0x3003), (0x3008, 0x3011), (0x3014, 0x301F), (0xFF01, 0xFF0F), (0xFF1A, 0xFF20))
# Letters that are words by themselves (Chinese characters).
ALONE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


def within(character, ranges):
    return any(first <= ord(character) <= last for first, last in ranges)


def is_sign(character):
    code = ord(character)
    return 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126 or within(character, SIGNS)


def is_alone(character):
    return is_sign(character) or within(character, ALONE)


def tokens_of(word):
    """The tokens of a word without white space."""
    tokens, run = [], ""
    for character in word:
        if is_alone(character):
            if run:
                tokens.append(run)
            tokens.append(character)
            run = ""
        elif character.isspace():
            if run:
                tokens.append(run)
            run = ""
        else:
            run += character
    if run:
        tokens.append(run)
    return tokens


def shape_of(token, before):
    """The shape of a token; `before` is the token that stands before it without a space, or the empty text."""
    if before == "@":
        return HANDLE
    if before == "#":
        return HASHTAG
    if is_sign(token[0]):
        return SIGN
    if any(character.isdecimal() for character in token):
        return DIGITS if all(character.isdecimal() for character in token) else MIXED
    upper = [character.isupper() for character in token]
    lower = [character.islower() for character in token]
    if all(lower):
        return LOWER
    if not any(upper) and not any(lower):
        return OTHER
    if len(token) == 1:
        return INITIAL
    if all(upper):
        return CAPITALS
    if not any(upper):
        return LOWER
    if not any(upper[1:]):
        return CAPITALISED
    return CAPITAL_INNER if upper[0] else INNER


def folded(token):
    """In lower case and without accents, as the vocabulary has it."""
    plain = unicodedata.normalize("NFD", token.lower())
    return "".join(character for character in plain if not unicodedata.category(character).startswith("M"))


class Vocabulary:
    def __init__(self, lines):
        self.ids = {line: index for index, line in enumerate(lines)}
        self.cache = {}

    def pieces(self, token):
        """The ids of a token's pieces: at each place the longest that is known; at least one."""
        known = self.cache.get(token)
        if known is None:
            known = self.cache[token] = self.look_up(folded(token))
        return known

    def look_up(self, text):
        if not text or len(text) > TOKEN_CHARACTERS_MAX:
            return [UNK]
        ids, start = [], 0
        while start < len(text):
            for end in range(len(text), start, -1):
                found = self.ids.get(("##" if start else "") + text[start:end])
                if found is not None:
                    break
            else:
                return [UNK]
            ids.append(found)
            start = end
        return ids

#!/usr/bin/env python3
"""Checks a Candor release, receipt or proof with nothing but the files and Python 3.11.

    python3 candor_verify.py PATH [--trust FILE_OR_KEYS] [--output json]

Exit 0: it holds and a trusted signer made it. Exit 1: it does not hold, or no keys were given to trust, and then
the verdict is "integrity only, signer unknown". Exit 2: wrong usage. Exit 3: a bug of this program.

This file shares no code with Candor. It was written from the formats, and this is all of them:

    a release (a folder)                        a log (append-only, RFC 6962 tree over its entries)

    data/part-00000.parquet  ---+                 leaf 0   notice
    data/part-00001.parquet  ---| SHA-256         leaf 1   enrolment: SHA-256("cev1" | salt | record)
    release.json (manifest)  ---| of each         leaf 2   consent event, likewise
    README.md    (card)      ---+   |             ...
                                    v             leaf n   the release's entry: canonical JSON with the
    release.dsse.json: in-toto statement  ------>          SHA-256 of the signed statement
        signed by the OPERATOR's key                 |
        subject: every file with its digest          v
        predicate: name, id, purpose, as_of,      checkpoint = note signed by the LOG's key:
          commitment, log_checkpoint                origin, size, root
    release.log.json: entry, tlog-proof  <-----   tlog-proof = index, path to the root, checkpoint

    commitment.rows_root: RFC 6962 root over the rows of all data files, in order; a row's leaf is
        SHA-256(0 | field("candor-row-2") field(what was said) number(human_bytes) number(sampling_permille)
                    field(origin)), where what was said is
        field("candor-row-1") number(weight) number(messages) then for each field(role) field(content)
    commitment.subjects_root: sparse tree over people, who are hidden behind nonces:
        key   = SHA-256(field("candor-subject-key-1") field(release id) field(nonce))
        value = SHA-256(field("candor-subject-value-1") field(blind) number(rows)
                        then for each row number(row) number(1 if it stands for a merged one, else 0))
        number(n) = 8 bytes, big-endian;  field(b) = number(length of b), b
        leaf = SHA-256("candor-smt1-leaf" | key | value)    node = SHA-256("candor-smt1-node" | left | right)
        root = SHA-256("candor-smt1-root" | number(people) | top)    empty subtree = 32 zero bytes

    a receipt (JSON): record, salt, note signed by the operator over "candor-receipt-1\\n<entry hex>\\n", tlog-proof.
    a proof (JSON):   the person's enrolment receipt (it holds the nonce), the release's statement and log entry,
                      the way; if present also the blind and each row with its path.

Canonical JSON: UTF-8, keys sorted, no white space, only the escapes that JSON demands, integers only.
Sources: RFC 6962 and 9162, RFC 8032, c2sp.org signed-note, tlog-checkpoint and tlog-proof, DSSE 1.0, in-toto
Statement v1, Apache Parquet 2. Every input is taken as hostile: each size below has a limit, and where a file can
be read in two ways (a repeated JSON key, a fraction, a second encoding of a key) it is refused.
"""

import argparse, base64, binascii, hashlib, itertools, json, os, stat, sys, unicodedata, zlib  # noqa: E401
from contextlib import contextmanager
from typing import Any, Iterable, Iterator, NamedTuple, Optional

JSON_BYTES_MAX, STATEMENT_BYTES_MAX, JSON_DEPTH_MAX = 256 << 20, 64 << 20, 127
NOTE_BYTES_MAX, SIGNATURES_MAX, NAME_BYTES_MAX = 1_000_000, 100, 256
LINE_BYTES_MAX, EXTENSION_LINES_MAX = 1024, 64
EXTRA_BYTES_MAX, PATH_HASHES_MAX = 65_536, 64
FILES_MAX, DATA_BYTES_MAX, FOOTER_BYTES_MAX = 1_000_000, 8 << 30, 4 << 20
FILE_ROWS_MAX, ROW_MESSAGES_MAX, FILE_VALUES_MAX = 100_000, 100_000, 50_000_000
# A page may have PAGE_FLOOR_BYTES, or be PAGE_RATIO_MAX times larger than it is packed, up to PAGE_BYTES_MAX.
PAGE_VALUES_MAX, PAGE_FLOOR_BYTES, PAGE_RATIO_MAX, PAGE_BYTES_MAX = 1 << 22, 16 << 20, 200, 256 << 20
SHOWN_CHARS_MAX = 120

class Refusal(Exception):
    """A check that does not hold: its name, and what is wrong in words."""
    def __init__(self, check: str, reason: str):
        super().__init__(f"{check}: {reason}")
        self.check = check
        self.reason = reason

def check(name: str, holds: Any, reason: str) -> None:
    if not holds:
        raise Refusal(name, reason)

class Malformed(Exception):
    """Bytes that are not of the form they should have; whoever reads them says under which check."""
def refuse_if(wrong: Any, reason: str) -> None:
    if wrong:
        raise Malformed(reason)

@contextmanager
def under(check: str, prefix: str = "") -> Iterator[None]:
    """Whatever is malformed inside is a refusal of this check."""
    try:
        yield
    except Malformed as error:
        raise Refusal(check, f"{prefix}{error}") from None

def shown(value: Any) -> str:
    """A hostile text, fit for a terminal."""
    text = "".join(c if c.isprintable() else "?" for c in str(value)[: SHOWN_CHARS_MAX + 1])
    return text if len(text) <= SHOWN_CHARS_MAX else text[:SHOWN_CHARS_MAX] + "..."

def sha256(*pieces: bytes) -> bytes:
    return hashlib.sha256(b"".join(pieces)).digest()

def number(value: int) -> bytes:
    return value.to_bytes(8, "big")

def field(value: bytes) -> bytes:
    return number(len(value)) + value

# ---------------------------------------------------------------- Ed25519 (RFC 8032 section 5.1), verification only

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)  # Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.

def point_add(p: tuple, q: tuple) -> tuple:
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)

def point_times(scalar: int, point: tuple) -> tuple:
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result

def same_point(p: tuple, q: tuple) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

def point_of(encoded: bytes) -> Optional[tuple]:
    """The point that 32 bytes stand for; None for none, and for a second encoding of one."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if len(encoded) != 32 or y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x + u) % P == 0:
        x = x * SQRT_MINUS_ONE % P
    if (v * x * x - u) % P != 0 or (x == 0 and sign == 1):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)

def small_order(point: tuple) -> bool:
    return same_point(point_times(8, point), IDENTITY)

BASE_POINT = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))

def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """The strict rule: S below L, no encoding but the one, no key and no R of small order, no cofactor."""
    if len(signature) != 64:
        return False
    a, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or small_order(a) or small_order(r):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same_point(point_times(s, BASE_POINT), point_add(r, point_times(k, a)))

# ---------------------------------------------------------------- text forms: base64, numbers, keys, notes

def from_base64(text: Any) -> bytes:
    """Standard base64 with padding, in the one way to write it."""
    refuse_if(not isinstance(text, str), "expected base64")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError, ValueError):
        raise Malformed(f"`{shown(text)}` is not base64") from None
    refuse_if(base64.b64encode(data).decode() != text, f"`{shown(text)}` is not canonical base64")
    return data

def hash_from_base64(text: str) -> bytes:
    data = from_base64(text) if len(text) == 44 else b""
    refuse_if(len(data) != 32, f"`{shown(text)}` is not the base64 of a 32-byte hash")
    return data

def hash_from_hex(text: Any) -> bytes:
    """64 lower-case hexadecimal digits."""
    digits = isinstance(text, str) and all(c in "0123456789abcdef" for c in text)
    refuse_if(not digits or len(text) != 64, f"`{shown(text)}` is not a hash in lower-case hexadecimal")
    return bytes.fromhex(text)

def decimal(text: str) -> int:
    """A number below 2^64 without sign or leading zero."""
    digits = 0 < len(text) <= 20 and all("0" <= c <= "9" for c in text)
    plain = digits and str(int(text)) == text and int(text) < 1 << 64
    refuse_if(not plain, f"`{shown(text)}` is not a number below 2^64 without leading zeros")
    return int(text)

def check_name(name: str) -> str:
    bad = any(c.isspace() or c == "+" or unicodedata.category(c) == "Cc" for c in name)
    refuse_if(not name or bad or len(name.encode()) > NAME_BYTES_MAX, f"`{shown(name)}` is not a key name")
    return name

class Key(NamedTuple):
    """A named public key."""
    name: str
    id: bytes
    public: bytes

    @staticmethod
    def parse(text: str) -> "Key":
        """Reads `name+8 hexadecimal digits+base64(0x01 | public key)`."""
        parts = text.split("+", 2)
        refuse_if(len(parts) != 3, f"`{shown(text)}` is not a verifier key: expected name+id+key")
        name, typed = check_name(parts[0]), from_base64(parts[2])
        point = point_of(typed[1:]) if len(typed) == 33 and typed[0] == 1 else None
        refuse_if(point is None or small_order(point), f"`{shown(text)}` does not hold an Ed25519 public key")
        key_id = sha256(name.encode(), b"\n", typed)[:4]
        refuse_if(key_id.hex() != parts[1], f"`{shown(text)}`: its id does not belong to its name and key")
        return Key(name, key_id, typed[1:])

class Trust(NamedTuple):
    """The two keys of an operator."""
    operator: Key
    log: Key

    @staticmethod
    def parse(text: str) -> "Trust":
        """Keys parted by white space; lines that begin with `#` are skipped. One of each role is needed."""
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        keys = [Key.parse(word) for word in " ".join(lines).split()]
        found = []
        for role in ("/operator", "/log"):
            of_role = [key for key in keys if key.name.endswith(role)]
            refuse_if(len(of_role) != 1, f"expected one key whose name ends in `{role}`, found {len(of_role)}")
            found.append(of_role[0])
        return Trust(*found)

class Note(NamedTuple):
    """A C2SP signed note: text, and (name, key id, signature) of each line under it."""
    text: str
    signatures: list

    @staticmethod
    def parse(text: Any) -> "Note":
        refuse_if(not isinstance(text, str) or len(text.encode()) > NOTE_BYTES_MAX, "the note is missing or too long")
        body, separator, lines = text.rpartition("\n\n")
        body += "\n"
        refuse_if(not separator or not lines.endswith("\n"), "the note has no signature lines")
        refuse_if(any(c < " " and c != "\n" for c in body), "the note's text has a control character")
        lines = lines[:-1].split("\n")
        refuse_if(len(lines) > SIGNATURES_MAX, "the note has too many signatures")
        signatures = [Note.signature(line) for line in lines]
        if len({(name, key_id) for name, key_id, _ in signatures}) != len(signatures):
            raise Malformed("it is signed twice with one key")
        return Note(body, signatures)

    @staticmethod
    def signature(line: str) -> tuple:
        name, space, encoded = line.removeprefix("\u2014 ").partition(" ")
        data = from_base64(encoded)
        whole = line.startswith("\u2014 ") and space and len(data) > 4
        refuse_if(not whole, f"`{shown(line)}` is not a signature line")
        return check_name(name), data[:4], data[4:]

    def verify(self, key: Key) -> None:
        by_key = [signature for name, key_id, signature in self.signatures if (name, key_id) == key[:2]]
        signers = ", ".join(name for name, _, _ in self.signatures)
        refuse_if(not by_key, f"the note is signed by no trusted key, but by {shown(signers)}")
        holds = all(ed25519_holds(key.public, self.text.encode(), signature) for signature in by_key)
        refuse_if(not holds, f"the signature of `{key.name}` does not hold")

class Checkpoint(NamedTuple):
    """A log's word on how many entries it has and their root."""
    origin: str
    size: int
    root: bytes

    @staticmethod
    def open(note: Note, key: Optional[Key]) -> "Checkpoint":
        """Reads the checkpoint; with a key, that key must have signed it as its log."""
        if key:
            note.verify(key)
        lines = note.text[:-1].split("\n")
        if len(lines) < 3 or len(lines) > 3 + EXTENSION_LINES_MAX:
            raise Malformed("a checkpoint has an origin, a size, a root and few further lines")
        for line in lines:
            refuse_if(not line or len(line.encode()) > LINE_BYTES_MAX, "a line of the checkpoint is empty or too long")
        checkpoint = Checkpoint(lines[0], decimal(lines[1]), hash_from_base64(lines[2]))
        refuse_if(checkpoint.size == 0 and checkpoint.root != sha256(), "a log without entries cannot have that root")
        if key and checkpoint.origin != key.name:
            raise Malformed(f"the checkpoint is of log `{shown(checkpoint.origin)}`, the trusted key is `{key.name}`")
        return checkpoint

# ---------------------------------------------------------------- the RFC 6962 tree, and proofs of the log

def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01", left, right)

class RowTree:
    """The root over leaves that stream by: it holds the roots of the full subtrees, one for each bit of the size."""
    def __init__(self) -> None:
        self.size = 0
        self.full: list = []

    def push(self, leaf: bytes) -> None:
        size = self.size
        while size & 1:
            leaf = node_hash(self.full.pop(), leaf)
            size >>= 1
        self.full.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.full:
            return sha256()
        root = self.full[-1]
        for left in reversed(self.full[:-1]):
            root = node_hash(left, root)
        return root

def root_from_path(leaf: bytes, index: int, size: int, path: list) -> bytes:
    """The root that an inclusion proof leads to, by the definition of the tree (RFC 6962 section 2.1)."""
    refuse_if(not 0 <= index < size, f"leaf {index} is outside a tree of {size} leaves")
    turns = []  # From the root down: is our half the right one?
    while size > 1:
        left = 1 << ((size - 1).bit_length() - 1)
        right = index >= left
        turns.append(right)
        index, size = (index - left, size - left) if right else (index, left)
    refuse_if(len(path) != len(turns), f"a proof of {len(path)} hashes does not fit the tree's shape")
    for right, sibling in zip(reversed(turns), path):
        leaf = node_hash(sibling, leaf) if right else node_hash(leaf, sibling)
    return leaf

class LogProof(NamedTuple):
    """A C2SP tlog-proof: where an entry is in the log, its path, and the checkpoint it leads to."""
    index: int
    path: list
    note: Note

    @staticmethod
    def parse(text: Any) -> "LogProof":
        refuse_if(not isinstance(text, str) or len(text) > 2 * NOTE_BYTES_MAX, "the log proof is missing or too long")
        head, separator, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        refuse_if(not separator or lines.pop(0) != "c2sp.org/tlog-proof@v1", "it is no c2sp.org/tlog-proof@v1")
        if lines and lines[0].startswith("extra "):
            extra = from_base64(lines.pop(0)[6:])
            refuse_if(not 0 < len(extra) <= EXTRA_BYTES_MAX, "the log proof has an extra line of no or too many bytes")
        refuse_if(not lines or not lines[0].startswith("index "), "the log proof has no index line")
        index = decimal(lines.pop(0)[6:])
        refuse_if(len(lines) > PATH_HASHES_MAX, "the log proof has too many hashes")
        proof = LogProof(index, [hash_from_base64(line) for line in lines], Note.parse(checkpoint))
        Checkpoint.open(proof.note, None)
        return proof

    def verify(self, entry: bytes, key: Optional[Key]) -> None:
        """Checks that the log holds the entry; with a key, that the checkpoint is that log's."""
        checkpoint = Checkpoint.open(self.note, key)
        root = root_from_path(sha256(b"\x00", entry), self.index, checkpoint.size, self.path)
        refuse_if(root != checkpoint.root, "the path does not lead to the checkpoint's root")

# ---------------------------------------------------------------- the sparse tree of people

class SparseProof(NamedTuple):
    """The way down the sparse tree along a key, and what stands at its end."""
    people: int
    siblings: list
    ending: int  # 0: nothing, 1: the key's own leaf, 2: the leaf of another key.
    rest: bytes

    @staticmethod
    def decode(data: bytes) -> "SparseProof":
        refuse_if(len(data) < 12 or data[0] != 1 or data[1] > 2, "the way has another version or ending")
        people, depth = int.from_bytes(data[2:10], "big"), int.from_bytes(data[10:12], "big")
        bitmap_end = 12 + (depth + 7) // 8
        bits = [data[12 + i // 8] >> (7 - i % 8) & 1 for i in range(8 * (min(bitmap_end, len(data)) - 12))]
        rest_bytes = 32 * data[1]
        refuse_if(depth > 256 or len(data) != bitmap_end + 32 * sum(bits) + rest_bytes, "the way has the wrong length")
        refuse_if(any(bits[depth:]) or (depth and not bits[depth - 1]), "the way is not canonical")
        hashes = (data[at : at + 32] for at in range(bitmap_end, len(data), 32))
        siblings = [next(hashes) if bit else bytes(32) for bit in bits[:depth]]
        refuse_if(siblings.count(bytes(32)) != depth - sum(bits), "the way spells out an empty sibling")
        fits = people > sum(bits) if depth else people == (0 if data[1] == 0 else 1)
        refuse_if(not fits, "the way does not fit the number of people")
        return SparseProof(people, siblings, data[1], data[len(data) - rest_bytes :])

    def verify(self, root: bytes, key: bytes) -> Optional[bytes]:
        """The value that the tree has for the key, or None when it shows that there is none."""
        below, value = bytes(32), None
        key_bits = int.from_bytes(key, "big")
        if self.ending == 1:
            value = self.rest
            below = sha256(b"candor-smt1-leaf", key, value)
        elif self.ending == 2:
            other = self.rest[:32]
            differing = int.from_bytes(other, "big") ^ key_bits
            if differing == 0 or 256 - differing.bit_length() < len(self.siblings):
                raise Malformed("the leaf at the end is not where the key would be")
            below = sha256(b"candor-smt1-leaf", self.rest)
        for depth in reversed(range(len(self.siblings))):
            pair = (below, self.siblings[depth])
            left, right = reversed(pair) if key_bits >> (255 - depth) & 1 else pair
            below = sha256(b"candor-smt1-node", left, right)
        refuse_if(sha256(b"candor-smt1-root", number(self.people), below) != root, "the way does not lead to the root")
        return value

# ---------------------------------------------------------------- JSON, read strictly

def load_json(data: bytes) -> Any:
    """Reads UTF-8 JSON that has one meaning and one canonical form."""

    def unique(pairs: list) -> dict:
        found = dict(pairs)
        refuse_if(len(found) != len(pairs), "a JSON key is repeated")
        return found

    def integer(text: str) -> int:
        if text == "-0" or len(text) > 20 or not -(1 << 63) <= int(text) < 1 << 64:
            raise Malformed("a JSON number is not an integer of 64 bits")
        return int(text)

    def no_fraction(text: str) -> None:
        raise Malformed(f"`{shown(text)}` is not an integer")

    hooks = {"parse_int": integer, "parse_float": no_fraction, "parse_constant": no_fraction}
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=unique, **hooks)
        check_depth(value)
        canonical(value)
    except (UnicodeError, ValueError, RecursionError):
        raise Malformed("it is not well-formed JSON in UTF-8") from None
    return value

def check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level := [v for v in level if isinstance(v, (dict, list)) and v]:
        depth += 1
        refuse_if(depth > JSON_DEPTH_MAX, "its JSON is nested too deeply")
        level = [inner for v in level for inner in (v.values() if isinstance(v, dict) else v)]

def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")

def member(value: Any, name: str, kind: type) -> Any:
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise Malformed(f"`{name}` is missing or malformed")
    return found

# ---------------------------------------------------------------- signed statements and receipts

STATEMENT, LOG_PROOF, MANIFEST, CARD = "release.dsse.json", "release.log.json", "release.json", "README.md"
STATEMENT_TYPE, PREDICATE_TYPE = "https://in-toto.io/Statement/v1", "urn:candor:release:1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

class Signed(NamedTuple):
    """A release's statement whose log entry holds and, with trusted keys, whose signatures do."""
    predicate: dict
    files: list  # (name, SHA-256 in hexadecimal)
    commitment: dict
    decided_at: int

def open_envelope(envelope: Any, trust: Optional[Trust]) -> bytes:
    """The payload of a DSSE envelope; with trusted keys, only if the operator signed it."""
    with under("signature", "statement: "):
        refuse_if(member(envelope, "payloadType", str) != PAYLOAD_TYPE, "`payloadType` is malformed")
        signatures = member(envelope, "signatures", list)
        first = signatures[0] if signatures else None
        payload, key_id = from_base64(member(envelope, "payload", str)), member(first, "keyid", str)
        signature = from_base64(member(first, "sig", str))
    if trust:
        key = trust.operator
        known = key_id == f"{key.name}+{key.id.hex()}"
        check("signature", known, f"statement: signed by {shown(key_id)}, which is not trusted")
        signed = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} ".encode() + payload
        holds = ed25519_holds(key.public, signed, signature)
        check("signature", holds, "statement: the signature does not verify: it was changed after signing")
    return payload

def open_statement(envelope: Any, log: Any, trust: Optional[Trust]) -> Signed:
    """Checks a release's statement and its log entry."""
    payload = open_envelope(envelope, trust)
    with under("file", f"{STATEMENT} is malformed: "):
        statement = load_json(payload)
        for name, kind in (("_type", STATEMENT_TYPE), ("predicateType", PREDICATE_TYPE)):
            refuse_if(member(statement, name, str) != kind, f"`{name}` is of another kind of statement")
        predicate = member(statement, "predicate", dict)
        for name in ("id", "name", "purpose", "as_of", "log_checkpoint"):
            member(predicate, name, str)
        commitment = member(predicate, "commitment", dict)
        check_shape(commitment, MANIFEST_SHAPE["commitment"], "commitment")
        files = [listed_file(subject) for subject in member(statement, "subject", list)]
    with under("log"):
        key = trust.log if trust else None
        decided_at = Checkpoint.open(Note.parse(predicate["log_checkpoint"]), key).size
        check_log_entry(hashlib.sha256(payload).hexdigest(), log, predicate["id"], (decided_at, key))
    return Signed(predicate, files, commitment, decided_at)

def listed_file(subject: Any) -> tuple:
    name, digest = member(subject, "name", str), member(member(subject, "digest", dict), "sha256", str)
    strays = any(step in ("", ".", "..") for step in name.split("/")) or "\0" in name
    refuse_if(strays, "`subject` lists a path that does not stay in the release")
    return name, digest

def check_log_entry(digest: str, log: Any, release_id: str, decision: tuple) -> None:
    entry = member(log, "entry", dict)
    names = (entry.get("type"), entry.get("id"), entry.get("statement_sha256"))
    refuse_if(names != ("release", release_id, digest), "the entry is for another statement")
    proof = LogProof.parse(log.get("log_proof"))
    decided_at, key = decision
    proof.verify(canonical(entry), key)
    early = f"the release stands at {proof.index} in the log, before the size {decided_at} it decided at"
    refuse_if(proof.index < decided_at, early)

class Receipt(NamedTuple):
    """What a person gets back for an act."""
    record: dict
    entry: bytes
    note: Note
    proof: LogProof

    @staticmethod
    def parse(value: Any) -> "Receipt":
        with under("receipt"):
            refuse_if(member(value, "format", str) != "candor-receipt-1", "`format` is not candor-receipt-1")
            record, salt = member(value, "record", dict), hash_from_hex(member(value, "salt", str))
            entry = sha256(b"cev1", salt, canonical(record))
            fits = ["dpv:ConsentReceipt", f"urn:candor:receipt:{entry.hex()}", record.get("dct:created")]
            wrapped = [value.get(name) for name in ("@type", "dct:identifier", "dct:created")]
            refuse_if("dct:conformsTo" in record and wrapped != fits, "`@context` is missing or malformed")
            note = Note.parse(member(value, "signature", str))
            return Receipt(record, entry, note, LogProof.parse(member(value, "log_proof", str)))

    def verify(self, trust: Optional[Trust]) -> None:
        with under("receipt"):
            signed = f"candor-receipt-1\n{self.entry.hex()}\n"
            refuse_if(self.note.text != signed, "the signature is for another record: record or salt was changed")
        with under("receipt", "the operator's signature does not verify with the trusted key: "):
            if trust:
                self.note.verify(trust.operator)
        with under("receipt", "the log does not show this record: "):
            self.proof.verify(self.entry, trust.log if trust else None)

    def nonce(self) -> bytes:
        with under("enrolment"):
            is_enrolment = self.record.get("schema") == "candor-enrolment-record-1"
            refuse_if(not is_enrolment, "the receipt is not an enrolment receipt")
            return hash_from_hex(self.record.get("nonce"))

# ---------------------------------------------------------------- Parquet: as much of it as a release uses
#
# A file is "PAR1", column chunks, footer, 4-byte length of the footer, "PAR1". The footer and the header of each
# page are Thrift structs in the compact protocol: read here into dictionaries from field number to value.

class Thrift:
    """Reads the compact protocol."""
    def __init__(self, data: bytes, at: int, end: int):
        self.data, self.at, self.end = data, at, min(end, len(data))

    def take(self, count: int) -> bytes:
        if count < 0 or count > self.end - self.at:
            raise Malformed("it ends early")
        self.at += count
        return self.data[self.at - count : self.at]

    def varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise Malformed("a number is too long")

    def zigzag(self) -> int:
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def value(self, kind: int, depth: int) -> Any:
        if kind in (1, 2):  # In a struct the type is the value; in a list each takes a byte.
            return kind == 1
        if kind in (3, 7):
            return self.take(1 if kind == 3 else 8)
        if kind in (4, 5, 6):
            return self.zigzag()
        if kind == 8:
            return self.take(self.varint())
        refuse_if(kind not in (9, 10, 12), f"a field has type {kind}")
        return self.struct(depth + 1) if kind == 12 else self.list(depth)

    def list(self, depth: int) -> list:
        head = self.take(1)[0]
        count, kind = head >> 4, head & 15
        count = self.varint() if count == 15 else count
        refuse_if(count > self.end - self.at or depth > 16, "a list is too long or too deep")
        if kind in (1, 2):
            return [self.take(1)[0] == 1 for _ in range(count)]
        return [self.value(kind, depth + 1) for _ in range(count)]

    def struct(self, depth: int = 0) -> dict:
        fields, last = {}, 0
        refuse_if(depth > 16, "a struct is too deep")
        while head := self.take(1)[0]:
            last = last + (head >> 4) if head >> 4 else self.zigzag()
            fields[last] = self.value(head & 15, depth)
        return fields

def part(struct: Any, which: int, kind: type) -> Any:
    """A field that must be there; numbers must not be negative."""
    found = struct.get(which) if isinstance(struct, dict) else None
    if not isinstance(found, kind) or (kind is int and (isinstance(found, bool) or found < 0)):
        raise Malformed(f"field {which} of a header is missing or malformed")
    return found

BYTE_ARRAY, INT32 = 6, 1
REQUIRED, REPEATED = 0, 2
PLAIN, PLAIN_DICTIONARY, RLE_DICTIONARY = 0, 2, 8
# name (None: any), physical type, repetition, children, converted type (3 list, 0 UTF-8, 13 unsigned 32 bits)
COLUMNS = [
    (b"messages", None, REQUIRED, 1, 3),
    (None, None, REPEATED, 1, None),
    (None, None, REQUIRED, 2, None),
    (b"role", BYTE_ARRAY, REQUIRED, None, 0),
    (b"content", BYTE_ARRAY, REQUIRED, None, 0),
    (b"weight", INT32, REQUIRED, None, 13),
    (b"human_bytes", INT32, REQUIRED, None, 13),
    (b"sampling_permille", INT32, REQUIRED, None, 13),
    (b"origin", BYTE_ARRAY, REQUIRED, None, 0),
]

def parquet_rows(data: bytes) -> Iterator[tuple]:
    """(roles, contents, weight, human bytes, sampling, origin) of each row; holds one page of each column at a time."""
    length = int.from_bytes(data[-8:-4], "little")
    if len(data) < 12 or data[:4] != b"PAR1" or data[-4:] != b"PAR1" or length > min(FOOTER_BYTES_MAX, len(data) - 12):
        raise Malformed("it does not begin and end as a Parquet file")
    footer = Thrift(data, len(data) - 8 - length, len(data) - 8).struct()
    schema = part(footer, 2, list)
    refuse_if(not all(isinstance(element, dict) for element in schema), "its schema is malformed")
    schema = [tuple(element.get(i) for i in (4, 1, 3, 5, 6)) for element in schema]
    fits = len(schema) == 1 + len(COLUMNS) and all(e[0] == (c[0] or e[0]) and e[1:] == c[1:] for e, c in zip(schema[1:], COLUMNS))
    refuse_if(not fits or schema[0][3] != 5, "the columns are not messages, weight and origin")
    for group in part(footer, 4, list):
        chunks = part(group, 1, list)
        refuse_if(len(chunks) != 6, "a row group has not six columns")
        lists = [list_rows(data, chunk) for chunk in chunks[:2]]
        kinds = (INT32, INT32, INT32, BYTE_ARRAY)
        others = [flat_rows(data, chunk, kind) for chunk, kind in zip(chunks[2:], kinds)]
        count = 0
        for row in itertools.zip_longest(*lists, *others):
            if None in row or len(row[0]) != len(row[1]):
                raise Malformed("its columns have different numbers of rows or messages")
            count += 1
            yield row
        refuse_if(count != part(group, 3, int), "a row group does not hold the rows it counts")

def flat_rows(data: bytes, chunk: Any, kind: int) -> Iterator:
    """The values of a column with one for each row."""
    return (value for _, _, page in pages(data, chunk, (kind, False)) for value in page)

def list_rows(data: bytes, chunk: Any) -> Iterator[list]:
    """The text column of a chunk, put together by row: repetition 0 begins one, definition 0 leaves it empty."""
    row: Optional[list] = None
    for repetitions, definitions, values in pages(data, chunk, (BYTE_ARRAY, True)):
        refuse_if(sum(definitions) != len(values), "a page does not hold the values it counts")
        value = iter(values)
        for repetition, definition in zip(repetitions, definitions):
            if repetition == 0:
                if row is not None:
                    yield row
                row = []
            elif not row or not definition or len(row) >= ROW_MESSAGES_MAX:
                raise Malformed("a row goes on that cannot, or has too many messages")
            if definition:
                row.append(next(value))
    if row is not None:
        yield row

def pages(data: bytes, chunk: Any, column: tuple) -> Iterator[tuple]:
    """(repetition levels, definition levels, values) of each data page of a column chunk."""
    meta = part(chunk, 3, dict)
    physical, nested = column
    codec, remaining = part(meta, 4, int), part(meta, 5, int)
    if part(meta, 1, int) != physical or codec not in (0, 2) or remaining > FILE_VALUES_MAX:
        raise Malformed("a column has another type, a compression other than gzip, or too many values")
    start = part(meta, 11 if meta.get(11) else 9, int)  # The dictionary page, if there is one, comes first.
    end = start + part(meta, 7, int)
    refuse_if(not 4 <= start <= end <= len(data), "a column lies outside the file")
    dictionary: Optional[list] = None
    reader = Thrift(data, start, end)
    while remaining > 0:
        header = reader.struct()
        body = reader.take(part(header, 3, int))
        kind, size = part(header, 1, int), part(header, 2, int)
        if kind == 2:
            head = part(header, 7, dict)
            if dictionary is not None or part(head, 2, int) not in (PLAIN, PLAIN_DICTIONARY):
                raise Malformed("a dictionary has another encoding, or is the second")
            dictionary = plain_values(expand(body, size, codec), part(head, 1, int), physical)
        elif kind in (0, 3):
            head = part(header, 5 if kind == 0 else 8, dict)
            count = part(head, 1, int)
            refuse_if(not 0 < count <= min(remaining, PAGE_VALUES_MAX), "a page has no or too many values")
            remaining -= count
            levels = data_page_v1 if kind == 0 else data_page_v2
            repetitions, definitions, body = levels(body, (head, size, codec), (count, nested))
            encoding = part(head, 2 if kind == 0 else 4, int)
            yield repetitions, definitions, page_values(body, encoding, (sum(definitions), physical, dictionary))
        elif kind != 1:
            raise Malformed(f"a page has type {kind}")

def data_page_v1(body: bytes, how: tuple, what: tuple) -> tuple:
    """Everything compressed together; each kind of level behind its length."""
    (head, size, codec), (count, nested) = how, what
    body = expand(body, size, codec)
    if not nested:
        return [0] * count, [1] * count, body
    refuse_if(part(head, 3, int) != 3 or part(head, 4, int) != 3, "levels have an encoding other than RLE")
    levels = []
    for _ in range(2):
        length = int.from_bytes(body[:4], "little")
        refuse_if(len(body) < 4 + length, "levels end early")
        levels.append(hybrid(body[4 : 4 + length], 1, count))
        body = body[4 + length :]
    return levels[0], levels[1], body

def data_page_v2(body: bytes, how: tuple, what: tuple) -> tuple:
    """Levels uncompressed, their lengths in the header; then the values."""
    (head, size, codec), (count, nested) = how, what
    definition_bytes, repetition_bytes = part(head, 5, int), part(head, 6, int)
    both = definition_bytes + repetition_bytes
    refuse_if(both > min(len(body), size) or part(head, 2, int) != 0, "levels end early, or there are nulls")
    values = expand(body[both:], size - both, codec if head.get(7, True) else 0)
    if not nested:
        return [0] * count, [1] * count, values
    repetitions = hybrid(body[:repetition_bytes], 1, count)
    return repetitions, hybrid(body[repetition_bytes:both], 1, count), values

def expand(body: bytes, size: int, codec: int) -> bytes:
    """The page without compression: exactly as large as it says, and within limits."""
    if size > min(PAGE_BYTES_MAX, max(PAGE_FLOOR_BYTES, PAGE_RATIO_MAX * len(body))):
        raise Malformed(f"a page of {len(body)} bytes says that it expands to {size}")
    if codec == 2 and body:
        gzip = zlib.decompressobj(wbits=31)
        body = gzip.decompress(body, size + 1)
        refuse_if(not gzip.eof or gzip.unused_data, "a page is not one whole gzip stream")
    refuse_if(len(body) != size, "a page has another size than it says")
    return body

def hybrid(data: bytes, width: int, count: int) -> list:
    """`count` small numbers in Parquet's mix of runs and groups of eight packed to `width` bits."""
    if width == 0:  # A dictionary of one value needs no bits to point into it.
        return [0] * count
    found: list = []
    reader, mask = Thrift(data, 0, len(data)), (1 << width) - 1
    while len(found) < count:
        head = reader.varint()
        if head & 1 == 0:
            value = int.from_bytes(reader.take((width + 7) // 8), "little")
            found.extend(itertools.repeat(value, min(head >> 1, count - len(found))))
            continue
        for _ in range(min(head >> 1, (count - len(found) + 7) // 8)):
            bits = int.from_bytes(reader.take(width), "little")
            found.extend(bits >> shift & mask for shift in range(0, 8 * width, width))
    refuse_if(found and max(found) > mask, "a packed number has too many bits")
    return found[:count]

def plain_values(body: bytes, count: int, physical: int) -> list:
    if count > PAGE_VALUES_MAX or 4 * count > len(body):
        raise Malformed("values end early")
    if physical == INT32:
        return [int.from_bytes(body[at : at + 4], "little") for at in range(0, 4 * count, 4)]
    values, at = [], 0
    for _ in range(count):
        end = at + 4 + int.from_bytes(body[at : at + 4], "little")
        if end > len(body):
            raise Malformed("values end early")
        values.append(body[at + 4 : end])
        values[-1].decode("utf-8")
        at = end
    return values

def page_values(body: bytes, encoding: int, what: tuple) -> list:
    count, physical, dictionary = what
    if encoding == PLAIN:
        return plain_values(body, count, physical)
    if encoding not in (PLAIN_DICTIONARY, RLE_DICTIONARY) or dictionary is None:
        raise Malformed(f"a page has encoding {encoding}")
    if count == 0:
        return []
    width = body[0] if body else 255
    refuse_if(width > 32, "dictionary indexes are too wide")
    return [dictionary[at] for at in hybrid(body[1:], width, count)]

# ---------------------------------------------------------------- releases

TEXT, COUNT, FLAG = "text", "count", "flag"
SIDE_SHAPE: dict = {
    "measures": [{"tokens": COUNT, "turns": COUNT, "values": {None: {"value": TEXT, "standard_error": TEXT}}}],
    "changes": [{"indicator": TEXT, "tokens": COUNT, "before": TEXT, "now": TEXT, "difference": TEXT, "low": TEXT,
                 "high": TEXT, "alarm": FLAG}],
}  # fmt: skip
INTERVAL_SHAPE: dict = {"value": TEXT, "low": TEXT, "high": TEXT}
CROWDS_SHAPE: dict = {"people": COUNT, "sizes": {None: COUNT}, "unique_share": TEXT, "below_5_share": TEXT}
RESIDUAL_SHAPE: dict = {
    "rows": COUNT, "turns": COUNT, "leaks": {None: COUNT}, "gates": {None: TEXT},
    "suspects": {None: {"low_threshold": COUNT, "bare": COUNT, "second": COUNT, "second_guesses": COUNT}},
    "caught": {None: {"engine": COUNT, "second": COUNT, "both": COUNT, "missed": INTERVAL_SHAPE}},
    "missed_per_1000_turns": (INTERVAL_SHAPE,),
    "uniqueness": ({"written": CROWDS_SHAPE, "released": CROWDS_SHAPE},),
    "linkage": ({"people": COUNT, "rank_1": INTERVAL_SHAPE, "chance": TEXT, "auc": INTERVAL_SHAPE},),
}  # fmt: skip
SETTINGS = "deduplication identifier_threshold name_threshold public_names attachments replace_with surrogate_key".split()
MANIFEST_SHAPE: dict = {
    "format": TEXT, "name": TEXT, "id": TEXT, "purpose": TEXT, "as_of": TEXT, "tool": TEXT, "log_checkpoint": TEXT,
    "configuration": {"identifiers": [TEXT], "sensitive": {None: TEXT}, "pasted_permille": COUNT, "encoder_sha256": (TEXT,),
                      "residual_sample_turns": COUNT, **dict.fromkeys(SETTINGS, TEXT)},
    "notices": [{"version": COUNT, "id": TEXT, "turns": COUNT}],
    "turns": {"examined": COUNT, "used": COUNT, "basis": {None: COUNT}, "withheld": {None: COUNT}},
    "rows": dict.fromkeys(("candidates", "exact_duplicates", "near_duplicates", "released", "paths_left_out"), COUNT),
    "identifiers": {None: COUNT}, "surrogates": COUNT, "attachments": {None: COUNT}, "people": COUNT,
    "residual": (RESIDUAL_SHAPE,), "sensitive": {None: {"kept": COUNT, "generalised": COUNT, "withheld": COUNT}},
    "origin": {"bytes": {None: COUNT}, "spans": {None: COUNT}, "conversations": COUNT, "human_share": (INTERVAL_SHAPE,)},
    "language": {"reference": {"from": TEXT, "sha256": TEXT, "words": COUNT}, "compared_with": (TEXT,),
                 "human": SIDE_SHAPE, "model": SIDE_SHAPE},
    "commitment": {"rows_root": TEXT, "rows": COUNT, "subjects_root": TEXT, "subjects": COUNT},
    "files": [{"path": TEXT, "rows": COUNT, "bytes": COUNT, "sha256": TEXT}],
}  # fmt: skip

def check_shape(value: Any, shape: Any, name: str) -> None:
    """Exactly the fields of the shape; a list holds any number of its one shape, a tuple its one shape or null, and
    `None` stands for any name."""
    if isinstance(shape, tuple):
        return None if value is None else check_shape(value, shape[0], name)
    inner: Iterable = ()
    if shape == FLAG:
        fits = isinstance(value, bool)
    elif shape in (TEXT, COUNT):
        fits = isinstance(value, str) if shape == TEXT else type(value) is int and value >= 0
    elif isinstance(shape, list):
        fits = isinstance(value, list)
        inner = ((one, shape[0], name) for one in value) if fits else ()
    else:
        fits = isinstance(value, dict) and (None in shape or value.keys() == shape.keys())
        inner = ((value[key], shape.get(key, shape.get(None)), key) for key in value) if fits else ()
    refuse_if(not fits, f"`{shown(name)}` is missing or malformed")
    for one in inner:
        check_shape(*one)

def regular(path: str, limit: int, follow: bool = False) -> int:
    """The size of a regular file within a limit: never a device or pipe that does not end, nor a link in a release."""
    status = os.stat(path, follow_symlinks=follow)
    check("file", stat.S_ISREG(status.st_mode), f"{shown(path)} is not a regular file")
    check("file", status.st_size <= limit, f"{shown(path)} is longer than {limit} bytes")
    return status.st_size

def read_file(path: str, limit: int, follow: bool = False) -> bytes:
    regular(path, limit, follow)
    with open(path, "rb") as file:
        return file.read(limit)

def read_json(folder: str, name: str) -> Any:
    with under("file", f"{name} is malformed: "):
        return load_json(read_file(os.path.join(folder, name), STATEMENT_BYTES_MAX))

def files_of(folder: str) -> set:
    """Every file in the folder and its folders, by path; links are files and are not followed."""
    found: set = set()
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(os.path.join(folder, prefix)) as entries:
            for entry in entries:
                name = prefix + entry.name
                waiting.append(name + "/") if entry.is_dir(follow_symlinks=False) else found.add(name)
                check("files", len(found) + len(waiting) <= FILES_MAX, "the folder holds too many files")
    return found

def check_files(folder: str, listed: list) -> None:
    present, names = files_of(folder), {name for name, _ in listed}
    for name in sorted(names - present):
        raise Refusal("files", f"{shown(name)} is listed in the signed statement but is not there: it was removed")
    for name in sorted(present - names - {STATEMENT, LOG_PROOF}):
        raise Refusal("files", f"{shown(name)} is not listed in the signed statement: it was added")
    for name, digest in listed:
        found = hashlib.sha256(read_file(os.path.join(folder, name), DATA_BYTES_MAX)).hexdigest()
        says = f"{shown(name)} has SHA-256 {found}, the signed statement says {shown(digest)}"
        check("digest", found == digest, f"{says}: it was changed")

def check_manifest(manifest: Any, signed: Signed) -> None:
    """What the manifest says must be what was signed, and its numbers must add up."""
    with under("file", f"{MANIFEST} is malformed: "):
        check_shape(manifest, MANIFEST_SHAPE, MANIFEST)
    described = {(name, digest) for name, digest in signed.files if name not in (MANIFEST, CARD)}
    files = [(file["path"], file["sha256"]) for file in manifest["files"]]
    names = ("name", "id", "purpose", "as_of", "log_checkpoint", "commitment")
    checks = [("format", manifest["format"] == "candor-release-3")]
    checks += [(name, manifest[name] == signed.predicate[name]) for name in names]
    checks += [("files", len(set(files)) == len(files) and set(files) == described)]
    for name, holds in checks:
        check("manifest", holds, f"`{name}` in {MANIFEST} is not what the signed statement says")
    check_sums(manifest)

def check_sums(manifest: dict) -> None:
    turns, rows, commitment = manifest["turns"], manifest["rows"], manifest["commitment"]
    withheld, human = sum(turns["withheld"].values()), sum(turns["basis"].values())
    by_notice = sum(notice["turns"] for notice in manifest["notices"])
    duplicates = rows["exact_duplicates"] + rows["near_duplicates"]
    in_files = sum(file["rows"] for file in manifest["files"])
    released, used = rows["released"], turns["used"]
    sums = [
        (turns["examined"] == used + withheld, f"turns: {used} used and {withheld} withheld are not all"),
        (rows["candidates"] == released + duplicates, f"rows: {released} released, {duplicates} duplicates"),
        (human == by_notice, f"turns: {human} by basis, but {by_notice} by notice"),
        (human <= used, f"turns: {human} by basis, but only {used} used"),
        (in_files == released == commitment["rows"], f"rows: {released} released, but {in_files} in files"),
        (manifest["people"] == commitment["subjects"], f"people: {manifest['people']}, other than committed"),
    ]
    for holds, words in sums:
        check("sums", holds, words)

def row_leaf(roles: list, contents: list, weight: int, columns: tuple) -> tuple:
    """The leaf of a row, and how many bytes of text are in it."""
    said = field(b"candor-row-1") + number(weight) + number(len(roles))
    said += b"".join(field(role) + field(content) for role, content in zip(roles, contents))
    human, sampling, origin = columns
    row = field(b"candor-row-2") + field(said) + number(human) + number(sampling) + field(origin)
    return hashlib.sha256(b"\x00" + row).digest(), sum(map(len, roles)) + sum(map(len, contents)) + len(origin)

KINDS = ("typed", "pasted-from-assistant", "pasted-other")

class Origins:
    """Bytes of persons' turns by where they come from, and spans."""
    def __init__(self, pasted_permille: int):
        self.bytes: dict = {}
        self.spans: dict = {}
        self.pasted_permille = pasted_permille

    def add(self, roles: list, contents: list, columns: tuple) -> None:
        """Adds a row whose columns must agree with its messages."""
        human, sampling, origin = columns
        person = sum(len(content) for role, content in zip(roles, contents) if role == b"user")
        known = pasted = 0
        before = (0, 0)
        spans = load_json(origin)
        refuse_if(not isinstance(spans, list), "an origin is not a list of spans")
        for span in spans:
            place, start, end = (member(span, name, int) for name in ("message", "start", "end"))
            kind = member(span, "kind", str)
            if not (0 <= place < len(roles) and roles[place] == b"user" and kind in KINDS):
                raise Malformed("an origin is not of a person's turn")
            content = contents[place]
            ends = any(at < len(content) and content[at] & 0xC0 == 0x80 for at in (start, end))
            if not 0 <= start < end <= len(content) or ends or (place, start) < before:
                raise Malformed("the spans of an origin are out of place")
            before = (place, end)
            known += end - start
            pasted += 0 if kind == "typed" else end - start
            self.bytes[kind] = self.bytes.get(kind, 0) + end - start
            self.spans[kind] = self.spans.get(kind, 0) + 1
        self.bytes["unknown"] = self.bytes.get("unknown", 0) + person - known
        drawn = (1000 * (person - pasted) + pasted * self.pasted_permille + person // 2) // person if person else 1000
        if human != person - pasted or sampling != drawn:
            raise Malformed("human_bytes or sampling_permille is not what messages and spans give")

def check_data_file(folder: str, file: dict, tree: RowTree, origins: Origins) -> int:
    """Adds the rows of a data file to the tree; returns the sum of their weights."""
    name = shown(file["path"])
    path, size = os.path.join(folder, file["path"]), file["bytes"]
    found = regular(path, DATA_BYTES_MAX)
    check("sums", found == size, f"bytes: {name} has {found}, the manifest says {size}")
    data = read_file(path, size)
    rows = weights = text_bytes = messages = 0
    try:
        for roles, contents, weight, *columns in parquet_rows(data):
            leaf, size = row_leaf(roles, contents, weight, columns)
            tree.push(leaf)
            origins.add(roles, contents, columns)
            rows, weights = rows + 1, weights + weight
            text_bytes, messages = text_bytes + size, messages + len(roles)
            if rows > FILE_ROWS_MAX or text_bytes > DATA_BYTES_MAX or messages > FILE_VALUES_MAX:
                raise Malformed("it has more rows, messages or text than a data file may")
    except (Malformed, zlib.error, UnicodeError, IndexError) as error:
        raise Refusal("rows", f"{name}: not readable as a release's Parquet: {shown(error)}") from None
    check("rows", rows == file["rows"], f"{name} holds {rows} rows, the manifest says {file['rows']}")
    return weights

def check_rows(folder: str, manifest: dict) -> None:
    tree, origins = RowTree(), Origins(manifest["configuration"]["pasted_permille"])
    weights = sum(check_data_file(folder, file, tree, origins) for file in manifest["files"])
    root, committed = tree.root().hex(), manifest["commitment"]["rows_root"]
    reason = f"the files give root {root}, the commitment is {shown(committed)}: a row was changed"
    check("row tree", root == committed, reason)
    listed = manifest["rows"]["candidates"]
    check("weights", weights == listed, f"the rows stand for {weights} candidates, the manifest says {listed}")
    stated = (manifest["origin"]["bytes"], manifest["origin"]["spans"])
    differ = "the rows do not give the bytes and spans by kind that the manifest says"
    check("origin", stated == (origins.bytes, origins.spans), differ)

class Report(NamedTuple):
    """What was verified, what it shows, and the checks that held."""
    what: str
    shows: str
    held: list

def verify_release(folder: str, trust: Optional[Trust]) -> Report:
    signed = open_statement(read_json(folder, STATEMENT), read_json(folder, LOG_PROOF), trust)
    check_files(folder, signed.files)
    manifest = read_json(folder, MANIFEST)
    check_manifest(manifest, signed)
    check_rows(folder, manifest)
    shows = (
        f"release {shown(manifest['name'])} of {manifest['rows']['released']} rows and {manifest['people']} people, "
        f"decided at log size {signed.decided_at}, is whole and is what was committed"
    )
    return Report("release", shows, ["log", "files", "digest", "manifest", "sums", "rows", "weights", "origin", "row tree"])

# ---------------------------------------------------------------- proofs and receipts

def verify_receipt(value: Any, trust: Optional[Trust]) -> Report:
    (receipt := Receipt.parse(value)).verify(trust)
    return Report("receipt", f"the log holds this record at position {receipt.proof.index}", ["record", "log"])

def check_enrolment(value: Any, trust: Optional[Trust]) -> tuple:
    """The nonce of an enrolment receipt that holds, and where the log has it."""
    try:
        receipt = Receipt.parse(value)
        nonce = receipt.nonce()
        receipt.verify(trust)
    except Refusal as refusal:
        raise Refusal("enrolment", refusal.reason) from None
    return nonce, receipt.proof.index

def verify_proof(proof: dict, trust: Optional[Trust]) -> Report:
    with under("proof"):
        claim, release = member(proof, "claim", str), member(proof, "release", dict)
        member(proof, "receipt", dict)
        path = member(proof, "subject_path", str)
        refuse_if(claim not in ("absent", "present"), "`claim` is neither absent nor present")
    nonce, position = check_enrolment(proof["receipt"], trust)
    signed = open_statement(release.get("statement"), release.get("log"), trust)
    late = f"the nonce stands at {position} in the log, but the release was decided at size {signed.decided_at}"
    check("enrolment", position < signed.decided_at, f"{late}: it was enrolled too late to show anything")
    key = sha256(field(b"candor-subject-key-1"), field(signed.predicate["id"].encode()), field(nonce))
    with under("proof"):
        way = SparseProof.decode(from_base64(path))
    with under("subject tree", "the proof is for another release or person: "):
        value = way.verify(hash_from_hex(signed.commitment["subjects_root"]), key)
    held = ["enrolment", "log", "enrolled before the release", "subject tree"]
    name = f"{shown(signed.predicate['name'])} (id {shown(signed.predicate['id'])})"
    agrees = (value is None) == (claim == "absent")
    check("subject tree", agrees, f"the proof claims `{claim}`, the tree shows otherwise")
    if value is None:
        return Report("absence", f"the holder of this receipt is not in release {name}", held)
    own, merged = check_opening(proof, value, signed.commitment)
    rows = f"{own} rows of their own, {merged} that stand for merged ones"
    shows = f"the holder of this receipt is in release {name}: {rows}"
    return Report("presence", shows, held + ["opening", "row tree"])

def check_opening(proof: dict, value: bytes, commitment: dict) -> tuple:
    """Opens the person's entry and shows each of its rows in the row tree; returns how many are own and merged."""
    with under("proof"):
        blind = hash_from_hex(member(proof, "blind", str))
        rows = [(member(row, "row", int), member(row, "represents", bool), row) for row in member(proof, "rows", list)]
        refuse_if(any(row < 0 for row, _, _ in rows), "`rows` is malformed")
    listed = b"".join(number(row) + number(int(represents)) for row, represents, _ in rows)
    opened = sha256(field(b"candor-subject-value-1"), field(blind), number(len(rows)), listed)
    check("opening", opened == value, "the list of rows is not what the release committed to")
    for row, _, proof_of_row in rows:
        with under("proof"):
            root, leaf = hash_from_hex(commitment["rows_root"]), hash_from_hex(member(proof_of_row, "leaf", str))
            path = [hash_from_hex(one) for one in member(proof_of_row, "path", list)]
        with under("row tree", f"row {row} is not shown to be in the release: "):
            found = root_from_path(leaf, row, commitment["rows"], path)
            refuse_if(found != root, "the path does not lead to the committed root")
    return sum(not represents for _, represents, _ in rows), sum(represents for _, represents, _ in rows)

# ---------------------------------------------------------------- the command

def verify(path: str, trust: Optional[Trust]) -> Report:
    """Verifies whatever the path holds; any way in which it does not hold is a `Refusal`."""
    try:
        if os.path.isdir(path):
            report = verify_release(path, trust)
        else:
            value = load_json(read_file(path, JSON_BYTES_MAX, follow=True))
            kinds = {"candor-receipt-1": verify_receipt, "candor-proof-1": verify_proof}
            kind = kinds.get(member(value, "format", str))
            refuse_if(kind is None, "`format` is neither a receipt's nor a proof's")
            report = kind(value, trust)
    except (Malformed, OSError, ValueError) as error:
        raise Refusal("file", f"{shown(path)}: {shown(error)}") from None
    except (MemoryError, RecursionError):
        raise Refusal("file", f"{shown(path)}: it needs more memory than there is") from None
    return report._replace(held=["signature"] + report.held) if trust else report

def read_trust(given: str) -> Trust:
    """Keys from a file, or given as they are."""
    try:
        return Trust.parse(read_file(given, NOTE_BYTES_MAX, follow=True).decode() if os.path.isfile(given) else given)
    except (Malformed, OSError, ValueError) as error:
        raise Refusal("trust", shown(error)) from None

def outcome(path: str, trusted: Optional[str]) -> dict:
    """The verdict: only `verified` is a yes."""
    try:
        trust = read_trust(trusted) if trusted is not None else None
        report = verify(path, trust)
    except Refusal as refusal:
        return {"verified": False, "check": refusal.check, "reason": str(refusal)}
    return report._asdict() | {"signer_trusted": trust is not None, "verified": trust is not None}

def words(verdict: dict) -> str:
    if "reason" in verdict:
        return f"NOT VERIFIED\n  {verdict['reason']}"
    unknown = "integrity only, signer unknown\n  hint: give the operator's keys with --trust, from a source you trust"
    return f"{'VERIFIED' if verdict['verified'] else unknown}\n  {verdict['shows']}\n  checked: {', '.join(verdict['held'])}"

def main(arguments: list) -> int:
    parser = argparse.ArgumentParser(description="Checks a Candor release, receipt or proof with its files alone.")
    parser.add_argument("path", metavar="PATH", help="folder of a release, or file of a receipt or proof")
    parser.add_argument("--trust", metavar="FILE_OR_KEYS", help="the operator's two public keys")
    parser.add_argument("--output", choices=["text", "json"], default="text")
    options = parser.parse_args(arguments)
    verdict = outcome(options.path, options.trust)
    print(json.dumps(verdict, sort_keys=True) if options.output == "json" else words(verdict))
    return 0 if verdict["verified"] else 1

if __name__ == "__main__":
    try:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        sys.exit(main(sys.argv[1:]))
    except Exception as error:  # A bug is said in one line and never taken for a yes.
        print(f"internal error: {type(error).__name__}", file=sys.stderr)
        sys.exit(3)

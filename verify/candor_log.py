#!/usr/bin/env python3
"""Checks a copy of a Candor log (C2SP tlog-tiles) with nothing but its files and Python 3.11.

    python3 candor_log.py FOLDER --trust FILE_OR_KEYS [--held CHECKPOINT] [--receipt FILE] [--policy FILE]

Reads every entry and every tile. Exit 0: it holds. Exit 1: it does not, and the message says which: a rewritten record,
a dropped entry, a wrong tile, a forked log, a rolled-back checkpoint, a missing or wrong witness. Exit 3: a bug.

    checkpoint             note signed by the log's key: origin, size, root; and the lines of witnesses
    tile/entries/N[.p/W]   256 entries (W in the last one), each behind its length in two bytes
    tile/L/N[.p/W]         256 hashes: level 0 has SHA-256(0 | entry), each higher one the roots of full tiles below
    N                      in groups of three digits, all but the last behind an x: 1234067 is x001/x234/067

A witness's line: key id, seconds since 1970 in 8 bytes, Ed25519 over "cosignature/v1\\ntime <seconds>\\n" and the note's
text. The policy is a C2SP tlog-policy file. Sources: c2sp.org tlog-tiles, tlog-cosignature, tlog-policy.
"""

import argparse, os, sys  # noqa: E401
from typing import Iterator, Optional

from candor_verify import (
    JSON_BYTES_MAX, NOTE_BYTES_MAX, Checkpoint, Key, Malformed, Note, Receipt, Refusal, RowTree, check, check_name,
    decimal, ed25519_holds, from_base64, load_json, node_hash, read_file, read_trust, refuse_if, sha256, shown, under,
)

WIDTH, LEVELS_MAX, TIME_BYTES = 256, 8, 8
TILE_BYTES_MAX, BUNDLE_BYTES_MAX, POLICY_BYTES_MAX = WIDTH * 32, WIDTH * (2 + 65_535), 1 << 20


class Copy:
    """The folder of a log."""
    def __init__(self, folder: str):
        self.folder = folder

    def checkpoint(self) -> Note:
        return Note.parse(read_file(os.path.join(self.folder, "checkpoint"), NOTE_BYTES_MAX, follow=True).decode())

    def read(self, kind: str, index: int, width: int, most: int) -> bytes:
        """A tile or bundle; where the partial one is gone, the full one that took its place."""
        groups = [f"{index % 1000:03}"]
        while index := index // 1000:
            groups.insert(0, f"x{index % 1000:03}")
        full = os.path.join(self.folder, "tile", kind, *groups)
        partial = os.path.join(f"{full}.p", str(width))
        path = partial if width < WIDTH and os.path.isfile(partial) else full
        refuse_if(not os.path.isfile(path), f"{kind}/{'/'.join(groups)} is missing")
        return read_file(path, most, follow=True)

    def entries(self, index: int, width: int) -> list:
        data, entries = self.read("entries", index, width, BUNDLE_BYTES_MAX), []
        while data and len(entries) < width:
            end = 2 + int.from_bytes(data[:2], "big")
            refuse_if(len(data) < end or len(data) < 2, "a bundle ends within an entry")
            entries.append(data[2:end])
            data = data[end:]
        return entries

    def tile(self, level: int, index: int, width: int) -> list:
        data = self.read(str(level), index, width, TILE_BYTES_MAX)
        refuse_if(len(data) % 32 or len(data) < width * 32, f"tile {level}/{index} has another number of hashes")
        return [data[at : at + 32] for at in range(0, width * 32, 32)]


def leaves(copy: Copy, size: int) -> Iterator[bytes]:
    """The leaf of each entry, once it is what the tree has there."""
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        found, hashes = [sha256(b"\x00", entry) for entry in copy.entries(index, width)], copy.tile(0, index, width)
        at = next((at for at in range(width) if at >= len(found) or found[at] != hashes[at]), None)
        if at is not None:
            dropped = len(found) < width and (at >= len(found) or hashes[at + 1 :] == found[at:])
            what = "dropped entry: the log had an" if dropped else "rewritten record:"
            raise Refusal("entries", f"{what} entry {index * WIDTH + at}")
        yield from found


def check_tiles(copy: Copy, level: int, hashes: list) -> None:
    """Checks a level's tiles against what is below them, and the levels above."""
    if not hashes or level >= LEVELS_MAX:
        return
    above = []
    for index in range(-(-len(hashes) // WIDTH)):
        part = hashes[index * WIDTH : (index + 1) * WIDTH]
        if level:
            check("tiles", copy.tile(level, index, len(part)) == part, f"wrong tile: tile/{level} number {index}")
        if len(part) == WIDTH:
            while len(part) > 1:
                part = [node_hash(left, right) for left, right in zip(part[::2], part[1::2])]
            above += part
    check_tiles(copy, level + 1, above)


def audit(copy: Copy, log: Key, held: Optional[Checkpoint], receipt: Optional[Receipt]) -> Checkpoint:
    """Reads everything and compares it with what was kept."""
    found = Checkpoint.open(copy.checkpoint(), log)
    kept = [held] if held else []
    kept += [Checkpoint.open(receipt.proof.note, log)] if receipt else []
    for one in kept:
        smaller = f"rolled-back checkpoint: the log had {one.size} entries, and has {found.size} now"
        check("checkpoint", found.size >= one.size, smaller)
    roots, tree, level = {0: RowTree().root()}, RowTree(), []
    sizes = {one.size for one in kept} | {found.size}
    for position, leaf in enumerate(leaves(copy, found.size)):
        if receipt and position == receipt.proof.index:
            own = sha256(b"\x00", receipt.entry)
            check("entries", leaf == own, f"rewritten record: entry {position} is not the receipt's")
        tree.push(leaf)
        level.append(leaf)
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    check_tiles(copy, 0, level)
    check("forks", all(roots[one.size] == one.root for one in kept if one.size == found.size), "forked log: two roots")
    signed = f"rewritten record: the {found.size} entries are not what the checkpoint was signed over"
    check("root", roots[found.size] == found.root, signed)
    for one in kept:
        fork = f"forked log: of its first {one.size} entries the log signed another root"
        check("forks", roots[one.size] == one.root, fork)
    return found


def witness_key(text: str) -> Key:
    """A key of type 4, as `name+id+base64(0x04 | public key)`."""
    parts = text.split("+", 2)
    typed = from_base64(parts[2]) if len(parts) == 3 else b""
    refuse_if(len(typed) != 33 or typed[0] != 4, f"`{shown(text)}` is no key of a witness")
    key = Key(check_name(parts[0]), sha256(parts[0].encode(), b"\n", typed)[:4], typed[1:])
    refuse_if(key.id.hex() != parts[1], f"`{shown(text)}`: its id does not belong to its name and key")
    return key


def cosigned(note: Note, name: str, key: Key) -> bool:
    """Whether a witness signed a checkpoint; a line of it that does not hold is refused."""
    lines = [signature for by, key_id, signature in note.signatures if (by, key_id) == key[:2]]
    for line in lines:
        seconds = int.from_bytes(line[:TIME_BYTES], "big")
        message = f"cosignature/v1\ntime {seconds}\n{note.text}".encode()
        holds = seconds < 1 << 63 and ed25519_holds(key.public, message, line[TIME_BYTES:])
        check("witnesses", holds, f"wrong witness: the line of `{shown(name)}` is not its signature of this checkpoint")
    return bool(lines)


def check_policy(text: str, note: Note) -> list:
    """The witnesses of a policy that signed, once they are its quorum."""
    signed, logs, quorum = {}, [], None
    for number, line in enumerate(text.split("\n"), 1):
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if not words or words[0].startswith("#"):
            continue
        kind, rest = words[0], words[1:]
        bad = f"line {number} of the policy does not read"
        if kind == "log" and len(rest) in (1, 2):
            logs.append(Key.parse(rest[0]))
        elif kind == "witness" and len(rest) in (2, 3) and rest[0] not in signed and rest[0] != "none":
            signed[rest[0]] = cosigned(note, rest[0], witness_key(rest[1]))
        elif kind == "group" and len(rest) > 2 and rest[0] not in signed and rest[0] != "none":
            names = rest[2:]
            least = {"all": len(names), "any": 1}.get(rest[1]) or decimal(rest[1])
            refuse_if(not 1 <= least <= len(names) or any(name not in signed for name in names), bad)
            signed[rest[0]] = sum(signed[name] for name in names) >= least
        else:
            refuse_if(kind != "quorum" or len(rest) != 1 or quorum is not None or rest[0] not in {*signed, "none"}, bad)
            quorum = rest[0]
    refuse_if(quorum is None, "the policy has no quorum line")
    known = not logs or any((key.name, key.id) in {line[:2] for line in note.signatures} for key in logs)
    refuse_if(not known, "the checkpoint is signed by no log of the policy")
    for key in logs:
        if (key.name, key.id) in {line[:2] for line in note.signatures}:
            note.verify(key)
    missing = f"missing witness: `{shown(quorum)}` did not sign this checkpoint"
    check("witnesses", quorum == "none" or signed[quorum], missing)
    return [name for name, did in signed.items() if did]


def run(options: argparse.Namespace) -> str:
    trust, copy = read_trust(options.trust), Copy(options.folder)
    with under("log"):
        try:
            held = receipt = None
            if options.held:
                note = Note.parse(read_file(options.held, NOTE_BYTES_MAX, follow=True).decode())
                held = Checkpoint.open(note, trust.log)
            if options.receipt:
                receipt = Receipt.parse(load_json(read_file(options.receipt, JSON_BYTES_MAX, follow=True)))
                receipt.verify(trust)
            told = ""
            if options.policy:
                text = read_file(options.policy, POLICY_BYTES_MAX, follow=True).decode()
                told = f", witnessed by {shown(', '.join(check_policy(text, copy.checkpoint())))}"
            found = audit(copy, trust.log, held, receipt)
        except (OSError, ValueError) as error:
            raise Malformed(shown(error)) from None
    return f"VERIFIED\n  {found.size} entries, root {found.root.hex()}{told}"


def main(arguments: list) -> int:
    parser = argparse.ArgumentParser(description="Checks a copy of a Candor log with its files alone.")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--trust", metavar="FILE_OR_KEYS", required=True, help="the operator's two public keys")
    parser.add_argument("--held", metavar="CHECKPOINT", help="an earlier checkpoint of the log")
    parser.add_argument("--receipt", metavar="FILE", help="a receipt that the log must still hold")
    parser.add_argument("--policy", metavar="FILE", help="whose signatures the checkpoint must have")
    try:
        print(run(parser.parse_args(arguments)))
        return 0
    except Refusal as refusal:
        print(f"NOT VERIFIED\n  {refusal}")
        return 1


if __name__ == "__main__":
    try:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        sys.exit(main(sys.argv[1:]))
    except Exception as error:  # A bug is said in one line and never taken for a yes.
        print(f"internal error: {type(error).__name__}", file=sys.stderr)
        sys.exit(3)

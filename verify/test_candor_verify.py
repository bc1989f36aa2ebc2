"""Known answers and hostile input for candor_verify.py. Run: python3 -m unittest discover verify

The two verifiers are compared on real releases, and on forged ones, by crates/release/tests/it/tampering.rs.
"""

import base64
import gzip
import hashlib
import io
import json
import os
import random
import tempfile
import unittest
from contextlib import redirect_stdout

import candor_verify as verifier
from candor_verify import Malformed, Refusal


def h(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


class Ed25519(unittest.TestCase):
    # RFC 8032 section 7.1, tests 1, 2 and 3: public key, message, signature.
    VECTORS = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ]

    def test_the_vectors_of_the_standard_hold_and_no_changed_bit_of_them_does(self):
        for vector in self.VECTORS:
            public, message, signature = map(bytes.fromhex, vector)
            self.assertTrue(verifier.ed25519_holds(public, message, signature))
            self.assertFalse(verifier.ed25519_holds(public, message + b"x", signature))
            for at in (0, 31, 32, 63):
                changed = bytes(b ^ (i == at) for i, b in enumerate(signature))
                self.assertFalse(verifier.ed25519_holds(public, message, changed))
            self.assertFalse(verifier.ed25519_holds(public, message, signature[:63]))

    def test_a_signature_with_s_raised_by_the_order_is_refused(self):
        public, message, signature = map(bytes.fromhex, self.VECTORS[0])
        s = int.from_bytes(signature[32:], "little") + verifier.L
        self.assertFalse(verifier.ed25519_holds(public, message, signature[:32] + s.to_bytes(32, "little")))

    def test_keys_of_small_order_hold_nothing_and_are_no_keys(self):
        # y = 1 is the neutral point, y = -1 the point of order 2, y = 0 one of order 4.
        for y in (1, verifier.P - 1, 0):
            public = y.to_bytes(32, "little")
            self.assertTrue(verifier.small_order(verifier.point_of(public)))
            self.assertFalse(verifier.ed25519_holds(public, b"", public + bytes(32)))
            typed = b"\x01" + public
            key_id = h(b"a/log\n", typed)[:4].hex()
            with self.assertRaises(Malformed):
                verifier.Key.parse(f"a/log+{key_id}+{base64.b64encode(typed).decode()}")

    def test_second_encodings_of_a_point_are_refused(self):
        self.assertIsNone(verifier.point_of((verifier.P + 1).to_bytes(32, "little")))
        self.assertIsNone(verifier.point_of((1 | 1 << 255).to_bytes(32, "little")))
        self.assertIsNone(verifier.point_of((2).to_bytes(32, "little")), "no point has y = 2")


class Trees(unittest.TestCase):
    # The leaves and roots that implementations of RFC 6962 share as test vectors.
    LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    ROOTS = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    def leaves(self):
        return [h(b"\0", bytes.fromhex(leaf)) for leaf in self.LEAVES]

    def test_streamed_roots_are_those_of_the_vectors(self):
        tree = verifier.RowTree()
        for leaf, root in zip(self.leaves() + [b""], self.ROOTS):
            self.assertEqual(tree.root().hex(), root)
            tree.push(leaf)

    @staticmethod
    def root_and_path(leaves, index):
        """By the recursive definition, with the path of one leaf."""
        if len(leaves) == 1:
            return leaves[0], []
        k = 1
        while 2 * k < len(leaves):
            k *= 2
        left, left_path = Trees.root_and_path(leaves[:k], index)
        right, right_path = Trees.root_and_path(leaves[k:], index - k)
        return h(b"\1", left, right), (left_path + [right] if index < k else right_path + [left])

    def test_every_path_leads_to_the_root_and_no_other_index_size_or_length_does(self):
        for size in range(1, 9):
            leaves = self.leaves()[:size]
            for index, leaf in enumerate(leaves):
                root, path = self.root_and_path(leaves, index)
                self.assertEqual(verifier.root_from_path(leaf, index, size, path), root)
                for other, other_size, other_path in [
                    (index + size, size, path),
                    (index, size, path + [root]),
                    (index, size, path[1:]),
                    (index ^ 1, size, path),
                ]:
                    if (other, other_path) == (index, path):
                        continue
                    try:
                        found = verifier.root_from_path(leaf, other, other_size, other_path)
                    except Malformed:
                        continue
                    self.assertNotEqual(found, root)


class SparseTree(unittest.TestCase):
    # Keys SHA-256("key" | n), values SHA-256("value" | n); the tree over n = 0, 1, 2, and two of its proofs.
    ROOT = bytes.fromhex("14bad470ce8572692d849c6ce3224d4ccabffae4e603a6b0ef4508535ab29d9f")
    OWN = bytes.fromhex(
        "010100000000000000030002c0"
        "c88418a1d049a9b2868f2fd6394a94197e2ee74c7a0e6c7b9197d6ae0ad36fcc"
        "0b7d2946ab4239ff6b7674c467ed3bb624f00968001c934bde87a10249b9707e"
        "8d0ff54a63da89bd496e1e51b20fa6571b9569d0b5dc7763167c6528b679bc73"
    )
    ABSENT = bytes.fromhex(
        "01020000000000000003000180"
        "305dcffbae0f7c3a526683b78df22f5b9d250aca5ea91dff6d5e13784718088d"
        "dc1f67f2bd8392ce9b65634c8c2011a492b4930d160e88d53da75d420f1af944"
        "2ac3e771679dfe9ec82b8748f6f7718f3ad0e4eaafabc9f68f4bc25187a5f230"
    )

    def test_presence_and_absence_are_shown(self):
        own = verifier.SparseProof.decode(self.OWN)
        self.assertEqual(own.verify(self.ROOT, h(b"key", b"\1")), h(b"value", b"\1"))
        self.assertIsNone(verifier.SparseProof.decode(self.ABSENT).verify(self.ROOT, h(b"key", b"\3")))

    def test_an_empty_tree_shows_absence(self):
        root = h(b"candor-smt1-root", bytes(8), bytes(32))
        self.assertEqual(root.hex(), "9a3ce7dc1d527ac61a6e410143c8bdc6e4ada3d3ddf1287d9ff2f9a63c2b1459")
        self.assertIsNone(verifier.SparseProof.decode(b"\x01\x00" + bytes(10)).verify(root, bytes(32)))

    def test_a_proof_holds_for_its_key_and_root_only(self):
        for proof, key in [(self.OWN, h(b"key", b"\2")), (self.ABSENT, h(b"key", b"\1"))]:
            with self.assertRaises(Malformed):
                verifier.SparseProof.decode(proof).verify(self.ROOT, key)
        with self.assertRaises(Malformed):
            verifier.SparseProof.decode(self.OWN).verify(bytes(32), h(b"key", b"\1"))

    def test_every_changed_or_missing_byte_is_refused(self):
        for proof, key in [(self.OWN, h(b"key", b"\1")), (self.ABSENT, h(b"key", b"\3"))]:
            changed = [proof[:at] + bytes([proof[at] ^ 1]) + proof[at + 1 :] for at in range(len(proof))]
            for bad in changed + [proof[:at] for at in range(len(proof))] + [proof + b"\0"]:
                with self.assertRaises(Malformed):
                    verifier.SparseProof.decode(bad).verify(self.ROOT, key)


class StrictJson(unittest.TestCase):
    def test_what_can_be_read_in_two_ways_is_refused(self):
        hostile = [
            b'{"a":1,"a":2}', b"1.0", b"1e3", b"-0", b"18446744073709551616", b"NaN", b'"\\ud800"', b'"\xff"',
            b"\xef\xbb\xbf1", b"[" * 200 + b"]" * 200, b"[" * 200_000, b"1" * 10_000, b'"\x01"', b"",
        ]  # fmt: skip
        for text in hostile:
            with self.assertRaises(Malformed, msg=text[:20]):
                verifier.load_json(text)

    def test_the_canonical_form_sorts_keys_and_escapes_as_little_as_json_allows(self):
        value = verifier.load_json(b'{"b": [true, null, -1], "a": "\\u00e9\\u0001\\u007f\\n\\"\\/"}')
        self.assertEqual(verifier.canonical(value), '{"a":"é\\u0001\x7f\\n\\"/","b":[true,null,-1]}'.encode())


class Texts(unittest.TestCase):
    def test_base64_and_numbers_have_one_form(self):
        for text in ("AB==", "AA=", "A A=", "AA==\n", "AA", "é===", None):
            with self.assertRaises(Malformed):
                verifier.from_base64(text)
        for text in ("", "00", "+1", "-1", "1 ", "18446744073709551616", "\u0661"):
            with self.assertRaises(Malformed):
                verifier.decimal(text)

    def test_hostile_notes_and_log_proofs_are_refused(self):
        for text in ("", "a\n\n", "a\n\n\u2014 b\n", "a\n\n\u2014 b AAAA\n", "\x07\n\n\u2014 b AAAAAAA=\n", "x" * 2_000_000):
            with self.assertRaises(Malformed):
                verifier.Note.parse(text)
            with self.assertRaises(Malformed):
                verifier.LogProof.parse("c2sp.org/tlog-proof@v1\nindex 0\n\n" + text)


def varint(value):
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def thrift(fields):
    """A struct in the compact protocol from {number: int, bytes, list of structs or of bytes, dict or bool}."""
    out, last = b"", 0
    for number, value in sorted(fields.items()):
        kind, body = thrift_value(value)
        out, last = out + bytes([(number - last) << 4 | kind]) + body, number
    return out + b"\0"


def thrift_value(value):
    if isinstance(value, bool):
        return (1 if value else 2), b""
    if isinstance(value, int):
        return 5, varint(value << 1 if value >= 0 else -value * 2 - 1)
    if isinstance(value, bytes):
        return 8, varint(len(value)) + value
    if isinstance(value, dict):
        return 12, thrift(value)
    kinds = [thrift_value(one) for one in value]
    return 9, b"\xf0"[:0] + bytes([0xF0 | kinds[0][0]]) + varint(len(kinds)) + b"".join(body for _, body in kinds)


def plain(texts):
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def levels_v1(run):
    return len(run).to_bytes(4, "little") + run


class Parquet(unittest.TestCase):
    """Files built here by hand: one row group with the rows (u: a, m: b) of weight 2, () of weight 1, (u: a)."""

    REPETITIONS, DEFINITIONS = b"\x03\x02", b"\x03\x0b"  # Bit-packed, first value lowest: 0 1 0 0 and 1 1 0 1.
    SCHEMA = [
        {4: b"root", 5: 5}, {3: 0, 4: b"messages", 5: 1, 6: 3}, {3: 2, 4: b"list", 5: 1}, {3: 0, 4: b"element", 5: 2},
        {1: 6, 3: 0, 4: b"role", 6: 0}, {1: 6, 3: 0, 4: b"content", 6: 0}, {1: 1, 3: 0, 4: b"weight", 6: 13},
        {1: 1, 3: 0, 4: b"human_bytes", 6: 13}, {1: 1, 3: 0, 4: b"sampling_permille", 6: 13},
        {1: 6, 3: 0, 4: b"origin", 6: 0},
    ]  # fmt: skip

    def page_v1(self, values, encoding=0, levels=True):
        body = (levels_v1(self.REPETITIONS) + levels_v1(self.DEFINITIONS) if levels else b"") + values
        packed = gzip.compress(body)
        count = 4 if levels else 3
        return thrift({1: 0, 2: len(body), 3: len(packed), 5: {1: count, 2: encoding, 3: 3, 4: 3}}) + packed

    def page_v2(self, values):
        packed = gzip.compress(values)
        levels = self.REPETITIONS + self.DEFINITIONS
        head = {1: 4, 2: 0, 3: 3, 4: 0, 5: len(self.DEFINITIONS), 6: len(self.REPETITIONS), 7: True}
        return thrift({1: 3, 2: len(levels + values), 3: len(levels + packed), 8: head}) + levels + packed

    def dictionary(self, texts):
        packed = gzip.compress(plain(texts))
        return thrift({1: 2, 2: len(plain(texts)), 3: len(packed), 7: {1: len(texts), 2: 0}}) + packed

    def file(self, roles=None, contents=None, weights=None, codec=2, rows=3):
        indexes = b"\x01\x03\x02"  # One bit each, packed: 0 1 0.
        roles = roles or self.dictionary([b"u", b"m"]) + self.page_v1(indexes, 8)
        contents = contents or self.page_v2(plain([b"a", b"b", b"a"]))
        weights = weights or self.page_v1(b"".join(w.to_bytes(4, "little") for w in (2, 1, 1)), levels=False)
        human = self.page_v1(b"".join(n.to_bytes(4, "little") for n in (1, 0, 1)), levels=False)
        origins = self.page_v1(plain([b"[]"] * 3), levels=False)
        data, columns = b"PAR1", []
        chunks = [(6, 4, roles), (6, 4, contents), (1, 3, weights), (1, 3, human), (1, 3, human), (6, 3, origins)]
        for kind, count, chunk in chunks:
            meta = {1: kind, 4: codec, 5: count, 6: 0, 7: len(chunk), 9: len(data)}
            columns.append({2: 0, 3: meta})
            data += chunk
        footer = thrift({1: 1, 2: self.SCHEMA, 3: rows, 4: [{1: columns, 2: 0, 3: rows}]})
        return data + footer + len(footer).to_bytes(4, "little") + b"PAR1"

    def refused(self, data, words):
        with self.assertRaises(Malformed) as caught:
            list(verifier.parquet_rows(data))
        self.assertIn(words, str(caught.exception))

    def test_both_kinds_of_pages_dictionaries_and_empty_lists_are_read(self):
        rows = list(verifier.parquet_rows(self.file()))
        said = [([b"u", b"m"], [b"a", b"b"], 2), ([], [], 1), ([b"u"], [b"a"], 1)]
        self.assertEqual(rows, [row + (human, human, b"[]") for row, human in zip(said, (1, 0, 1))])

    def test_what_a_row_says_of_its_origin_must_agree_with_its_messages(self):
        roles, contents = [b"assistant", b"user"], [b"abcdefgh", "é abcdefgh".encode()]
        span = b'{"message":1,"start":3,"end":11,"kind":"pasted-from-assistant"}'
        origins = verifier.Origins(500)
        origins.add(roles, contents, (3, 636, b"[" + span + b"]"))
        self.assertEqual(origins.bytes, {"pasted-from-assistant": 8, "unknown": 3})
        self.assertEqual(origins.spans, {"pasted-from-assistant": 1})
        wrong = [(4, 636, span), (3, 637, span), (3, 636, span + b"," + span), (3, 636, span.replace(b":1", b":0"))]
        wrong += [(3, 636, span.replace(b":3", b":1")), (3, 636, span.replace(b"11", b"12"))]
        for human, sampling, spans in wrong:
            with self.assertRaises(Malformed):
                verifier.Origins(500).add(roles, contents, (human, sampling, b"[" + spans + b"]"))

    def test_runs_and_packed_groups_are_read_at_any_width(self):
        self.assertEqual(verifier.hybrid(b"\x06\x05\x03\x88\xc6\xfa", 3, 11), [5] * 3 + [0, 1, 2, 3, 4, 5, 6, 7])
        self.assertEqual(verifier.hybrid(b"\x03", 0, 4), [0] * 4)
        with self.assertRaises(Malformed):
            verifier.hybrid(b"\x06\x09", 3, 3)

    def test_what_a_release_does_not_use_is_refused_by_name(self):
        self.refused(self.file(codec=1), "compression other than gzip")
        self.refused(self.file(roles=self.page_v1(b"", 6)), "encoding 6")
        self.refused(self.file(rows=4), "rows it counts")
        self.refused(self.file()[:-1], "Parquet")
        self.refused(b"PAR1" + self.file()[4:].replace(b"weight", b"height"), "messages, weight")

    def test_a_page_that_expands_beyond_its_limits_is_refused_before_it_is_expanded(self):
        bomb = gzip.compress(bytes(40 << 20))
        page = thrift({1: 0, 2: 40 << 20, 3: len(bomb), 5: {1: 4, 2: 0, 3: 3, 4: 3}}) + bomb
        self.refused(self.file(contents=page), "says that it expands")
        liar = thrift({1: 0, 2: 10, 3: len(bomb), 5: {1: 4, 2: 0, 3: 3, 4: 3}}) + bomb
        self.refused(self.file(contents=liar), "gzip")

    def test_a_page_of_more_values_than_its_column_is_refused(self):
        page = thrift({1: 0, 2: 0, 3: 0, 5: {1: 1 << 30, 2: 0, 3: 3, 4: 3}})
        self.refused(self.file(contents=page), "too many values")

    def test_no_damaged_file_does_more_than_be_refused(self):
        whole, chance = self.file(), random.Random(1)
        for _ in range(4000):
            damaged = bytearray(whole)
            for _ in range(chance.randint(1, 3)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            try:
                list(verifier.parquet_rows(bytes(damaged[: chance.randint(12, len(whole))] if chance.random() < 0.2 else damaged)))
            except (Malformed, verifier.zlib.error, UnicodeError, IndexError):
                pass  # What check_data_file turns into a refusal of `rows`.


class Command(unittest.TestCase):
    def verdict(self, *arguments):
        output = io.StringIO()
        with redirect_stdout(output):
            code = verifier.main([*arguments, "--output", "json"])
        return code, json.loads(output.getvalue())

    def test_hostile_files_and_folders_are_refused_in_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            hostile = [b"", b"{}", b"[]", b"null", b'{"format":"candor-proof-1"}', b'{"format":"candor-receipt-1"}', b"\xff"]
            for number, data in enumerate(hostile):
                path = os.path.join(folder, f"{number}.json")
                with open(path, "wb") as file:
                    file.write(data)
                code, verdict = self.verdict(path)
                self.assertEqual((code, verdict["verified"]), (1, False))
                self.assertIn(verdict["check"], ("file", "proof", "receipt"))
            self.assertEqual(self.verdict(folder)[1]["check"], "file")
            self.assertEqual(self.verdict(os.path.join(folder, "none"))[1]["check"], "file")
            os.symlink("/dev/zero", os.path.join(folder, "zero"))
            self.assertEqual(self.verdict(os.path.join(folder, "zero"))[1]["check"], "file")

    def test_in_a_release_links_pipes_and_files_beyond_their_limit_are_refused_without_being_read(self):
        with tempfile.TemporaryDirectory() as folder:
            path = {name: os.path.join(folder, name) for name in ("file", "link", "pipe")}
            with open(path["file"], "wb") as file:
                file.write(b"12345")
            os.symlink(path["file"], path["link"])
            os.mkfifo(path["pipe"])
            self.assertEqual(verifier.read_file(path["file"], 5), b"12345")
            self.assertEqual(verifier.read_file(path["link"], 5, follow=True), b"12345")
            for name, limit in (("file", 4), ("link", 5), ("pipe", 5)):
                with self.assertRaises(Refusal) as caught:
                    verifier.read_file(path[name], limit)
                self.assertEqual(caught.exception.check, "file")

    def test_keys_that_are_none_are_refused_before_anything_is_read(self):
        for keys in ("", "x", "a/log+00000000+AA==", "/nowhere"):
            code, verdict = self.verdict("/nowhere", "--trust", keys)
            self.assertEqual((code, verdict["check"]), (1, "trust"))

    def test_what_is_printed_of_a_hostile_text_is_short_and_plain(self):
        self.assertEqual(verifier.shown("a\x1b[31m\n\u202e"), "a?[31m??")
        self.assertLess(len(verifier.shown("x" * 10_000)), 200)

    def test_a_refusal_reads_as_check_and_reason(self):
        self.assertEqual(str(Refusal("rows", "too few")), "rows: too few")


if __name__ == "__main__":
    unittest.main()

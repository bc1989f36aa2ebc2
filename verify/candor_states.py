#!/usr/bin/env python3
"""Checks a Candor state proof with nothing but its file and Python 3.11: where a person's choice stood at an epoch.

    python3 candor_states.py PROOF [--trust FILE_OR_KEYS] [--output json]

Exit 0: it holds and the trusted keys signed it. Exit 1: it does not hold, or no key was trusted. Exit 3: a bug.

    the proof (JSON)  the person's enrolment receipt (it holds the nonce), the epoch's public entry of the log with its
                      tlog-proof, the way through the state tree, and the opening where there is an entry
    key   = SHA-256(field("candor-state-key-1") number(epoch) field(purpose) field(nonce))
    value = SHA-256(field("candor-state-value-1") field(blind) field(state) field(event id) field(notice id))

No entry under the key: there was no act about the purpose before the epoch's place in the log, hence no yes.
"""

import argparse, json, sys  # noqa: E401
from typing import Optional

from candor_verify import (
    JSON_BYTES_MAX, LogProof, Malformed, Refusal, Report, SparseProof, Trust, canonical, check, check_enrolment, field,
    from_base64, hash_from_hex, load_json, member, number, read_file, read_trust, refuse_if, sha256, shown, under, words,
)


def verify_state(proof: dict, trust: Optional[Trust]) -> Report:
    """Where a person's choice about a purpose stood at an epoch of the state map."""
    with under("state proof"):
        purpose, epoch = member(proof, "purpose", str), member(proof, "epoch", dict)
        entry, log_proof = member(epoch, "entry", dict), LogProof.parse(epoch.get("log_proof"))
        counted, root = member(entry, "epoch", int), hash_from_hex(member(entry, "root", str))
        refuse_if(entry.get("type") != "states", "the entry is not an epoch of states")
        way = SparseProof.decode(from_base64(member(proof, "path", str)))
        member(proof, "receipt", dict)
    nonce, position = check_enrolment(proof["receipt"], trust)
    with under("epoch", "the log does not show it: "):
        log_proof.verify(canonical(entry), trust.log if trust else None)
    check("enrolment", position < log_proof.index, "the nonce was enrolled after the epoch: it shows nothing")
    key = sha256(field(b"candor-state-key-1"), number(counted), field(purpose.encode()), field(nonce))
    with under("state tree", "the proof is for another epoch, person or purpose: "):
        value = way.verify(root, key)
    opening = proof.get("opening")
    check("opening", (value is None) == (opening is None), "the tree shows otherwise")
    stood = f"the holder had made no choice about {shown(purpose)}: there was no yes"
    if value is not None:
        with under("state proof"):
            refuse_if(not isinstance(opening, dict), "`opening` is malformed")
            event, state = bytes.fromhex(member(opening, "event", str)), member(opening, "state", str)
            blind, notice = (hash_from_hex(member(opening, name, str)) for name in ("blind", "notice"))
        parts = field(blind), field(state.encode()), field(event), field(notice)
        opened = sha256(field(b"candor-state-value-1"), *parts)
        check("opening", opened == value, "the state is not what the epoch committed to")
        stood = f"the holder's choice about {shown(purpose)} was `{shown(state)}`"
    shows = f"{stood} at epoch {counted}, by all acts before {log_proof.index} in the log"
    return Report("state", shows, ["enrolment", "log", "enrolled before the epoch", "state tree"])


def outcome(path: str, trusted: Optional[str]) -> dict:
    """The verdict: only `verified` is a yes."""
    try:
        trust = read_trust(trusted) if trusted is not None else None
        value = load_json(read_file(path, JSON_BYTES_MAX, follow=True))
        refuse_if(member(value, "format", str) != "candor-state-proof-1", "`format` is not a state proof's")
        report = verify_state(value, trust)
    except Refusal as refusal:
        return {"verified": False, "check": refusal.check, "reason": str(refusal)}
    except (Malformed, OSError, ValueError) as error:
        return {"verified": False, "check": "file", "reason": f"file: {shown(path)}: {shown(error)}"}
    held = (["signature"] if trust else []) + report.held
    return report._asdict() | {"held": held, "signer_trusted": trust is not None, "verified": trust is not None}


def main(arguments: list) -> int:
    parser = argparse.ArgumentParser(description="Checks a Candor state proof with its file alone.")
    parser.add_argument("path", metavar="PROOF", help="file of a state proof")
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

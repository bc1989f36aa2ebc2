"""Reads receipts of consent as RDF and checks them against the profile of ISO/IEC TS 27560 in the W3C's vocabulary.

    python read_receipts.py SHAPES FOLDER

rdflib must read every receipt below FOLDER without asking the network for anything, and pyshacl must find that the
shapes hold. Each field that the shapes ask for is then taken away in turn, which pyshacl must find out: shapes that
hold for anything would show nothing.
"""

import json
import pathlib
import socket
import sys

import pyshacl
import rdflib

DPV = rdflib.Namespace("https://w3id.org/dpv#")
ASKED_FOR = [
    "dct:identifier", "dct:conformsTo", "dct:created", "dpv:hasDataSubject", "dpv:hasDataController",
    "dpv:hasJurisdiction", "dpv:hasLegalBasis", "dpv:hasNotice", "dpv:hasProcess", "dpv:hasConsentControl",
    "dpv:hasConsentStatus",
]


def no_network(*_arguments, **_named):
    raise AssertionError("reading a receipt asks the network for something")


def holds(receipt, shapes):
    graph = rdflib.Graph().parse(data=json.dumps(receipt), format="json-ld")
    conforms, _results, text = pyshacl.validate(graph, shacl_graph=shapes, advanced=False)
    return conforms, text, graph


def main(shapes_file, folder):
    socket.socket.connect = no_network
    socket.getaddrinfo = no_network
    shapes = rdflib.Graph().parse(shapes_file, format="turtle")
    receipts = []
    for path in sorted(folder.rglob("*.receipt.json")):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        if receipt.get("@type") == "dpv:ConsentReceipt":
            receipts.append((path, receipt))
    assert receipts, f"{folder} holds no receipt of consent"
    states = set()
    for path, receipt in receipts:
        conforms, text, graph = holds(receipt, shapes)
        assert conforms, f"{path}: {text}"
        statuses = list(graph.objects(predicate=DPV.hasConsentStatus))
        assert len(statuses) == 1, f"{path}: {len(statuses)} statuses"
        states |= {str(kind).removeprefix(str(DPV)) for kind in graph.objects(statuses[0], rdflib.RDF.type)}
    for field in ASKED_FOR:
        poorer = json.loads(json.dumps(receipts[0][1]))
        del poorer["record"][field]
        conforms, _text, _graph = holds(poorer, shapes)
        assert not conforms, f"the shapes hold without {field}"
    print(f"{len(receipts)} receipts are records after ISO/IEC TS 27560; states: {', '.join(sorted(states))}")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))

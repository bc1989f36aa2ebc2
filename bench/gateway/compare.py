"""Runs everything and prints the table; see `bench/gateway.sh`."""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import peers
from candor import PEOPLE, STATES, Data
from measure import LOAD_CORE, Load, Proxy, cpu_seconds, memory_kib, ready, spawn, stop

# A request of 1 KB answered with 1 KB of JSON; a stream of 66 events that comes in two pieces; the same with a
# millisecond between events, each on its own.
KINDS = ["json", "burst", "paced"]
CONNECTIONS = 32
REQUESTS_ALONE = 1000
REQUESTS_MAX = 400_000
STREAMS_OPEN = 1000
UPSTREAM_PORT, PROXY_PORT = 18000, 18100


def main():
    options = argparse.ArgumentParser()
    options.add_argument("peers", nargs="*", default=[peer.name for peer in peers.ALL])
    options.add_argument("--seconds", type=int, default=5, help="length of each run under load")
    options.add_argument("--json", type=Path)
    options.add_argument("--folder", type=Path)
    options.add_argument("--programs", type=Path, required=True)
    options = options.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 1 << 16), hard))
    folder = options.folder or Path(tempfile.mkdtemp(prefix="candor-bench-"))
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    load = Load((options.programs / "examples/load").resolve())
    upstream = spawn([load.program, "upstream", UPSTREAM_PORT], folder / "upstream.log", LOAD_CORE)
    try:
        rows, skipped = run_all(options, folder, load, upstream)
    finally:
        stop(upstream)
    how = {"seconds": options.seconds, "connections": CONNECTIONS, "people": PEOPLE}
    report = {**how, "rows": rows, "skipped": skipped}
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(table(rows))
    for name, reason in skipped.items():
        print(f"skipped: {name}: {reason}")
    durable = [row["durable"] for row in rows if "durable" in row]
    sys.exit(any(state["turns"] != state["expected"] for state in durable))


def run_all(options, folder: Path, load: Load, upstream):
    direct = Proxy(upstream, UPSTREAM_PORT)
    ready(load, direct)
    alone = {kind: alone_us(load, direct, kind) for kind in KINDS}
    rows, skipped = [{"name": "no proxy", "version": "", "alone_us": alone}], {}
    peers.say(f"enrolling {PEOPLE:,} people")
    data = Data((options.programs / "candor").resolve(), Path(tempfile.mkdtemp(dir=folder)))
    wanted = [(peer, folder) for peer in peers.ALL if peer.name in options.peers]
    wanted[1:1] = [(state, data) for state in STATES]
    if not any(peer.name == "nginx" for peer, _ in wanted):
        wanted.sort(key=lambda one: one[1] is not data)
    for number, (peer, home) in enumerate(wanted):
        try:
            rows.append(measure(peer, home, load, (PROXY_PORT + 10 * number, options.seconds, alone)))
        except (peers.Unavailable, RuntimeError, TimeoutError) as error:
            skipped[peer.name] = str(error)
    return rows, skipped


def alone_us(load: Load, proxy: Proxy, kind: str):
    measured = load.run(proxy, kind=kind, requests=60 if kind == "paced" else REQUESTS_ALONE, seconds=10)
    return {name: measured[name] for name in ("first_us_p50", "last_us_p50", "last_us_p99")}


def measure(peer, home, load: Load, how):
    port, seconds, direct = how
    peers.say(f"measuring {peer.name}")
    proxy = peer.start(home, UPSTREAM_PORT, port)
    load.kept = 0
    try:
        ready(load, proxy)
        row = {"name": peer.name, "version": peer.version, "alone_us": {}, "added_us": {}, "loaded": {}}
        # What comes first is dearer: connections are made, code is warmed.
        warm = {kind: load.run(proxy, kind=kind, requests=200, seconds=5, connections=8) for kind in KINDS}
        # What it cannot relay is told in its log.
        works = [kind for kind in KINDS if warm[kind]["answered"]]
        for kind in works:
            row["alone_us"][kind] = alone_us(load, proxy, kind)
            row["added_us"][kind] = row["alone_us"][kind]["last_us_p50"] - direct[kind]["last_us_p50"]
        for kind in works:
            row["loaded"][kind] = loaded(peer, load, proxy, (kind, seconds))
        if hasattr(peer, "durable"):
            row["durable"] = peer.durable(load.kept)
        row["peak_kib"] = memory_kib(proxy.process.pid, "VmHWM")
        row["stream_kib"] = per_stream_kib(load, proxy)
        return row
    finally:
        stop(proxy.process)


def loaded(peer, load: Load, proxy: Proxy, what):
    """Many at a time. CPU is counted until nothing that they caused is left to do."""
    kind, seconds = what
    settle = getattr(peer, "settle", lambda: None)
    settle()
    before = cpu_seconds(proxy.process.pid)
    measured = load.run(proxy, kind=kind, requests=REQUESTS_MAX, seconds=seconds, connections=CONNECTIONS)
    time.sleep(0.1)
    settle()
    after = cpu_seconds(proxy.process.pid)
    spent = {name: seconds - before.get(name, 0) for name, seconds in after.items()}
    answered = max(measured["answered"], 1)
    measured["cpu_us"] = 1e6 * sum(spent.values()) / answered
    measured["cpu_us_by_thread"] = {name: 1e6 * seconds / answered for name, seconds in spent.items() if seconds > 0}
    return measured


def per_stream_kib(load: Load, proxy: Proxy):
    before = memory_kib(proxy.process.pid, "VmRSS")
    holder, told = load.hold(proxy, STREAMS_OPEN)
    try:
        if told["open"] < STREAMS_OPEN:
            return None
        return (memory_kib(proxy.process.pid, "VmRSS") - before) / STREAMS_OPEN
    finally:
        holder.kill()
        holder.wait()


def table(rows):
    """CPU and memory of the whole tree of processes; "x" against nginx, where it ran."""
    nginx = next((row for row in rows if row["name"] == "nginx"), None)
    lines = [
        f"CPU in microseconds a request, with {CONNECTIONS} connections; added: median latency above no proxy, one connection;",
        f"memory: most that was resident before {STREAMS_OPEN:,} streams were held open, and what each of them took",
        "",
        f"{'':20}|{'1 KB of JSON':^35}|{'stream of 66 events, in two pieces':^33}|{'one by one':^14}|{'memory':^17}",
        f"{'':20}|{'CPU':>8}{'x':>6}{'added us':>10}{'a second':>10} |{'CPU':>8}{'x':>6}{'added us':>10}{'p99 us':>8} |"
        f"{'CPU':>7}{'x':>6} |{'MiB':>6}{'KiB/stream':>11}",
    ]
    for row in rows:
        if "loaded" in row:
            lines.append(line(row, nginx))
    return "\n".join(lines)


def line(row, nginx):
    def cpu(kind, width):
        if kind not in row["loaded"]:
            return f"{'fails':>{width}}{'-':>6}"
        own = row["loaded"][kind]["cpu_us"]
        ratio = f"{own / nginx['loaded'][kind]['cpu_us']:.1f}" if nginx else "-"
        return f"{own:{width}.0f}{ratio:>6}"

    def number(value, width):
        return f"{'-':>{width}}" if value is None else f"{value:{width}.0f}"

    loaded, alone, added = row["loaded"], row["alone_us"], row["added_us"]
    failed = sum(run["failed"] for run in loaded.values())
    remarks = [f"{failed} failed"] if failed else []
    if durable := row.get("durable"):
        remarks.append(f"{durable['turns']:,} turns durable of {durable['expected']:,}, {durable['shed']} shed")
    return (
        f"{row['name']:20}|{cpu('json', 8)}{number(added.get('json'), 10)}"
        f"{number(loaded.get('json', {}).get('per_second'), 10)} |"
        f"{cpu('burst', 8)}{number(added.get('burst'), 10)}{number(alone.get('burst', {}).get('last_us_p99'), 8)} |"
        f"{cpu('paced', 7)} |{row['peak_kib'] / 1024:6.0f}{number(row['stream_kib'], 11)}  {'; '.join(remarks)}"
    )


if __name__ == "__main__":
    main()

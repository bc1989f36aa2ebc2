"""Running proxies and load on cores of their own, and reading what the kernel counted."""

import http.client
import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

PROXY_CORE, LOAD_CORE = "0", "1"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Proxy:
    """A proxy that runs."""

    process: subprocess.Popen
    port: int
    # What the client is told beside the address: `name=value`.
    client: list[str] = field(default_factory=list)


def spawn(command, log: Path, core=PROXY_CORE, **environment):
    with log.open("ab") as out:
        return subprocess.Popen(
            ["taskset", "-c", core, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **environment},
            # It ends with its whole group: some start children of their own.
            start_new_session=True,
        )


def stop(process):
    for send in (process.terminate, lambda: os.killpg(process.pid, 9)):
        if process.poll() is not None:
            return
        send()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            continue


def stat_of(path):
    """Command and the fields after it, of a process or thread; None if it is gone."""
    try:
        text = Path(path, "stat").read_text()
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    return name, rest.split()


def tree(root: int):
    """The ids of a process and all its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := stat_of(entry)):
            parents[int(entry.name)] = int(stat[1][1])
    members, size = {root}, 0
    while size != len(members):
        size = len(members)
        members |= {child for child, parent in parents.items() if parent in members}
    return members


def cpu_seconds(root: int):
    """User and system time so far, by the names of threads."""
    times = {}
    for process in tree(root):
        for task in Path(f"/proc/{process}/task").glob("*"):
            if stat := stat_of(task):
                name, fields = stat
                times[name] = times.get(name, 0) + (int(fields[11]) + int(fields[12])) / TICKS
    return times


def memory_kib(root: int, name: str):
    """`VmHWM`, the most that was resident, or `VmRSS`, what is; of the whole tree."""
    total = 0
    for process in tree(root):
        try:
            for line in Path(f"/proc/{process}/status").read_text().splitlines():
                if line.startswith(f"{name}:"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total


class Load:
    """The load generator. No two requests of a run say the same."""

    def __init__(self, program: Path):
        self.program, self.asked = program, 0
        # Answers since the proxy was started that said their exchange may be kept.
        self.kept = 0

    def command(self, proxy: Proxy, settings):
        settings = {"from": self.asked, **settings}
        self.asked += settings.get("requests", settings.get("connections", 1))
        named = [f"{name}={value}" for name, value in settings.items()]
        return ["taskset", "-c", LOAD_CORE, self.program, "client", f"127.0.0.1:{proxy.port}", *proxy.client, *named]

    def run(self, proxy: Proxy, **settings):
        done = subprocess.run(self.command(proxy, settings), capture_output=True, text=True, check=True)
        measured = json.loads(done.stdout)
        self.kept += measured["kept"]
        return measured

    def hold(self, proxy: Proxy, connections: int):
        """Opens streams that stay open; the process that holds them."""
        command = self.command(proxy, {"kind": "hold", "connections": connections, "seconds": 60})
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        return process, json.loads(process.stdout.readline())


def until(what: str, condition, seconds=60, pause=0.2):
    """Waits until a condition gives something; what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if given := condition():
            return given
        time.sleep(pause)
    raise TimeoutError(f"{what}: not within {seconds} s")


def ready(load: Load, proxy: Proxy):
    def answers():
        if proxy.process.poll() is not None:
            raise RuntimeError(f"it ended with {proxy.process.returncode} before it answered")
        return load.run(proxy, requests=1)["answered"] == 1

    until("an answer", answers)


def metrics(port: int):
    """Prometheus metrics, by name and labels as they stand."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    pairs = [line.rsplit(" ", 1) for line in lines if line and not line.startswith("#")]
    return {name: float(value) for name, value in pairs}

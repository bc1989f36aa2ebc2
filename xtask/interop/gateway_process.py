"""What the tests of the gateway run: a scripted upstream, `candor` on a fresh data directory, `candor serve`."""

import base64
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
# How long a program may take to start or to stop, in seconds; in between it is asked again after a pause.
STARTS_WITHIN = 30
PAUSE = 0.02
# What the gateway is told to wait for at most, in seconds.
FIRST_BYTE_SECONDS = 3
STREAM_IDLE_SECONDS = 3
# The credential that the gateway holds for the upstream.
UPSTREAM_KEY = "sk-held-by-the-gateway"

SETTINGS = """\
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"

[capture]
absorb_seconds = 1

[limits]
first_byte_seconds = {first_byte}
stream_idle_seconds = {stream_idle}
drain_seconds = 20

[identity]
require_key = true
"""
ROUTE = """
[[route]]
prefix = "{prefix}"
namespace = "{namespace}"
upstream = "{upstream}"
key_file = "upstream.key"
"""


def wait_for(ask, what):
    """The first answer of `ask` that is true."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if answer := ask():
            return answer
        time.sleep(PAUSE)
    raise AssertionError(f"{what} did not come within {STARTS_WITHIN} s")


class Upstream:
    """The scripted upstream, as a process of its own."""

    def __init__(self):
        command = [sys.executable, "-B", str(HERE / "upstream.py")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[1]
        self.url = f"http://{self.address}"

    def reset(self):
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_reset", method="POST")).read()

    def seen(self):
        """Every request since the reset: `head` and `body` as they came, `json` if it is, `hung_up`."""
        entries = json.load(urllib.request.urlopen(f"{self.url}/_seen"))
        for entry in entries:
            entry["body"] = base64.b64decode(entry["body"])
            entry["json"] = json.loads(entry["body"]) if entry["body"].startswith(b"{") else None
        return entries

    def saw_hang_up(self, seconds):
        """Whether a client closes its connection before the answer's end, within so many seconds."""
        until = time.monotonic() + seconds
        while not (gone := any(entry["hung_up"] for entry in self.seen())) and time.monotonic() < until:
            time.sleep(PAUSE)
        return gone

    def stop(self):
        self.process.stdin.close()
        self.process.wait(STARTS_WITHIN)


class Candor:
    """The program, acting on one data directory."""

    def __init__(self, program, folder, upstream):
        self.program, self.folder, self.data = program, folder, folder / "data"
        self.run("init", "--name", "interop.example")
        draft = self.data / "notices" / "draft.toml"
        text = draft.read_text(encoding="utf-8")
        draft.write_text(re.sub(r"(?m)^effective_at = .*", 'effective_at = "2025-01-01T00:00:00Z"', text))
        self.run("notice", "publish", str(draft))
        self.run("enrol", "ada", "ben")
        for purpose in ("history", "train"):
            self.run("consent", "give", "ada", purpose)
            self.run("consent", "refuse", "ben", purpose)
        self.run("gateway", "init")
        self.write_settings(upstream)
        self.keys = {name: self.make_key(name, "--subject", name) for name in ("ada", "ben")}
        # One that says who speaks in each request, and is believed; and one that is not.
        self.keys |= {"backend": self.make_key("backend", "--hints"), "nobody": self.make_key("nobody")}

    def run(self, *arguments):
        command = [self.program, "--quiet", "--output", "json", "--data", str(self.data), *arguments]
        ran = subprocess.run(command, capture_output=True, text=True)
        assert ran.returncode == 0, f"candor {' '.join(arguments)}: {ran.stderr.strip()}"
        return json.loads(ran.stdout) if ran.stdout.strip().startswith(("{", "[")) else ran.stdout

    def make_key(self, name, *whose):
        return self.run("gateway", "key", f"key-of-{name}", *whose)["key"]

    def write_settings(self, upstream):
        """Routes at the root, and under prefixes that are only ours with one setting changed."""
        (self.data / "upstream.key").write_text(UPSTREAM_KEY + "\n")
        text = SETTINGS.format(first_byte=FIRST_BYTE_SECONDS, stream_idle=STREAM_IDLE_SECONDS)
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
        # Only OpenAI's route allows training on what its model says.
        routes = [("/", upstream, {"openai": "distillable = true"}), ("/gone", nobody, {})]
        routes += [("/forced", upstream, {"openai": "force_store_false = true"})]
        routes += [("/masked", upstream, dict.fromkeys(("openai", "anthropic"), 'masking = "mask"'))]
        for prefix, to, more in routes:
            for namespace in ("openai", "anthropic"):
                text += ROUTE.format(prefix=prefix, namespace=namespace, upstream=to)
                text += more.get(namespace, "") + "\n"
        (self.data / "gateway.toml").write_text(text)

    def export(self, subject):
        """Everything that is held of a person."""
        folder = self.folder / f"export-{subject}-{time.monotonic_ns()}"
        self.run("export", subject, "--folder", str(folder))
        return json.loads((folder / "export.json").read_text(encoding="utf-8"))


class Gateway:
    """`candor serve`; what it says on standard error goes to a file, which is scanned later."""

    def __init__(self, candor, name):
        self.told = candor.folder / f"{name}.stderr"
        command = [candor.program, "--data", str(candor.data), "serve"]
        with self.told.open("wb") as told:
            self.process = subprocess.Popen(command, stderr=told, stdout=told)
        self.url = "http://" + wait_for(lambda: self.find(r"clients: (\S+)"), "the gateway's address")
        self.operator = wait_for(lambda: self.find(r"operator: (http://[^/]+)"), "the operator's address")
        wait_for(self.is_ready, "/readyz")

    def find(self, pattern):
        assert self.process.poll() is None, f"candor serve ended: {self.told.read_text()}"
        found = re.search(pattern + r"[\s/]", self.told.read_text())
        return found and found.group(1)

    def ask(self, path):
        return urllib.request.urlopen(self.operator + path).read().decode()

    def is_ready(self):
        try:
            return self.ask("/readyz")
        except OSError:
            return False

    def metric(self, name):
        found = re.search(rf"(?m)^{re.escape(name)} (\S+)", self.ask("/metrics"))
        return float(found.group(1)) if found else 0.0

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        """Lets running requests end; what was captured is written then."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(STARTS_WITHIN)
        assert status == 0, f"candor serve ended with {status}"

    def kill(self):
        self.process.kill()
        self.process.wait()

"""Candor in the states that are compared, on a data directory with many people."""

import json
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

from measure import Proxy, metrics, spawn, until

# Half of them agree to everything, half refuse.
PEOPLE = 10_000

SETTINGS = """
listen = "127.0.0.1:{port}"
admin_listen = "127.0.0.1:{admin}"
access_log = false

[capture]
enabled = {capture}

[[route]]
upstream = "http://127.0.0.1:{upstream}"
distillable = true
guard = "{guard}"
"""


class Data:
    """A data directory, and a key for a backend that says who is speaking."""

    def __init__(self, program: Path, folder: Path):
        self.program, self.folder, self.data = program, folder, folder / "data"
        now = datetime.now(timezone.utc)
        published, chosen = (f"{now - timedelta(days=days):%Y-%m-%dT00:00:00Z}" for days in (30, 20))
        self.run("init")
        draft = self.data / "notices/draft.toml"
        lines = draft.read_text().splitlines()
        dated = [f'effective_at = "{published}"' if line.startswith("effective_at") else line for line in lines]
        draft.write_text("\n".join(dated) + "\n")
        self.run("--now", published, "notice", "publish", draft)
        purposes = [line[10:-1] for line in lines if line.startswith("[purposes.") and line.count(".") == 1]
        rows = ["subject,region,age,purpose,state,effective_at"]
        for state in ("yes", "no"):
            for number in range(PEOPLE // 2):
                rows += [f"{state}-{number:04},DE,18+,{purpose},{state},{chosen}" for purpose in purposes]
        choices = folder / "choices.csv"
        choices.write_text("\n".join(rows) + "\n")
        self.run("consent", "import", choices, "--attested-by", "bench")
        self.run("gateway", "init")
        self.key = json.loads(self.run("--output", "json", "gateway", "key", "bench", "--hints"))["key"]
        # The key's hash is read beside whatever settings a gateway is started with.
        shutil.copy(self.data / "gateway-keys.toml", folder)

    def run(self, *arguments):
        command = [self.program, "--quiet", "--data", self.data, *arguments]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"candor {arguments[0]}: {done.stderr.strip()}")
        return done.stdout


class Candor:
    """One state."""

    version = "this one"

    def __init__(self, name: str, capture=True, people="yes", guard="off"):
        self.name, self.capture, self.people, self.guard = name, capture, people, guard

    def start(self, data: Data, upstream: int, port: int):
        self.data, self.admin = data, port + 1
        name = self.name.replace(" ", "-").replace(",", "")
        file = data.folder / f"{name}.toml"
        values = {"port": port, "admin": self.admin, "upstream": upstream, "guard": self.guard}
        file.write_text(SETTINGS.format(capture=str(self.capture).lower(), **values))
        command = [data.program, "--data", data.data, "serve", "--settings", file]
        process = spawn(command, data.folder / f"{name}.log")
        client = [f"header=authorization: Bearer {data.key}", f"people={self.people}-"]
        return Proxy(process, port, [*client, f"people_count={PEOPLE // 2}"])

    def is_settled(self):
        """Whether all that was taken for keeping is durable, and moved to where other commands see it."""
        inbox = self.data.data / "inbox"
        return not (inbox.exists() and any(inbox.iterdir()))

    def settle(self):
        until("the inbox to be taken in", self.is_settled, seconds=120)

    def durable(self, kept: int):
        """Turns on disk, beside what clients were told: question and answer of each exchange that was not shed."""

        def told():
            counted = metrics(self.admin)
            shed = int(sum(value for name, value in counted.items() if name.startswith("candor_shed_total")))
            turns = int(counted.get("candor_durable_turns_total", 0))
            return {"turns": turns, "expected": 2 * (kept - shed), "shed": shed}

        until("every turn to be durable", lambda: told()["turns"] >= told()["expected"], seconds=30)
        return told()


STATES = [
    Candor("candor, relay only", capture=False),
    Candor("candor, kept", people="yes"),
    Candor("candor, refused", people="no"),
    Candor("candor, kept, guard", people="yes", guard="log"),
]

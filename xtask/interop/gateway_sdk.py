"""Runs the official SDKs against `candor serve` in front of a scripted upstream.

    python gateway_sdk.py CANDOR [NODE FOLDER]

CANDOR is the program; everything it writes goes to a temporary folder. FOLDER holds gateway_sdk.mjs with the OpenAI
Node SDK beside it. Every process that is started listens on loopback only and is ended. One line for each check;
exits with 1 if one failed.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

# Proxies are for other places than loopback; nothing is told to a vendor.
for name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)

import gateway_kept
import gateway_same
from gateway_process import Candor, Gateway, Upstream
from report import Report


def check_node(report, node, folder, upstream, gateway, key):
    """The Node SDK prints its own lines; its exit code is the check."""
    given = {"upstream": upstream.url, "gateway": gateway.url, "key": key}
    command = [node, str(pathlib.Path(folder) / "gateway_sdk.mjs"), json.dumps(given)]

    def run():
        sys.stdout.flush()
        assert subprocess.run(command).returncode == 0, "the Node SDK saw a difference"

    report.check("openai for node: every check above", run)


def main(program, node=None, node_folder=None):
    report = Report()
    upstream = Upstream()
    with tempfile.TemporaryDirectory() as folder:
        candor = Candor(str(pathlib.Path(program).resolve()), pathlib.Path(folder), upstream.url)
        gateway = Gateway(candor, "first")
        try:
            gateway_same.check_openai(report, upstream, gateway, candor.keys["ada"])
            gateway_same.check_anthropic(report, upstream, gateway, candor.keys["ada"])
            if node:
                check_node(report, node, node_folder, upstream, gateway, candor.keys["ada"])
            gateway_kept.check(report, candor, gateway, upstream)
        finally:
            gateway.kill()
            upstream.stop()
    return report.end()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))

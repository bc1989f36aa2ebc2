"""A provider that answers by script, for the tests of the gateway: standard library only, loopback only.

    python upstream.py        prints `upstream: 127.0.0.1:PORT` and serves until its standard input ends

The model's name chooses the script, everything else follows from the request, so that the same request always gets
the same bytes:

    plain              says again what was said; calls the first tool that is offered; streams if asked
    drip-MS            the same, with a pause of so many milliseconds before each event
    slow-MS            the same, with a pause before the answer
    status-CODE        an error with the provider's own envelope, and retry-after
    flaky              every first time 429 with retry-after-ms, every second time as `plain`
    fails-midstream    an error event after a few events
    dies               breaks off in the middle of an event, or of a JSON body
    dies-between       breaks off between two events
    dies-before        closes the connection in place of an answer
    silent             says a few events, then nothing more
    endless            streams until the client hangs up

Every request is recorded: GET /_seen gives all since the last POST /_reset, as they came, and whether the client
hung up before the answer's end.
"""

import base64
import hashlib
import json
import select
import socket
import socketserver
import sys
import threading
import time

import anthropic_shapes
import openai_shapes

# A stream goes out in pieces of these sizes, in bytes: events, lines and characters are cut wherever it falls.
PIECES = (1, 7, 64, 3, 256, 31)
# Events that a stream which breaks off has sent before.
EVENTS_BEFORE_END = 4
# The longest that a connection is held for nothing, in seconds.
IDLE_SECONDS = 60
# Pause before a stream breaks off, in seconds.
BREAK_OFF_AFTER = 0.2
# Pause between the events of an endless stream, in seconds.
ENDLESS_PAUSE = 0.03
# One date for all answers: they are compared byte for byte.
DATE = "Wed, 18 Nov 2026 10:00:00 GMT"
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict",
           422: "Unprocessable Entity", 429: "Too Many Requests"}  # fmt: skip


class HungUp(Exception):
    """The client closed the connection."""


class BreakOff(Exception):
    """The script closes the connection."""


class Record:
    """Every request since the last reset."""

    def __init__(self):
        self.lock = threading.Lock()
        self.seen = []
        self.asked = {}

    def add(self, head, body):
        entry = {
            "head": head.decode("latin-1"),
            "body": base64.b64encode(body).decode("ascii"),
            "hung_up": False,
            "answered": False,
        }
        with self.lock:
            self.seen.append(entry)
        return entry

    def turn(self, model):
        """How often a model was asked before, counted over all time."""
        with self.lock:
            self.asked[model] = self.asked.get(model, -1) + 1
            return self.asked[model]

    def take(self, reset):
        with self.lock:
            text = json.dumps(self.seen)
            if reset:
                self.seen = []
        return text.encode()


class Request:
    """One request, read whole."""

    def __init__(self, file):
        self.head = b""
        while not self.head.endswith(b"\r\n\r\n"):
            line = file.readline(1 << 16)
            if not line:
                raise HungUp
            self.head += line
        first, *lines = self.head.decode("latin-1").rstrip("\r\n").split("\r\n")
        self.method, target, _ = first.split(" ", 2)
        self.path = target.split("?")[0]
        self.headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            self.headers[name.lower()] = value.strip()
        self.body = self.read_body(file)
        try:
            self.json = json.loads(self.body)
        except ValueError:
            self.json = {}

    def read_body(self, file):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return file.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(file.readline().split(b";")[0], 16):
            body += file.read(size)
            file.readline()
        file.readline()
        return body


class Connection(socketserver.StreamRequestHandler):
    """One connection, kept alive over many requests."""

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.settimeout(IDLE_SECONDS)

    def handle(self):
        try:
            while True:
                self.one(Request(self.rfile))
        except (HungUp, BreakOff, OSError):
            pass

    def one(self, request):
        record = self.server.record
        if request.path in ("/_seen", "/_reset"):
            return self.whole(200, record.take(reset=request.path == "/_reset"), {})
        entry = record.add(request.head, request.body)
        self.shapes = anthropic_shapes if is_anthropic(request) else openai_shapes
        # A body in parts has a boundary chosen by chance.
        named = request.body if request.json else request.path.encode()
        self.request_id = "req_" + hashlib.sha256(named).hexdigest()[:24]
        try:
            self.answer(request)
            entry["answered"] = True
        except BreakOff:
            raise
        except (HungUp, OSError):
            entry["hung_up"] = True
            raise

    def answer(self, request):
        model = request.json.get("model", "plain") if isinstance(request.json, dict) else "plain"
        script, _, number = model.partition("-")
        if script == "slow":
            self.wait(int(number) / 1000)
        if model == "dies-before":
            raise BreakOff
        if script == "flaky" and self.server.record.turn(model) % 2 == 0:
            return self.error(429, {"retry-after-ms": "20"})
        if script == "status":
            return self.error(int(number), {"retry-after": "7", "x-should-retry": "false"})
        headers = {"content-type": "application/json", **self.shapes.HEADERS}
        if request.json and request.json.get("stream"):
            return self.stream(model, request)
        kind, body = self.shapes.answer(request)
        if kind is None:
            return self.error(404, {})
        if model == "dies":
            self.send(head(200, {**headers, "content-length": len(body) + 1}) + body)
            self.break_off()
        self.whole(200, body, {**headers, "content-type": kind})

    def error(self, status, headers):
        body = json.dumps(self.shapes.error(status, self.request_id)).encode()
        self.whole(status, body, {"content-type": "application/json", **self.shapes.HEADERS, **headers})

    def whole(self, status, body, headers):
        headers = {**headers, **self.id_header(), "content-length": len(body)}
        self.send(head(status, headers) + body)

    def id_header(self):
        return {self.shapes.ID_HEADER: self.request_id} if hasattr(self, "shapes") else {}

    def stream(self, model, request):
        headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
        headers |= {**self.shapes.HEADERS, **self.id_header(), "transfer-encoding": "chunked"}
        self.send(head(200, headers))
        events = [text.encode() for text in self.shapes.events(request)]
        script, _, number = model.partition("-")
        if script == "drip":
            for event in events:
                self.wait(int(number) / 1000)
                self.chunk(event)
        elif script in ("plain", "flaky", "slow"):
            for piece in cut(b"".join(events)):
                self.chunk(piece)
        else:
            self.stream_badly(model, events)
        self.chunk(b"")

    def stream_badly(self, model, events):
        for event in events[:EVENTS_BEFORE_END]:
            self.chunk(event)
        following = events[EVENTS_BEFORE_END]
        match model:
            case "fails-midstream":
                self.chunk(self.shapes.error_event().encode())
            case "dies":
                self.chunk(following[: len(following) // 2])
                self.break_off()
            case "dies-between":
                self.break_off()
            case "silent":
                self.wait(IDLE_SECONDS)
            case "endless":
                while True:
                    self.wait(ENDLESS_PAUSE)
                    self.chunk(following)
            case _:
                raise BreakOff

    def break_off(self):
        # Some clients drop what they have not read yet when a connection breaks off: they get the time to read it.
        self.wait(BREAK_OFF_AFTER)
        raise BreakOff

    def chunk(self, piece):
        self.send(b"%x\r\n%b\r\n" % (len(piece), piece))

    def send(self, data):
        try:
            self.connection.sendall(data)
        except OSError as error:
            raise HungUp from error

    def wait(self, seconds):
        """Waits; raises HungUp as soon as the client has closed its side."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            readable, _, _ = select.select([self.connection], [], [], left)
            if readable and self.connection.recv(1, socket.MSG_PEEK) == b"":
                raise HungUp
            if readable:
                # The next request waits already.
                time.sleep(min(left, 0.01))


class Upstream(socketserver.ThreadingTCPServer):
    """The provider: its address is `server_address`."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Connection)
        self.record = Record()


def is_anthropic(request):
    return "anthropic-version" in request.headers or request.path.startswith("/v1/messages")


def head(status, headers):
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}", f"date: {DATE}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def cut(data):
    """The bytes in small pieces, none of them empty."""
    at, turn = 0, 0
    while at < len(data):
        size = PIECES[turn % len(PIECES)]
        yield data[at : at + size]
        at, turn = at + size, turn + 1


def main():
    with Upstream() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address
        print(f"upstream: {host}:{port}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

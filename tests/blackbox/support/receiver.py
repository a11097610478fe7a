"""A webhook receiver and tool server on loopback. It keeps every request as it came, and can be told to be slow, to fail or
to answer nonsense, path by path."""
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .waiting import wait_until


@dataclass
class Delivery:
    """A request as it came over the wire."""
    path: str
    headers: dict
    raw: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def body(self):
        return json.loads(self.raw)

    @property
    def id(self):
        return self.headers["webhook-id"]


@dataclass
class Reply:
    """What the receiver answers. `raw` goes out as it is, instead of an HTTP response."""
    status: int = 200
    body: bytes = b'{"ok":true}'
    headers: dict = field(default_factory=lambda: {"Content-Type": "application/json"})
    after: float = 0.0
    raw: bytes = None

    @staticmethod
    def json(value, status=200, after=0.0):
        return Reply(status, json.dumps(value).encode(), after=after)


class Receiver:
    def __init__(self):
        self.lock = threading.Lock()
        self.deliveries = []
        self.behaviours = {}
        self.closing = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_POST(self):
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                delivery = Delivery(self.path, {k.lower(): v for k, v in self.headers.items()}, raw)
                with receiver.lock:
                    receiver.deliveries.append(delivery)
                    behaviour = receiver.behaviours.get(self.path, Reply())
                reply = behaviour(delivery) if callable(behaviour) else behaviour
                if reply.after and receiver.closing.wait(reply.after):
                    return
                self.answer(reply)

            def answer(self, reply):
                try:
                    if reply.raw is not None:
                        self.wfile.write(reply.raw)
                        self.close_connection = True
                        return
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    self.wfile.write(reply.body)
                except OSError:
                    self.close_connection = True

            def log_message(self, *arguments):
                pass

        class Listener(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 512

            def handle_error(self, request, client_address):
                pass  # a client that was killed is what these tests are about

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def url(self, path="/events"):
        return f"http://127.0.0.1:{self.port}{path}"

    def behave(self, path, behaviour):
        """A Reply, or a function from the delivery to one."""
        with self.lock:
            self.behaviours[path] = behaviour

    def received(self, path=None):
        with self.lock:
            return [each for each in self.deliveries if path is None or each.path == path]

    def events(self, call_id, path=None):
        """The call's events in the order in which they first came, each once."""
        seen = {}
        for delivery in self.received(path):
            if delivery.raw.startswith(b"{") and b'"event"' in delivery.raw:
                body = delivery.body
                if body.get("call_id") == call_id:
                    seen.setdefault(delivery.id, body)
        return list(seen.values())

    def names(self, call_id, path=None):
        return [event["event"] for event in self.events(call_id, path)]

    def wait_for_event(self, call_id, names=("call.completed", "call.failed", "call.cancelled"), path=None, timeout=30):
        def look():
            return next((event for event in self.events(call_id, path) if event["event"] in names), None)
        return wait_until(look, f"{' or '.join(names)} of {call_id} arrives", timeout, 0.05)

    def wait_for(self, count, path=None, timeout=30):
        def look():
            got = self.received(path)
            return got if len(got) >= count else None
        return wait_until(look, f"{count} requests to {path or 'the receiver'}", timeout, 0.02)

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

"""Plain requests to the voice API, with nothing between the test and the wire."""
import requests

from .waiting import wait_until

PREFIX = "/api/b2b/v1"
ENDED = ("completed", "failed", "cancelled")


class Api:
    def __init__(self, url, key):
        self.url = url
        self.session = requests.Session()
        if key is not None:
            self.session.headers["Authorization"] = f"Bearer {key}"

    def request(self, method, path, **options):
        return self.session.request(method, self.url + PREFIX + path, timeout=options.pop("timeout", 30), **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        if body is not None:
            options["json"] = body
        return self.request("POST", path, **options)

    def delete(self, path):
        return self.request("DELETE", path)

    def place(self, to="+12025550101", task="Ask for the opening hours", **fields):
        """A call that must be accepted; its id."""
        answer = self.post("/calls", {"to": to, "task": task, **fields})
        assert answer.status_code == 201, (answer.status_code, answer.text)
        return answer.json()["id"]

    def call(self, call_id):
        answer = self.get(f"/calls/{call_id}")
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    def wait_for(self, call_id, condition, what, timeout=30):
        def look():
            call = self.call(call_id)
            return call if condition(call) else None
        return wait_until(look, f"call {call_id} {what}", timeout, 0.05)

    def ended(self, call_id, timeout=30):
        """The call when it has ended and, if it had connected, has its summary."""
        return self.wait_for(call_id, lambda call: call["status"] in ENDED and
                             (call["started_at"] is None or call["summary"] is not None), "ends", timeout)

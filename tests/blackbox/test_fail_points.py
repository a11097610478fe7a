"""kill -9 at each named point, then a restart: nothing acknowledged is lost, nothing is done twice, and calls in flight resume or
end with a reason within 10 s (reliability F1–F3)."""
import re
import time

import requests

from support.case import SECRET, Case
from support.options import ROOT
from support.receiver import Reply
from support.reckoning import check_books, check_webhooks, open_calls, wait_until_all_is_told
from support.waiting import wait_until

TOOL = {"name": "order_status", "description": "Look up the status of an order by its number",
        "input_schema": {"type": "object", "properties": {"order_number": {"type": "string"}}, "required": ["order_number"]}}

# The points, and the passages at which the server dies: the first, a later one, one in the middle.
POINTS = {"calls.placed": (1, 2), "calls.after_dial_intent": (1, 2), "calls.after_dial": (1, 2), "calls.event_taken": (1, 3, 6),
          "calls.before_say": (1, 2), "calls.before_tool": (1,), "calls.after_tool": (1,), "local.leg_remembered": (1, 4, 8),
          "webhooks.before_send": (1, 3), "webhooks.after_send": (1, 4)}
NUMBERS = ("+12025550108", "+12025550102", "+12025550101")


class FailPoints(Case):
    def die_at(self, point, passage):
        hooks = self.receiver()
        hooks.behave("/tools", Reply.json({"result": {"status": "shipped"}}))
        server = self.server(start=False)
        account = server.account(url=hooks.url(), tool_url=hooks.url("/tools"), secret=SECRET)
        server.start(TRUNKLINE_FAIL_POINT=f"crash:{point}:{passage}")
        acknowledged, orders = {}, {}
        for number in NUMBERS:
            key = f"key-{number}"
            orders[key] = {"to": number, "task": "Return a part", "tools": [TOOL]}
            try:
                answer = account.api.post("/calls", orders[key], headers={"Idempotency-Key": key})
                self.assertEqual(201, answer.status_code)
                acknowledged[key] = answer.json()
            except requests.RequestException:
                pass  # it died before it could answer: the outcome is unknown, and a repeat finds out
        server.wait_for_crash()
        server.start()
        restarted = time.monotonic()
        for key, order in orders.items():
            answer = account.api.post("/calls", order, headers={"Idempotency-Key": key})
            self.assertEqual(201, answer.status_code)
            if key in acknowledged:
                self.assertEqual(acknowledged[key], answer.json(), "an acknowledged call is still there")
                self.assertEqual("true", answer.headers["Idempotent-Replayed"])
        wait_until(lambda: open_calls(server) == 0, "calls in flight resume and end", 10, 0.1)
        self.assertLess(time.monotonic() - restarted, 15)
        wait_until_all_is_told(server)
        calls = check_books(self, server)
        self.assertEqual(3, len(calls), "a repeat with the same key converges on one call")
        self.assertEqual(2, server.count("usage_entries"))
        check_webhooks(self, server, hooks, "/events")
        self.check_tools(server, hooks)

    def check_tools(self, server, hooks):
        """A tool runs at most once for a use, and no use is left open."""
        asked = [each.body["correlation_id"] for each in hooks.received("/tools")]
        self.assertEqual(sorted(set(asked)), sorted(asked), "one request for a correlation id")
        uses = server.query("SELECT * FROM call_tool_uses")
        self.assertTrue(uses)
        for use in uses:
            self.assertIsNotNone(use["finished_at"])
            self.assertTrue(use["error"] or use["result"])


def add_test(point, passage):
    def test(self):
        self.die_at(point, passage)
    test.__name__ = f"test_dies_at_{point.replace('.', '_')}_passage_{passage}"
    test.__doc__ = f"kill -9 at {point}, passage {passage}."
    setattr(FailPoints, test.__name__, test)


for each_point, passages in POINTS.items():
    for each_passage in passages:
        add_test(each_point, each_passage)


class Names(Case):
    def test_every_fail_point_of_the_source_is_tried(self):
        """A point that nobody dies at proves nothing."""
        found, tried = set(), set(POINTS)
        for path in (ROOT / "src").rglob("*.cpp"):
            found.update(re.findall(r'TRUNKLINE_FAIL_POINT\("([^"]+)"\)', path.read_text()))
        for path in (ROOT / "tests/blackbox").glob("test_*.py"):
            tried.update(re.findall(r"crash:([a-z_.]+):", path.read_text()))
        self.assertEqual(found, tried)

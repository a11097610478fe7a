"""Health, metrics, logs and a stop that loses nothing."""
import json
import threading

import requests

from support.case import SECRET, Case, ServedCase
from support.ids import public_id
from support.reckoning import check_books, check_webhooks, wait_until_all_is_told
from support.waiting import wait_until


class Operations(ServedCase):
    def page(self, path):
        return requests.get(self.served.url + path, timeout=10)

    def test_health_pages(self):
        self.assertEqual({"status": "healthy"}, self.page("/health").json())
        self.assertEqual({"status": "alive"}, self.page("/livez").json())
        self.assertEqual({"status": "ready", "checks": {"database": "ok", "jobs": "ok"}}, self.page("/readyz").json())

    def test_metrics_count_what_happened(self):
        before = self.api.ended(self.api.place("+12025550107"))
        self.hooks.wait_for_event(before["id"])
        text = self.page("/metrics").text
        for line in ('trunkline_webhook_attempts_total{result="delivered"}', "trunkline_jobs_total",
                     'trunkline_calls{status="queued"} 0', "trunkline_carrier_events_total", "trunkline_webhook_duration_seconds_count"):
            self.assertIn(line, text)
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [-+0-9.eEinfINaN]+)$')

    def test_each_request_is_a_line_of_json_in_the_log(self):
        self.api.get("/tools", headers={"X-Request-Id": "find-me-1"})

        def logged():
            lines = [json.loads(line) for line in self.served.log().splitlines() if line.startswith("{")]
            return [line for line in lines if "find-me-1" in line.values()]
        mine = wait_until(logged, "the request is logged")
        self.assertEqual(1, len(mine))
        self.assertEqual(("request", "GET", "listTools", 200), tuple(mine[0][name] for name in (
            "event", "method", "operation", "status")))


class Stopping(Case):
    def test_a_stop_under_load_fails_no_request_and_loses_no_call(self):
        """SIGTERM: requests under way are answered, calls go on after the next start (reliability F23)."""
        hooks = self.receiver()
        served = self.server(TRUNKLINE_LOCAL_SPEED=100)
        account = served.account(url=hooks.url(), secret=SECRET)
        placed, wrong, stop = [], [], threading.Event()

        def place():
            while not stop.is_set():
                try:
                    answer = requests.post(f"{served.url}/api/b2b/v1/calls", json={"to": "+12025550107", "task": "x"},
                                           headers={"Authorization": f"Bearer {account.key}"}, timeout=20)
                    (placed if answer.status_code == 201 else wrong).append(answer.json())
                except requests.ConnectionError as gone:
                    if "Failed to establish a new connection" not in str(gone):
                        wrong.append(str(gone))
                    return
        threads = [threading.Thread(target=place) for _ in range(4)]
        for thread in threads:
            thread.start()
        hooks.wait_for(40)
        self.assertEqual(0, served.stop())
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual([], wrong)
        served.start()
        wait_until_all_is_told(served)
        self.assertEqual({call["id"] for call in placed}, set(self.ids(served)))
        check_books(self, served)
        check_webhooks(self, served, hooks)

    def ids(self, served):
        return [public_id("call_", row["id"]) for row in served.query("SELECT id FROM calls")]

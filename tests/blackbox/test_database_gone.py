"""The database goes away for a while and comes back (reliability F11): 503 with Retry-After meanwhile, then everything goes on."""
import time
import unittest

import requests

from support.case import SECRET, Case, needs_sqlite
from support.database import PostgresServer
from support.options import OPTIONS
from support.reckoning import check_books, check_webhooks, wait_until_all_is_told
from support.waiting import wait_until


class GoneCase(Case):
    def begin(self):
        self.hooks = self.receiver()
        self.served = self.server(TRUNKLINE_LOCAL_SPEED=60)
        self.account = self.served.account(url=self.hooks.url(), secret=SECRET)
        self.api = self.account.api
        self.placed = [self.api.place(f"+120255501{number:02}", max_duration_seconds=120) for number in (1, 7, 8, 10, 2, 3)]
        self.api.wait_for(self.placed[0], lambda call: call["status"] == "in_progress", "is in progress")

    def assert_unavailable(self, answer):
        self.assertEqual(503, answer.status_code, answer.text)
        self.assertRegex(answer.headers["Retry-After"], r"^[1-9][0-9]*$")
        detail = answer.json()["detail"]
        self.assertTrue(detail["message"])
        self.assertIsInstance(detail["details"], dict)
        for secret in (str(self.served.home), "psql", "SELECT", "INSERT", "password"):
            self.assertNotIn(secret, answer.text)

    def probe(self, path):
        return requests.get(self.served.url + path, timeout=30)

    def check_goes_on(self, lost=()):
        """The same process serves again, the calls that were in flight end, and nothing is lost."""
        wait_until(lambda: self.probe("/readyz").status_code == 200, "the server is ready again", 20)
        self.assertTrue(self.served.is_running())
        self.placed.append(wait_until(self.try_to_place, "a call is accepted again", 20, 0.2))
        wait_until_all_is_told(self.served, 40)
        calls = check_books(self, self.served)
        self.assertEqual(len(self.placed), len(calls))
        check_webhooks(self, self.served, self.hooks)

    def try_to_place(self):
        answer = self.api.post("/calls", {"to": "+12025550107", "task": "after the fault"})
        return answer.json()["id"] if answer.status_code == 201 else None


@unittest.skipUnless(OPTIONS.postgresql, "of PostgreSQL only")
class PostgresStopped(GoneCase):
    def test_answers_are_503_until_it_is_back_and_then_all_goes_on(self):
        self.begin()
        postgres = PostgresServer()
        postgres.stop()
        try:
            end = time.monotonic() + 6
            while time.monotonic() < end:
                self.assert_unavailable(self.api.post("/calls", {"to": "+12025550101", "task": "x"}))
                self.assert_unavailable(self.api.get("/calls"))
                self.assert_unavailable(self.api.get(f"/calls/{self.placed[0]}"))
                self.assertEqual(200, self.probe("/livez").status_code)
                self.assertEqual(200, self.probe("/health").status_code)
                ready = self.probe("/readyz")
                self.assertEqual((503, "not ready"), (ready.status_code, ready.json()["status"]))
                self.assertNotEqual("ok", ready.json()["checks"]["database"])
                time.sleep(0.3)
        finally:
            postgres.start()
        self.check_goes_on()


@needs_sqlite
class SqliteLocked(GoneCase):
    def test_writes_are_503_while_another_process_locks_the_file_and_then_all_goes_on(self):
        """Readers go on beside a writer's lock; what must be written is refused, and the server says that it is not ready."""
        self.begin()
        lock = self.served.database.lock()
        try:
            started = time.monotonic()
            self.assert_unavailable(self.api.post("/calls", {"to": "+12025550101", "task": "x"}))
            self.assertLess(time.monotonic() - started, 12)
            wait_until(lambda: self.probe("/readyz").status_code == 503, "/readyz says no", 12)
            self.assertEqual(200, self.probe("/livez").status_code)
            self.assertEqual(200, self.api.get(f"/calls/{self.placed[0]}").status_code)
            self.assert_unavailable(self.api.post("/calls", {"to": "+12025550101", "task": "x"}))
        finally:
            lock.close()
        self.check_goes_on()

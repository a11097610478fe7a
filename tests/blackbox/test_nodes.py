"""Several servers on one PostgreSQL database (docs/operations.md, "Several servers")."""
import unittest

from support.api import Api
from support.case import SECRET, Case
from support.options import OPTIONS
from support.waiting import wait_until

TALKER = "+12025550110"  # talks until the longest duration


@unittest.skipUnless(OPTIONS.postgresql, "of PostgreSQL only")
class Nodes(Case):
    def setUp(self):
        self.hooks = self.receiver()
        self.first = self.server(TRUNKLINE_LOCAL_SPEED=20)
        self.account = self.first.account(url=self.hooks.url(), secret=SECRET)
        second = self.server(TRUNKLINE_LOCAL_SPEED=20, TRUNKLINE_DATABASE_URL=self.first.database.url,
                             TRUNKLINE_SECRET_KEY_FILE=self.first.settings["TRUNKLINE_SECRET_KEY_FILE"])
        self.other = Api(second.url, self.account.key)

    def in_progress(self, call):
        return self.other.wait_for(call, lambda state: state["status"] == "in_progress", "is in progress")

    def test_a_call_is_hung_up_through_the_server_that_does_not_carry_it(self):
        call = self.account.api.place(TALKER, max_duration_seconds=3600)
        self.in_progress(call)
        self.assertEqual(200, self.other.post(f"/calls/{call}/hangup").status_code)
        self.assertEqual("completed", self.other.ended(call)["status"])
        wait_until(lambda: self.first.count("local_legs", "ended") == 1, "the leg in the phone network ends", 20)
        self.assertEqual(1, self.first.count("usage_entries"))

    def test_the_calls_of_a_server_that_is_killed_go_on_at_the_other_and_are_billed_once(self):
        calls = [self.account.api.place(TALKER, max_duration_seconds=240) for _ in range(5)]
        for call in calls:
            self.in_progress(call)
        self.first.kill()
        for call in calls:
            self.assertEqual("completed", self.other.ended(call, timeout=60)["status"])
            self.hooks.wait_for_event(call)
        self.assertEqual(5, self.first.count("usage_entries"))
        self.assertEqual(0, self.first.count("local_legs", "dials <> 1"))

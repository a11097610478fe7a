"""Calls: placing, reading, listing, ending them (contracts/voice-api.md §3, §13)."""
import re
import threading
import time
from datetime import datetime, timedelta, timezone

from support.api import Api
from support.case import ServedCase, facts
from support.ids import uuid_of
from support.waiting import stays

# A pace at which a call can be caught while it rings (45 s) or talks.
SLOW = {"TRUNKLINE_LOCAL_SPEED": 20}


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Placing(ServedCase):
    def test_the_reply_has_the_published_fields_and_ids_are_url_safe(self):
        """§1, §3.1: id, status, call_session_id, created_at; ids of letters, digits, `_` and `-`."""
        answer = self.api.post("/calls", {"to": "+12025550102", "task": "x"})
        self.assertEqual(201, answer.status_code)
        body = answer.json()
        self.assertEqual(["id", "status", "call_session_id", "created_at"], list(body))
        self.assertRegex(body["id"], r"^call_[A-Za-z0-9_-]+$")
        self.assertRegex(body["call_session_id"], r"^cs_[A-Za-z0-9_-]+$")
        self.assertEqual("queued", body["status"])
        self.assertLess(abs(when(body["created_at"]) - datetime.now(timezone.utc)), timedelta(seconds=30))
        self.assertRegex(body["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$")

    def test_unknown_fields_are_ignored_and_country_is_folded(self):
        """§13: unknown JSON fields are ignored."""
        call = self.api.call(self.api.place("+12025550102", country="us", something_new={"a": [1]}))
        self.assertEqual("US", call["country"])

    def test_what_was_asked_for_can_be_read_back(self):
        """§3.1, §3.2: also non-ASCII text and nested metadata."""
        fields = {"instructions": "Sé breve – 請", "locale": "es-ES", "voice": "male", "agent_name": "Ava", "country": "US",
                  "caller_name": "Zoë 👍", "metadata": {"b": [1, 2.5, None, True, {"é": "👍"}], "a": "x"},
                  "end_user_id": "u-1", "max_duration_seconds": 3600}
        call = self.api.call(self.api.place("+12025550102", "Pregunta 'algo'", **fields))
        self.assertEqual({**fields, "task": "Pregunta 'algo'", "to": "+12025550102"},
                         {name: call[name] for name in [*fields, "task", "to"]})

    def test_the_maximum_duration_is_299_unless_given(self):
        """§13."""
        self.assertEqual(299, self.api.call(self.api.place("+12025550102"))["max_duration_seconds"])

    def test_limits_of_the_maximum_duration_are_accepted(self):
        """§13: 1 to 3600."""
        for seconds in (1, 3600):
            self.assertEqual(seconds, self.api.call(self.api.place("+12025550102", max_duration_seconds=seconds))[
                "max_duration_seconds"])

    def test_replies_come_well_inside_the_clients_patience(self):
        """§3.1, ux §1.3: dialling is asynchronous; the reply takes less than 300 ms in the middle."""
        times = []
        for _ in range(20):
            started = time.monotonic()
            self.api.place("+12025550109")
            times.append(time.monotonic() - started)
        self.assertLess(sorted(times)[10], 0.3)


class Idempotency(ServedCase):
    body = {"to": "+12025550102", "task": "x"}

    def place(self, key, body=None, api=None):
        return (api or self.api).post("/calls", body or self.body, headers={"Idempotency-Key": key})

    def test_the_same_key_and_body_give_the_stored_reply(self):
        """§10, §13: one call, one dial, and a header that says it is a replay."""
        first, second = self.place("key-1"), self.place("key-1")
        self.assertEqual((201, 201), (first.status_code, second.status_code))
        self.assertEqual(first.json(), second.json())
        self.assertNotIn("Idempotent-Replayed", first.headers)
        self.assertEqual("true", second.headers["Idempotent-Replayed"])
        self.api.ended(first.json()["id"])
        self.assertEqual(first.json(), self.place("key-1").json())
        self.assertEqual(1, self.served.count("local_legs", f"call_id = {self.literal(first.json()['id'])}"))

    def literal(self, public):
        value = uuid_of(public)
        return f"x'{value.hex}'" if self.served.database.url.startswith("sqlite") else f"'{value}'"

    def test_the_same_key_with_another_body_is_a_conflict(self):
        """§13: 409, and nothing changes."""
        self.place("key-2")
        self.served.wait_for_idle()
        before = facts(self.served)
        self.assert_error(self.place("key-2", {**self.body, "task": "y"}), 409, None)
        self.assertEqual(before, facts(self.served))

    def test_a_refused_request_does_not_use_the_key_up(self):
        """reliability §1: nothing is saved when validation failed."""
        self.assert_error(self.place("key-3", {**self.body, "to": "1"}), 400, 2002)
        self.assertEqual(201, self.place("key-3").status_code)

    def test_keys_of_different_accounts_do_not_meet(self):
        """§13, "Isolation"."""
        other = self.new_account()
        self.assertNotEqual(self.place("key-4").json()["id"], self.place("key-4", api=other.api).json()["id"])

    def test_many_at_once_with_one_key_place_one_call(self):
        """reliability I1: a retry with the same key converges on exactly one effect."""
        answers = []

        def send():
            answers.append(self.place("key-5", api=Api(self.served.url, self.account.key)))
        threads = [threading.Thread(target=send) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({201}, {answer.status_code for answer in answers})
        self.assertEqual(1, len({answer.json()["id"] for answer in answers}))
        self.assertEqual(11, sum("Idempotent-Replayed" in answer.headers for answer in answers))


class Listing(ServedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ids = [cls.api.place("+12025550102") for _ in range(12)] + [cls.api.place("+12025550107")]
        for call_id in cls.ids:
            cls.api.ended(call_id)

    def listed(self, query=""):
        answer = self.api.get(f"/calls?{query}")
        self.assertEqual(200, answer.status_code, answer.text)
        return answer.json()

    def test_the_envelope_is_items_total_limit_offset_newest_first(self):
        """§3.3, §12, §13."""
        page = self.listed()
        self.assertEqual(["items", "total", "limit", "offset"], list(page))
        self.assertEqual((13, 50, 0), (page["total"], page["limit"], page["offset"]))
        self.assertEqual(self.ids[::-1], [item["id"] for item in page["items"]])

    def test_pages_do_not_overlap_and_total_counts_all_matches(self):
        """§13: `total` is the count of all matches, not of the page."""
        pages = [self.listed(f"limit=5&offset={offset}") for offset in (0, 5, 10, 15)]
        self.assertEqual([5, 5, 3, 0], [len(page["items"]) for page in pages])
        self.assertEqual({13}, {page["total"] for page in pages})
        self.assertEqual(self.ids[::-1], [item["id"] for page in pages for item in page["items"]])

    def test_a_limit_over_100_is_clamped(self):
        """§13."""
        self.assertEqual(100, self.listed("limit=1000")["limit"])

    def test_both_names_of_the_filter_work_and_the_newer_one_wins(self):
        """§3.3, §12."""
        for query in ("status=completed", "status_filter=completed", "status=failed&status_filter=completed"):
            self.assertEqual([self.ids[-1]], [item["id"] for item in self.listed(query)["items"]], query)
        for status in ("queued", "ringing", "in_progress", "cancelled"):
            self.assertEqual(0, self.listed(f"status={status}")["total"])
        self.assertEqual(13, self.listed("status=")["total"])

    def test_dates_compare_created_at_start_inclusive_end_exclusive(self):
        """§13: a bare date is UTC midnight; `+` may arrive unescaped."""
        created = self.api.call(self.ids[6])["created_at"]
        self.assertEqual(self.ids[6:], [item["id"] for item in self.listed(f"start_date={created}")["items"]][::-1][-7:])
        self.assertNotIn(self.ids[6], [item["id"] for item in self.listed(f"end_date={created}")["items"]])
        day = when(created).date()
        self.assertEqual(13, self.listed(f"start_date={day - timedelta(days=1)}&end_date={day + timedelta(days=2)}")["total"])
        self.assertEqual(0, self.listed(f"start_date={day + timedelta(days=2)}")["total"])
        local = when(created).astimezone(timezone(timedelta(hours=2))).isoformat(timespec="milliseconds")
        self.assertIn(self.ids[6], [item["id"] for item in self.listed(f"start_date={local}")["items"]])

    def test_listed_calls_are_the_calls_without_their_transcripts(self):
        """§3.3."""
        item = self.listed("status=completed")["items"][0]
        call = self.api.call(item["id"])
        call.pop("transcript")
        self.assertEqual(call, item)


class Ending(ServedCase):
    settings = SLOW

    def status(self, call_id, status):
        return self.api.wait_for(call_id, lambda call: call["status"] == status, f"is {status}")

    def test_cancel_while_it_rings(self):
        """§3.4, §3.6: cancelled, not billed; the reply is the call; no event but call.cancelled (§13)."""
        call_id = self.api.place("+12025550103")
        self.status(call_id, "ringing")
        answer = self.api.post(f"/calls/{call_id}/cancel")
        self.assertEqual(200, answer.status_code)
        call = answer.json()
        self.assertEqual(("cancelled", "cancelled_by_api", "customer", None, None),
                         (call["status"], call["ended_reason"], call["ended_by"], call["started_at"], call["cost"]))
        self.assertEqual([], call["transcript"])
        self.hooks.wait_for_event(call_id)
        self.assertEqual(["call.queued", "call.cancelled"], self.hooks.names(call_id))

    def test_hang_up_before_it_connected_is_a_cancel(self):
        """§13."""
        call_id = self.api.place("+12025550103")
        self.status(call_id, "ringing")
        call = self.api.post(f"/calls/{call_id}/hangup").json()
        self.assertEqual(("cancelled", "hung_up_by_api"), (call["status"], call["ended_reason"]))

    def test_cancel_while_it_talks_is_billed(self):
        """§6, §13: `cancelled`, billed because started_at is set."""
        before = self.api.get("/usage").json()
        call_id = self.api.place("+12025550110", max_duration_seconds=3600)
        self.status(call_id, "in_progress")
        self.assertEqual("cancelled", self.api.post(f"/calls/{call_id}/cancel").json()["status"])
        call = self.api.ended(call_id)
        self.assertEqual("cancelled", call["status"])
        after = self.api.get(f"/usage?period={call['started_at'][:7]}").json()
        self.assertEqual(before["call_count"] + 1, after["call_count"])
        self.assertEqual("call.cancelled", self.hooks.wait_for_event(call_id)["event"])
        self.assertEqual(["call.queued", "call.started"], self.hooks.names(call_id)[:2])

    def test_hang_up_while_it_talks_completes_it(self):
        """§3.5, §13: `completed`, since it connected."""
        call_id = self.api.place("+12025550110", max_duration_seconds=3600)
        self.status(call_id, "in_progress")
        self.assertEqual("completed", self.api.post(f"/calls/{call_id}/hangup").json()["status"])
        call = self.api.ended(call_id)
        self.assertEqual(("completed", "hung_up_by_api"), (call["status"], call["ended_reason"]))
        self.assertEqual("call.completed", self.hooks.wait_for_event(call_id)["event"])

    def test_an_ended_call_stays_as_it_is(self):
        """§13: cancel and hangup on a terminal call answer 200 with the unchanged call, and tell nobody."""
        call_id = self.api.place("+12025550102")
        self.hooks.wait_for_event(call_id)
        before = self.api.call(call_id)
        for way in ("cancel", "hangup", "cancel"):
            answer = self.api.post(f"/calls/{call_id}/{way}")
            self.assertEqual((200, before), (answer.status_code, answer.json()))
        self.assertEqual(before, self.api.call(call_id))
        stays(lambda: self.hooks.names(call_id) == ["call.queued", "call.failed"], "an ended call was told again")

    def test_a_cancel_may_be_repeated(self):
        """§10: a POST may have been carried out although the caller saw an error."""
        call_id = self.api.place("+12025550103")
        first = self.api.post(f"/calls/{call_id}/cancel").json()
        self.assertEqual(first, self.api.post(f"/calls/{call_id}/cancel").json())

    def test_the_maximum_duration_ends_a_call(self):
        """§13: the duration is capped by it, so is the bill."""
        call = self.api.ended(self.api.place("+12025550110", max_duration_seconds=61), timeout=60)
        self.assertEqual(("completed", "max_duration", 61), (call["status"], call["ended_reason"], call["duration_seconds"]))
        self.assertEqual(2, call["cost"]["billed_minutes"])


class Following(ServedCase):
    settings = SLOW

    def test_server_sent_events_tell_each_line_and_each_status(self):
        """ux §1.3: ids for Last-Event-ID; the stream ends with the call."""
        call_id = self.api.place("+12025550107")
        with self.api.get(f"/calls/{call_id}/events", stream=True, headers={"Accept": "text/event-stream"}) as answer:
            self.assertEqual("text/event-stream", answer.headers["Content-Type"].split(";")[0])
            text = "".join(chunk.decode() for chunk in answer.iter_content(None))
        names = re.findall(r"^event: (\w+)$", text, re.MULTILINE)
        self.assertEqual("status", names[0])
        self.assertEqual("status", names[-1])
        self.assertEqual(len(self.api.call(call_id)["transcript"]), names.count("transcript"))
        last = max(map(int, re.findall(r"^id: (\d+)$", text, re.MULTILINE)))
        with self.api.get(f"/calls/{call_id}/events", stream=True, headers={"Last-Event-ID": str(last)}) as answer:
            again = "".join(chunk.decode() for chunk in answer.iter_content(None))
        self.assertNotIn("event: transcript", again)

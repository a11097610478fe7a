"""Events on their way: retries, order, replay, disabled endpoints, receivers that misbehave (contracts/voice-api.md §9.1, §9.3,
§13 "Webhook delivery"; the schedule is that of Standard Webhooks)."""
import time
from datetime import datetime, timezone

from support import signatures
from support.api import Api
from support.case import SECRET, Case, ServedCase
from support.receiver import Reply
from support.waiting import stays, wait_until

PAUSES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)


def seconds_from_now(text):
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.now(timezone.utc)).total_seconds()


class WebhookCase(ServedCase):
    def setUp(self):
        self.path = f"/{self.id().rpartition('.')[2]}"
        self.account = self.served.account(url=self.hooks.url(self.path), secret=SECRET)
        self.api = self.account.api

    def place(self, to="+12025550102", **fields):
        return self.api.place(to, **fields)

    def messages(self, *options):
        return self.served.cli("webhooks", "list", "--account", self.account.id, *options)

    def message(self, call_id, event):
        return next(each for each in self.messages("--call", call_id) if each["event"] == event)

    def attempts(self, message):
        return self.served.cli("webhooks", "attempts", "--account", self.account.id, message["id"])

    def wait_for_status(self, call_id, event, status, timeout=30):
        return wait_until(lambda: next((each for each in self.messages("--call", call_id) if each["event"] == event and
                                        each["status"] == status), None), f"{event} is {status}", timeout, 0.1)

    def delivery_jobs(self):
        return [job for job in self.served.cli("jobs", "list", "--account", self.account.id)
                if job["kind"] == "webhook.deliver"]


class Retries(WebhookCase):
    def test_a_delivered_event_has_one_attempt_on_record(self):
        call_id = self.place()
        message = self.wait_for_status(call_id, "call.failed", "delivered")
        attempts = self.attempts(message)
        self.assertEqual([(1, 200, "")], [(each["attempt"], each["status"], each["error"]) for each in attempts])
        self.assertEqual('{"ok":true}', attempts[0]["response"])
        self.assertEqual(message["body"], self.hooks.events(call_id) and next(
            each.raw.decode() for each in self.hooks.received(self.path) if each.id == message["id"]))

    def test_any_2xx_is_a_delivery_and_its_body_is_of_no_interest(self):
        """§9.1: receivers answer 2xx."""
        for status, body in ((200, b""), (201, b"\xff\xfe\x00"), (202, b"nonsense"), (299, b"{")):
            with self.subTest(status):
                self.hooks.behave(self.path, Reply(status, body))
                self.wait_for_status(self.place(), "call.failed", "delivered")

    def test_the_schedule_of_ten_tries_over_three_days(self):
        """§13: growing pauses; each try recorded; after the tenth the message is failed and the next one's turn comes."""
        self.hooks.behave(self.path, Reply(503, b"down"))
        call_id = self.place()
        for number, pause in enumerate(PAUSES, 1):
            wait_until(lambda: len(self.hooks.received(self.path)) == number, f"try {number}")
            job = wait_until(lambda: next((job for job in self.delivery_jobs() if job["attempts"] == number and
                                           job["state"] == "waiting"), None), f"try {number} is on record")
            self.assertEqual(1, len({each.id for each in self.hooks.received(self.path)}), "the order of the call is kept")
            self.assertLess(pause - 3, seconds_from_now(job["run_at"]))
            self.assertLess(seconds_from_now(job["run_at"]), pause * 1.1 + 1)
            self.served.cli("jobs", "retry", job["id"])
        message = self.wait_for_status(call_id, "call.queued", "failed")
        attempts = self.attempts(message)
        self.assertEqual([(number, 503, "the receiver answered 503", "down") for number in range(1, 11)],
                         [(each["attempt"], each["status"], each["error"], each["response"]) for each in attempts])
        wait_until(lambda: len({each.id for each in self.hooks.received(self.path)}) == 2, "the next event has its turn")

    def test_what_is_tried_again_and_what_is_not(self):
        """§13: connection errors, 429 and 5xx are; other 4xx stop at once."""
        for status, again in ((500, True), (502, True), (503, True), (429, True), (408, True), (302, True),
                              (400, False), (401, False), (404, False), (422, False)):
            with self.subTest(status):
                account = self.served.account(url=self.hooks.url(f"{self.path}{status}"), secret=SECRET)
                self.hooks.behave(f"{self.path}{status}", Reply(status, headers={"Location": self.hooks.url("/elsewhere")}))
                account.api.place("+12025550102")
                def found():
                    listed = self.served.cli("webhooks", "list", "--account", account.id, "--event", "call.queued")
                    return listed[0] if listed and listed[0]["attempts"] else None
                message = wait_until(found, "the first try is on record")
                self.assertEqual("pending" if again else "failed", message["status"])
        self.assertEqual([], self.hooks.received("/elsewhere"), "a redirect is not followed")

    def test_an_asked_for_pause_is_kept(self):
        """Standard Webhooks: Retry-After of a 429 or 503."""
        self.hooks.behave(self.path, Reply(429, headers={"Retry-After": "1000"}))
        self.place()
        job = wait_until(lambda: next((job for job in self.delivery_jobs() if job["attempts"] == 1), None), "one try")
        self.assertGreater(seconds_from_now(job["run_at"]), 900)

    def test_a_receiver_that_is_gone_disables_its_endpoint(self):
        """reliability §1: 410 disables."""
        self.hooks.behave(self.path, Reply(410))
        call_id = self.place()
        self.wait_for_status(call_id, "call.queued", "failed")
        shown = wait_until(lambda: (lambda endpoint: endpoint if endpoint["disabled_at"] else None)(
            self.served.cli("webhooks", "endpoint", "show", "--account", self.account.id)), "the endpoint is disabled")
        self.assertTrue(shown["disabled_at"])
        self.wait_for_status(call_id, "call.failed", "held")

    def test_a_first_try_after_a_failure_comes_after_five_seconds_by_itself(self):
        """The schedule runs without anybody's help."""
        self.hooks.behave(self.path, lambda delivery: Reply(500 if len(self.hooks.received(self.path)) == 1 else 200))
        call_id = self.place()
        self.wait_for_status(call_id, "call.failed", "delivered")
        first, second, third = self.hooks.received(self.path)
        self.assertGreater(second.at - first.at, 4.5)
        self.assertLess(second.at - first.at, PAUSES[1] / 2)
        self.assertEqual(first.id, second.id)
        self.assertEqual("call.failed", third.body["event"])


class Order(WebhookCase):
    def test_a_calls_later_events_wait_for_the_earlier_ones(self):
        """§13: per-call order kept, also across a failure; other calls are not held up."""
        stuck = []

        def behave(delivery):
            if not stuck:
                stuck.append(delivery.body["call_id"])
            again = sum(each.id == delivery.id for each in self.hooks.received(self.path)) > 1
            return Reply(200 if delivery.body["call_id"] != stuck[0] or again else 500)
        self.hooks.behave(self.path, behave)
        first = self.place("+12025550107")
        self.hooks.wait_for(1, self.path)
        other = self.place("+12025550107")
        self.hooks.wait_for_event(other, path=self.path)
        self.assertEqual(["call.queued"], self.hooks.names(first, self.path))
        for _ in range(60):
            waiting = [job for job in self.delivery_jobs() if job["attempts"] > 0 and job["state"] == "waiting"]
            for job in waiting:
                self.served.run("jobs", "retry", job["id"])  # it may run this very moment
            if sum(each.body["event"] == "call.completed" and each.body["call_id"] == first
                   for each in self.hooks.received(self.path)) == 2:
                break
            time.sleep(0.1)
        names = self.hooks.names(first, self.path)
        self.assertEqual(["call.queued", "call.started"], names[:2])
        self.assertEqual("call.completed", names[-1])
        self.assertEqual({"call.transcript_update"}, set(names[2:-1]))
        accepted = [each.id for each in self.hooks.received(self.path) if each.body["call_id"] == first]
        self.assertEqual([each for each in dict.fromkeys(accepted) for _ in range(2)], accepted,
                         "each came twice, and none before the one ahead of it was taken")

    def test_a_call_may_name_its_own_receiver(self):
        """§9.1: `webhooks.webhook_url` of the call, else the setting."""
        call_id = self.place(webhooks={"webhook_url": self.hooks.url(self.path + "/own")})
        self.hooks.wait_for_event(call_id)
        self.assertEqual([], self.hooks.received(self.path))
        for delivery in self.hooks.received(self.path + "/own"):
            signatures.check(self, delivery, SECRET)

    def test_a_projects_own_setting_comes_before_the_accounts(self):
        """§9.1: project or partner setting."""
        self.served.cli("webhooks", "endpoint", "set", "--account", self.account.id, "--project", self.account.project_id,
                        "--url", self.hooks.url(self.path + "/project"), "--secret", SECRET)
        key = self.served.cli("keys", "create", "--account", self.account.id, "--project", self.account.project_id)
        call_id = Api(self.served.url, key["api_key"]).place("+12025550102")
        self.hooks.wait_for_event(call_id, path=self.path + "/project")
        self.assertEqual([], self.hooks.received(self.path))

    def test_without_an_address_there_are_no_events(self):
        account = self.served.account()
        account.api.ended(account.api.place("+12025550102"))
        self.assertEqual([], self.served.cli("webhooks", "list", "--account", account.id))


class Replay(WebhookCase):
    def setUp(self):
        super().setUp()
        self.calls = [self.place() for _ in range(3)]
        for call_id in self.calls:
            self.wait_for_status(call_id, "call.failed", "delivered")
        self.before = self.hooks.received(self.path)

    def replay(self, *options):
        return self.served.cli("webhooks", "replay", "--account", self.account.id, *options)["replayed"]

    def again(self, count):
        """The requests that came since; exactly so many."""
        wait_until(lambda: len(self.hooks.received(self.path)) >= len(self.before) + count, f"{count} come again")
        stays(lambda: len(self.hooks.received(self.path)) == len(self.before) + count, "more came again than asked for")
        return self.hooks.received(self.path)[len(self.before):]

    def test_one_message(self):
        message = self.message(self.calls[1], "call.failed")
        self.assertEqual(1, self.replay(message["id"]))
        repeated = self.again(1)[0]
        self.assertEqual((message["id"], message["body"]), (repeated.id, repeated.raw.decode()))
        signatures.check(self, repeated, SECRET)
        wait_until(lambda: len(self.attempts(message)) == 2, "the second try is on record")

    def test_a_selection_keeps_the_order(self):
        self.assertEqual(2, self.replay("--call", self.calls[0]))
        self.assertEqual(["call.queued", "call.failed"], [each.body["event"] for each in self.again(2)])
        self.before = self.hooks.received(self.path)
        self.assertEqual(3, self.replay("--event", "call.queued"))
        self.assertEqual({"call.queued"}, {each.body["event"] for each in self.again(3)})

    def test_a_range_of_time(self):
        created = [self.message(call_id, "call.queued")["created_at"] for call_id in self.calls]
        self.assertEqual(0, self.replay("--until", "2020-01-01"))
        self.assertEqual(6, self.replay("--since", created[0]))
        self.assertEqual({each.id for each in self.before}, {each.id for each in self.again(6)})

    def test_nothing_selected_is_a_mistake(self):
        outcome = self.served.run("webhooks", "replay", "--account", self.account.id)
        self.assertEqual(2, outcome.code)
        self.assertIn("--since", outcome.err)


class Disabled(WebhookCase):
    def test_an_endpoint_that_failed_for_five_days_is_disabled_and_loses_nothing(self):
        """Design: disabled after five days of failure; held messages come by replay once it is set again."""
        self.hooks.behave(self.path, Reply(500))
        self.place()
        endpoint = lambda: self.served.cli("webhooks", "endpoint", "show", "--account", self.account.id)
        wait_until(lambda: endpoint()["failing_since"], "the failure is noted")
        six_days_ago = int((time.time() - 6 * 86_400) * 1_000_000)
        self.served.database.execute(f"UPDATE webhook_endpoints SET failing_since = {six_days_ago} "
                                     "WHERE failing_since IS NOT NULL")
        time.sleep(1.2)  # the server remembers an endpoint for a second
        self.place()
        wait_until(lambda: endpoint()["disabled_at"], "the endpoint is disabled")
        tried = len(self.hooks.received(self.path))
        held = self.place()
        self.wait_for_status(held, "call.failed", "held")
        self.assertEqual(tried, len(self.hooks.received(self.path)), "a disabled endpoint is left alone")
        self.hooks.behave(self.path, Reply())
        self.served.set_endpoint(self.account.id, url=self.hooks.url(self.path))
        self.assertIsNone(endpoint()["disabled_at"])
        time.sleep(1.2)
        replayed = self.served.cli("webhooks", "replay", "--account", self.account.id, "--status", "held")["replayed"]
        self.assertGreaterEqual(replayed, 2)
        self.hooks.wait_for_event(held, path=self.path)
        self.assertEqual(["call.queued", "call.failed"], self.hooks.names(held, self.path))


class BadReceivers(Case):
    """A receiver that is slow, dead or answers nonsense hurts nobody else."""

    def test_others_are_served_at_once(self):
        server, bad, good = self.server(), self.receiver(), self.receiver()
        behaviours = {"/slow": Reply(after=30), "/nonsense": Reply(raw=b"\x00\xffnonsense\r\n\r\n"),
                      "/endless": Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" +
                                        b"x" * 0x4000 + b"\r\n"),
                      "/huge": Reply(200, b"x" * 5_000_000), "/bomb": Reply(200, b"\x1f\x8b\x08" + b"\0" * 100, {
                          "Content-Encoding": "gzip"}), "/cut": Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Len")}
        urls = [bad.url(path) for path in behaviours] + ["http://127.0.0.1:1/dead"]
        for path, behaviour in behaviours.items():
            bad.behave(path, behaviour)
        for url in urls:
            account = server.account(url=url, secret=SECRET)
            for _ in range(60 if url.endswith("/slow") else 10):
                account.api.place("+12025550102")
        bad.wait_for(60)
        account = server.account(url=good.url(), secret=SECRET)
        times = []
        for _ in range(10):
            started = time.monotonic()
            call_id = account.api.place("+12025550102")
            good.wait_for_event(call_id)
            times.append(time.monotonic() - started)
        self.assertLess(sorted(times)[5], 2.0, "from placing a busy call to its last event, beside bad receivers")
        self.assertEqual(200, account.api.get("/calls").status_code)
        messages = server.query("SELECT url, status, attempts FROM webhook_messages WHERE attempts > 0")
        for url in urls:
            with self.subTest(url):
                if url.endswith("/slow"):
                    continue
                mine = [each for each in messages if each["url"] == url]
                self.assertTrue(mine, "a try is on record")
                if not url.endswith(("/huge", "/bomb")):
                    self.assertEqual({"pending"}, {each["status"] for each in mine}, "and it will be tried again")

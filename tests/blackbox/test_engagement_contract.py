"""Every row of contracts/engagement-api.md, over the wire."""
import contextlib
import re
import threading
import unittest.mock

import published_customer_client as published
from support.case import ServedCase
from support.customers import customers_of

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UNDERSTOOD = {400, 401, 404, 429, 500, 503, 504}
FAST = {"TRUNKLINE_ENGAGEMENT_REQUESTS_PER_MINUTE": 1_000_000}


class EngagementContract(ServedCase):
    settings = FAST

    def setUp(self):
        self.account = self.served.account()
        self.customers = customers_of(self.served, self.account)
        self.client = published.Client(self.account.key, self.served.url)
        self.addCleanup(self.client.close)

    def refused(self, answer, status, part=""):
        self.assertEqual(status, answer.status_code, answer.text)
        self.assertIn(answer.status_code, UNDERSTOOD)
        self.assertEqual("application/json", answer.headers["Content-Type"])
        self.assertIsInstance(answer.json(), dict)
        self.assertTrue(answer.json()["message"])
        self.assertIn(part, answer.json()["message"])

    # Sections 2 to 5: the four calls, by the stock client.

    def test_the_stock_client_registers_updates_records_and_deletes(self):
        made = self.client.register_customer("c-204", name="Ann", email="ann@example.com", phone="+12025550101",
                                             properties={"plan": "pro", "since": "2026-01-01", "seats": 5})
        self.assertEqual({"customer_id", "created", "status"}, set(made))
        self.assertEqual(("c-204", "success"), (made["customer_id"], made["status"]))
        self.assertRegex(made["created"], STAMP)

        changed = self.client.register_or_update_customer("c-204", properties={"plan": "free"})
        self.assertEqual({"customer_id", "updated", "status"}, set(changed))
        self.assertNotIn("created", changed)
        new = self.client.register_or_update_customer("c-205", name="Bo")
        self.assertEqual({"customer_id", "created", "status"}, set(new))

        for value in (99.99, 0, False, "", [1], {"a": None}):
            action = self.client.record_action("c-204", "purchase", action_value=value, action_properties={"sku": "A-1"})
            self.assertEqual({"action_id", "customer_id", "action_name", "recorded_at"}, set(action))
            self.assertEqual(("c-204", "purchase"), (action["customer_id"], action["action_name"]))
        values = [entry["action_value"] for entry in reversed(self.customers.timeline("c-204"))]
        self.assertEqual([99.99, 0, False, "", [1], {"a": None}], values)

        gone = self.client.delete_customer("c-204")
        self.assertEqual(("c-204", "success"), (gone["customer_id"], gone["status"]))
        self.assertRegex(gone["deleted"], STAMP)
        self.assertEqual(10, self.client.attempts)

    def test_fields_that_are_not_sent_stay_and_only_the_top_level_is_merged(self):
        self.customers.put({"customer_id": "m", "name": "Ann", "properties": {"a": {"x": 1}, "b": 2, "c": 3}})
        self.customers.put({"customer_id": "m", "properties": {"a": {"y": 2}, "b": None}})
        kept = self.customers.get("/m").json()
        self.assertEqual("Ann", kept["name"])
        self.assertEqual({"a": {"y": 2}, "c": 3}, kept["properties"])

    def test_a_number_in_the_body_an_unknown_field_and_case(self):
        self.refused(self.customers.register({"customer_id": 7}), 400, "customer_id")
        self.assertEqual(201, self.customers.register({"customer_id": "Case", "color": "blue"}).status_code)
        self.assertEqual(201, self.customers.register({"customer_id": "case"}).status_code)

    def test_ids_that_could_not_be_deleted_are_refused_and_odd_ones_can_be(self):
        for bad in (".", "..", "a/b", "a?b", "a#b", "a%b", "a\nb", "actions", "batch", "x" * 256, ""):
            self.refused(self.customers.register({"customer_id": bad}), 400, "customer_id")
            self.refused(self.customers.put({"customer_id": bad}), 400, "customer_id")
        for odd in ("with space", "Ünïcode", "客户-1", "a+b", "x" * 255, "a&b=c", "+12025550199", "a:b@c;d,e", "..."):
            self.client.register_customer(odd)
            self.assertEqual(odd, self.client.delete_customer(odd)["customer_id"])

    # Section 6: errors.

    def test_limits_are_refused_with_the_limit_in_the_message(self):
        for body, part in (({"customer_id": "c", "name": "n" * 513}, "512"),
                           ({"customer_id": "c", "email": "nobody"}, "email"),
                           ({"customer_id": "c", "phone": "call me"}, "phone"),
                           ({"customer_id": "c", "properties": []}, "properties"),
                           ({"customer_id": "c", "properties": {f"p{i}": i for i in range(129)}}, "128"),
                           ({"customer_id": "c", "properties": {"x": "y" * 17_000}}, "16384"),
                           ({"customer_id": "c", "properties": {"k" * 129: 1}}, "128")):
            self.refused(self.customers.register(body), 400, part)
            self.refused(self.customers.put(body), 400, part)
        self.client.register_customer("c")
        for rest, part in (({"action_name": ""}, "action_name"), ({}, "action_name"), ({"action_name": "a" * 256}, "255"),
                           ({"action_name": "a", "timestamp": "soon"}, "ISO 8601"),
                           ({"action_name": "a", "timestamp": "2099-01-01"}, "24 hours"),
                           ({"action_name": "a", "action_properties": 1}, "action_properties"),
                           ({"action_name": "a", "action_value": "v" * 9_000}, "8192")):
            self.refused(self.customers.act({"customer_id": "c", **rest}), 400, part)
        merged = {"customer_id": "full", "properties": {f"p{i}": i for i in range(100)}}
        self.client.register_customer(merged["customer_id"], properties=merged["properties"])
        self.refused(self.customers.put({"customer_id": "full", "properties": {f"q{i}": i for i in range(29)}}), 400, "128")

    def test_bad_bodies_are_400_with_a_message(self):
        for data, headers in ((b"", None), (b"[]", None), (b"{", None), (b'{"customer_id":"a","customer_id":"b"}', None),
                              (b'{"customer_id":"\xff"}', None), (b'{"customer_id":"a\\u0000"}', None),
                              (b"customer_id=a", {"Content-Type": "application/x-www-form-urlencoded"}),
                              (b'{"customer_id":"a","properties":' + b'{"a":' * 70 + b"1" + b"}" * 70 + b"}", None),
                              (b'{"customer_id":"big","name":"' + b"x" * 1_100_000 + b'"}', None)):
            for method, path in (("POST", "/customers"), ("PUT", "/customers"), ("POST", "/customers/actions")):
                with self.subTest(data=data[:40], path=path):
                    self.refused(self.customers.raw(method, path, data, headers), 400)

    def test_keys_that_are_wrong_missing_revoked_or_for_another_door_are_401(self):
        other = self.served.cli("keys", "create", "--account", self.account.id, "--doors", "voice")["api_key"]
        revoked = self.served.cli("keys", "create", "--account", self.account.id)
        self.served.cli("keys", "revoke", revoked["id"], "--account", self.account.id)
        for key in (None, "", "nonsense", "pk_live_" + "x" * 59, other, revoked["api_key"],
                    self.served.user_token(self.account.id)):
            customers = customers_of(self.served, unittest.mock.Mock(key=key))
            for answer in (customers.register({"customer_id": "c"}), customers.put({"customer_id": "c"}),
                           customers.act({"customer_id": "c", "action_name": "x"}), customers.delete("/c")):
                self.refused(answer, 401)
        only = self.served.cli("keys", "create", "--account", self.account.id, "--doors", "engagement")["api_key"]
        limited = unittest.mock.Mock(key=only)
        self.assertEqual(201, customers_of(self.served, limited).register({"customer_id": "d"}).status_code)
        self.assertEqual(403, type(self.account.api)(self.served.url, only).get("/calls").status_code)

    def test_unknown_customers_and_paths_are_404_in_json(self):
        self.refused(self.customers.act({"customer_id": "nobody", "action_name": "x"}), 404, "nobody")
        self.refused(self.customers.delete("/nobody"), 404)
        self.refused(self.customers.delete("/actions"), 404)
        self.refused(self.customers.delete("/batch"), 404)
        self.assertEqual([], self.customers.get("").json()["items"])
        with self.assertRaises(published.InvalidRequestError):
            self.client.delete_customer("nobody")
        self.assertEqual(1, self.client.attempts)

    # Section 6 and 9: repetitions.

    def test_a_repeated_registration_gives_the_first_answer_and_another_one_is_a_duplicate(self):
        body = {"customer_id": "r", "name": "Ann"}
        first = self.customers.register(body)
        again = self.customers.register(body)
        self.assertEqual((first.status_code, first.json()), (again.status_code, again.json()))
        self.refused(self.customers.register({"customer_id": "r", "name": "Bo"}), 400, "'r'")

    def test_a_repeated_put_and_delete_give_the_first_answer(self):
        body = {"customer_id": "p", "properties": {"x": 1}}
        self.assertEqual(self.customers.put(body).json(), self.customers.put(body).json())
        first = self.customers.delete("/p").json()
        self.assertEqual(first, self.customers.delete("/p").json())

    def test_registering_again_after_deleting_is_a_fresh_customer(self):
        first = self.client.register_customer("again", properties={"old": 1})["created"]
        self.client.record_action("again", "old_action")
        self.client.delete_customer("again")
        second = self.client.register_customer("again", properties={"old": 1})["created"]
        self.assertNotEqual(first, second)
        self.assertEqual([], self.customers.timeline("again"))
        self.refused(self.customers.register({"customer_id": "again"}), 400)

    def test_actions_are_told_apart_by_time_or_key_and_else_are_two(self):
        self.client.register_customer("a")
        timed = {"customer_id": "a", "action_name": "view", "timestamp": "2026-03-02T10:00:00"}
        self.assertEqual(self.customers.act(timed).json(), self.customers.act(timed).json())
        other = self.customers.act({**timed, "action_value": 1}).json()["action_id"]
        self.assertNotEqual(self.customers.act(timed).json()["action_id"], other)
        plain = {"customer_id": "a", "action_name": "view"}
        self.assertNotEqual(self.customers.act(plain).json()["action_id"], self.customers.act(plain).json()["action_id"])
        key = {"Idempotency-Key": "k-1"}
        self.assertEqual(self.customers.act(plain, headers=key).json(), self.customers.act(plain, headers=key).json())
        self.refused(self.customers.act(timed, headers=key), 400, "Idempotency-Key")
        entries = self.customers.timeline("a")
        self.assertEqual(5, len(entries))
        self.assertIn("2026-03-02T10:00:00.000Z", [entry["at"] for entry in entries])

    def test_of_many_puts_at_once_exactly_one_created(self):
        for number in range(20):
            answers = self.at_once(8, lambda _, n=number: customers_of(self.served, self.account).put(
                {"customer_id": f"race-{n}", "name": "Ann"}).json())
            created = [answer for answer in answers if "created" in answer]
            self.assertEqual(1, len(created), answers)
            self.assertEqual(7, sum("updated" in answer for answer in answers))

    def test_of_many_different_registrations_at_once_exactly_one_is_made(self):
        answers = self.at_once(8, lambda n: customers_of(self.served, self.account).register(
            {"customer_id": "reg", "name": f"N{n}"}).status_code)
        self.assertEqual([201] + [400] * 7, sorted(answers))

    def at_once(self, count, work):
        barrier, results = threading.Barrier(count), [None] * count

        def run(number):
            barrier.wait()
            results[number] = work(number)
        threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    # Section 9: isolation.

    def test_the_ids_of_another_account_are_unknown(self):
        other = customers_of(self.served, self.served.account("Other"))
        self.client.register_customer("mine", email="mine@example.com", phone="+12025550133", properties={"k": "v"})
        self.client.record_action("mine", "secret_action")
        theirs, nobody = other.delete("/mine"), other.delete("/none")
        self.assertEqual((404, theirs.json()["message"].replace("mine", "none")), (nobody.status_code, nobody.json()["message"]))
        self.refused(other.act({"customer_id": "mine", "action_name": "x"}), 404)
        for path in ("/mine", "/mine/timeline", "/mine/merges", "/mine/erasure"):
            self.assertEqual(404, other.get(path).status_code)
        for query in ({}, {"customer_id": "mine"}, {"email": "mine@example.com"}, {"phone": "+12025550133"},
                      {"property": "k=v"}):
            self.assertEqual([], other.get("", params=query).json()["items"])
        self.assertEqual([], other.get("/actions/counts").json()["items"])
        self.assertEqual(201, other.register({"customer_id": "mine"}).status_code)
        self.assertEqual(1, len(self.customers.timeline("mine")))


class EngagementRate(ServedCase):
    """Section 7: double room, then 429 with whole seconds."""
    settings = {"TRUNKLINE_THREADS": 2}

    def test_six_hundred_at_once_are_taken_and_then_the_client_is_told_how_long_to_wait(self):
        account = self.served.account()
        customers = customers_of(self.served, account)
        taken = 0
        while (answer := customers.delete("/nobody")).status_code == 404:
            taken += 1
            self.assertLess(taken, 700)
        self.assertEqual(429, answer.status_code)
        self.assertGreaterEqual(taken, 600)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertTrue(answer.json()["message"])
        client = published.Client(account.key, self.served.url)
        with self.assertRaises(published.RateLimitError) as told:
            for _ in range(100):  # a fifth of a second makes room for one
                with contextlib.suppress(published.InvalidRequestError):
                    client.delete_customer("nobody")
        self.assertGreaterEqual(told.exception.retry_after, 1)
        other = customers_of(self.served, self.served.account())
        self.assertEqual(404, other.delete("/nobody").status_code)

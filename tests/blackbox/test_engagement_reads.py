"""What the engagement API has beyond its contract: reading, the timeline with calls, batches, merges, events, files."""
import json
import re

from support.case import SECRET, ServedCase
from support.customers import check_counts, customers_of
from support.waiting import wait_until

FAST = {"TRUNKLINE_ENGAGEMENT_REQUESTS_PER_MINUTE": 1_000_000}


class EngagementReads(ServedCase):
    settings = FAST

    def setUp(self):
        self.account = self.served.account()
        self.customers = customers_of(self.served, self.account)

    def problem(self, answer, status, code):
        self.assertEqual(status, answer.status_code, answer.text)
        self.assertEqual("application/problem+json", answer.headers["Content-Type"])
        told = answer.json()
        self.assertEqual((status, code, answer.headers["X-Request-Id"]), (told["status"], told["code"], told["request_id"]))

    def test_customers_are_found_and_listed_page_by_page(self):
        for number in range(7):
            self.customers.put({"customer_id": f"c-{number}", "email": f"P{number}@Example.com",
                                "phone": f"+1 (202) 555-014{number}", "properties": {"team": "ab"[number % 2], "n": number}})

        def ids(**query):
            return [each["customer_id"] for each in self.customers.get("", params=query).json()["items"]]
        self.assertEqual(["c-3"], ids(customer_id="c-3"))
        self.assertEqual(["c-4"], ids(email="p4@example.COM"))
        self.assertEqual(["c-5"], ids(phone="+12025550145"))
        self.assertEqual(["c-5", "c-3", "c-1"], ids(property="team=b"))
        self.assertEqual(["c-6"], ids(property="n=6"))
        self.assertEqual([], ids(property="team=b", email="p4@example.com"))
        seen, cursor = [], ""
        while cursor is not None:
            page = self.customers.get("", params={"limit": 3, "cursor": cursor}).json()
            seen += [each["customer_id"] for each in page["items"]]
            cursor = page["next_cursor"]
        self.assertEqual([f"c-{number}" for number in range(6, -1, -1)], seen)
        one = self.customers.get("/c-4").json()
        self.assertEqual("+12025550144", one["phone_e164"])
        self.assertEqual("+1 (202) 555-0144", one["phone"])

    def test_wrong_parameters_are_problems(self):
        self.customers.put({"customer_id": "c"})
        for query in ({"limit": 0}, {"limit": 201}, {"limit": "x"}, {"cursor": "nonsense"}, {"property": "x"}):
            self.problem(self.customers.get("", params=query), 400, "bad_parameter")
        for query in ({"cursor": "AAAA"}, {"type": "visit"}):
            self.problem(self.customers.get("/c/timeline", params=query), 400, "bad_parameter")
        self.problem(self.customers.get("/actions/counts", params={"since": "soon"}), 400, "bad_parameter")
        self.problem(self.customers.get("/nobody"), 404, "contact_not_found")
        self.problem(self.customers.get("/nobody/timeline"), 404, "contact_not_found")
        self.problem(self.customers.get("/nobody/erasure"), 404, "receipt_not_found")

    def test_a_person_who_is_logged_in_may_read(self):
        self.customers.put({"customer_id": "c"})
        token = self.served.user_token(self.account.id)
        reader = type(self.customers)(self.served.url, token)
        self.assertEqual(200, reader.get("/c").status_code)
        self.assertEqual(200, reader.get("/c/timeline").status_code)
        self.assertEqual(401, reader.put({"customer_id": "d"}).status_code)

    def test_the_timeline_has_the_calls_with_their_outcome_summary_and_cost(self):
        self.customers.put({"customer_id": "c", "phone": "+12025550101"})
        self.customers.act({"customer_id": "c", "action_name": "before"})
        call = self.account.api.place(task="Ask until when the shop is open")
        ended = self.account.api.ended(call)
        self.customers.act({"customer_id": "c", "action_name": "after"})
        whole = self.customers.timeline("c")
        self.assertEqual(["after", call, "before"], [each.get("action_name") or each["call_id"] for each in whole])
        told = whole[1]
        self.assertEqual(("call", "completed", "+12025550101"), (told["type"], told["status"], told["number"]))
        for field in ("summary", "duration_seconds", "started_at", "ended_at", "cost"):
            self.assertEqual(ended[field], told[field])
        self.assertEqual(ended["ended_reason"], told["outcome"])
        for limit in (1, 2):
            self.assertEqual(whole, self.customers.timeline("c", limit))
        only = self.customers.get("/c/timeline", params={"type": "call"}).json()["items"]
        self.assertEqual([told], only)
        self.customers.put({"customer_id": "late", "phone": "+1 202 555 0101"})
        self.assertEqual([call], [each["call_id"] for each in self.customers.timeline("late")])

    def test_calls_with_unknown_numbers_create_contacts_where_the_project_wants_it(self):
        self.account.api.place("+12025550102")
        self.assertEqual(404, self.customers.get("/+12025550102").status_code)
        set_to = self.served.cli("contacts", "settings", "--account", self.account.id, "--create-from-calls", "on")
        self.assertTrue(set_to["create_from_calls"])
        # The server remembers settings for a second.
        wait_until(lambda: self.account.api.place("+12025550103") and
                   self.customers.get("/+12025550103").status_code == 200, "a call creates its contact", 10, 0.3)
        self.assertTrue(self.customers.timeline("+12025550103"))
        project = self.served.cli("contacts", "settings", "--account", self.account.id, "--project", self.account.project_id)
        self.assertFalse(project["create_from_calls"])

    def test_counts_by_name_and_day_follow_the_event_time(self):
        self.customers.put({"customer_id": "c"})
        for name, at in (("a", "2026-03-01T23:59:59Z"), ("a", "2026-03-02T00:00:00Z"), ("a", "2026-03-02T01:00:00+02:00"),
                         ("b", "2026-03-02")):
            self.customers.act({"customer_id": "c", "action_name": name, "timestamp": at})
        counted = self.customers.get("/actions/counts", params={"since": "2026-03-01", "until": "2026-03-02"}).json()["items"]
        self.assertEqual([("2026-03-01", "a", 2), ("2026-03-02", "a", 1), ("2026-03-02", "b", 1)],
                         [(each["date"], each["action_name"], each["count"]) for each in counted])
        check_counts(self, self.served)

    def test_a_batch_of_a_thousand_has_a_result_for_each_and_is_repeatable(self):
        items = []
        for number in range(500):
            items += [{"customer_id": f"b-{number}", "name": f"N{number}"},
                      {"customer_id": f"b-{number}", "action_name": "joined", "action_value": number}]
        items[10] = {"customer_id": "a/b"}
        items[21] = {"customer_id": "nobody", "action_name": "joined"}
        key = {"Idempotency-Key": "batch-1"}
        first = self.customers.post("/batch", {"items": items}, headers=key)
        self.assertEqual(200, first.status_code, first.text)
        told = first.json()
        self.assertEqual((997, 3), (told["accepted"], told["rejected"]))
        self.assertEqual(list(range(1000)), [each["index"] for each in told["results"]])
        self.assertEqual(["created", "recorded"], [each["status"] for each in told["results"][:2]])
        self.assertEqual(["contact_invalid", "contact_not_found", "contact_not_found"],
                         [each["error"]["code"] for each in told["results"] if each["status"] == "rejected"])
        again = self.customers.post("/batch", {"items": items}, headers=key)
        self.assertEqual("true", again.headers["Idempotent-Replayed"])
        self.assertEqual(told["results"], again.json()["results"])
        self.assertEqual(1, len(self.customers.timeline("b-499")))
        self.problem(self.customers.post("/batch", {"items": items[:1]}, headers=key), 409, "idempotency_key_reused")
        self.problem(self.customers.post("/batch", {"items": items + items[:1]}), 400, "bad_parameter")
        self.problem(self.customers.post("/batch", {"items": []}), 400, "bad_parameter")
        self.problem(self.customers.post("/batch", {"item": []}), 400, "bad_parameter")

    def test_two_customers_become_one_and_two_again(self):
        self.customers.put({"customer_id": "a", "name": "Ann"})
        self.customers.put({"customer_id": "b", "email": "b@example.com"})
        self.customers.act({"customer_id": "b", "action_name": "of_b"})
        merge = self.customers.post("/a/merge", {"from": "b"})
        self.assertEqual(201, merge.status_code, merge.text)
        self.assertEqual("a", self.customers.get("/b").json()["customer_id"])
        self.assertEqual(["of_b"], [each["action_name"] for each in self.customers.timeline("a")])
        self.problem(self.customers.post("/b/merge", {"from": "a"}), 409, "merge_refused")
        self.problem(self.customers.post("/a/merge", {"from": "nobody"}), 404, "contact_not_found")
        self.problem(self.customers.post("/a/merge", {"fro": "b"}), 400, "validation_failed")
        undone = self.customers.delete("/a/merges/" + merge.json()["merge_id"])
        self.assertEqual(200, undone.status_code, undone.text)
        self.assertIsNotNone(undone.json()["undone_at"])
        self.assertEqual([], self.customers.timeline("a"))
        self.assertIsNone(self.customers.get("/a").json()["email"])
        self.problem(self.customers.delete("/a/merges/nonsense"), 404, "merge_not_found")
        self.assertEqual(1, len(self.customers.get("/b/merges").json()["items"]))

    def test_every_path_is_in_the_description_of_the_api(self):
        paths = self.customers.session.get(self.served.url + "/openapi.json").json()["paths"]
        ours = {(path, method) for path, methods in paths.items() if path.startswith("/customers") for method in methods}
        self.assertLessEqual({("/customers", "get"), ("/customers", "post"), ("/customers", "put"),
                              ("/customers/actions", "post"), ("/customers/batch", "post"),
                              ("/customers/actions/counts", "get"), ("/customers/{customer_id}", "get"),
                              ("/customers/{customer_id}", "delete"), ("/customers/{customer_id}/timeline", "get"),
                              ("/customers/{customer_id}/merge", "post")}, ours)


class EngagementEvents(ServedCase):
    settings = FAST

    def test_events_tell_of_contacts_and_actions_in_their_order_and_signed(self):
        account = self.new_account()
        customers = customers_of(self.served, account)
        customers.put({"customer_id": "e", "name": "Ann"})
        customers.put({"customer_id": "e", "name": "Ann"})
        customers.put({"customer_id": "e", "name": "Bo"})
        customers.act({"customer_id": "e", "action_name": "x", "action_value": 1})
        customers.delete("/e")
        want = ["contact.created", "contact.updated", "action.recorded", "contact.deleted"]

        def arrived():
            return [json.loads(each.raw) for each in self.hooks.received("/events")
                    if each.raw.startswith(b"{") and b"contact_id" in each.raw]
        # What was queued when the person was deleted is not told any more; here the receiver is quick.
        wait_until(lambda: [each["event"] for each in arrived()][-1:] == want[-1:], "the events arrive", 15)
        told = arrived()
        self.assertEqual([name for name in want if name in {each["event"] for each in told}], [each["event"] for each in told])
        self.assertEqual(1, len({each["contact_id"] for each in told}))
        self.assertNotIn("customer_id", told[-1])
        self.assertRegex(told[-1]["customer_id_sha256"], re.compile("^[0-9a-f]{64}$"))
        for each in self.hooks.received("/events"):
            self.assertIn("x-pamela-signature", each.headers)
        self.assertTrue(SECRET)


class EngagementFiles(ServedCase):
    settings = FAST

    def setUp(self):
        self.account = self.served.account()
        self.customers = customers_of(self.served, self.account)

    def contacts(self, *arguments):
        return self.served.cli("contacts", *arguments, "--account", self.account.id)

    def test_a_file_is_taken_in_once_with_its_rejects_by_line_and_reason(self):
        path = self.served.home / f"people-{self.account.id}.csv"
        rows = [f'c-{n},"Name, {n}",p{n}@example.com,,pro' for n in range(1200)]
        rows[5] = "a/b,x,,,"
        rows[700] = "too,few"
        path.write_text("customer_id,name,email,phone,plan\n" + "\n".join(rows) + "\n")
        rejects = self.served.home / "rejects.csv"
        told = self.contacts("import", str(path), "--rejects", str(rejects))
        self.assertEqual((1198, 2), (told["accepted"], told["rejected"]))
        self.assertEqual([7, 702], [each["line"] for each in told["rejects"]])
        self.assertIn("/ ? # %", told["rejects"][0]["reason"])
        self.assertEqual(3, len(rejects.read_text().splitlines()))
        self.assertEqual("Name, 7", self.customers.get("/c-7").json()["name"])
        self.assertTrue(self.contacts("import", str(path))["already_done"])
        self.assertFalse(self.contacts("import", str(path), "--again")["already_done"])

    def test_an_import_that_was_killed_goes_on_where_it_stopped(self):
        people = self.served.home / f"k-{self.account.id}.jsonl"
        people.write_text("".join(json.dumps({"customer_id": f"k-{n}"}) + "\n" for n in range(3)))
        self.contacts("import", str(people))
        path = self.served.home / f"acts-{self.account.id}.jsonl"
        path.write_text("".join(json.dumps({"customer_id": f"k-{n % 3}", "action_name": "seen", "action_value": n}) + "\n"
                                for n in range(2000)))
        killed = self.served.run("contacts", "import", str(path), "--account", self.account.id,
                                 TRUNKLINE_FAIL_POINT="crash:engagement.imported:2")
        self.assertEqual(-9, killed.code)
        told = self.contacts("import", str(path))
        self.assertEqual((1000, 2000, 0), (told["resumed_after"], told["accepted"], told["rejected"]))
        values = sorted(each["action_value"] for n in range(3) for each in self.customers.timeline(f"k-{n}"))
        self.assertEqual(list(range(2000)), values)

    def test_what_is_exported_is_all_there_is_and_can_be_taken_in_elsewhere(self):
        self.customers.put({"customer_id": "x", "name": "=cmd()", "phone": "+12025550101", "properties": {"a": 1}})
        self.customers.act({"customer_id": "x", "action_name": "seen", "action_value": 99.99, "timestamp": "2026-03-01"})
        call = self.account.api.ended(self.account.api.place())
        path = self.served.home / f"all-{self.account.id}.jsonl"
        told = self.contacts("export", "--output", str(path))
        self.assertEqual((1, 1, 1), (told["customers"], told["actions"], told["calls"]))
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        self.assertEqual(["customer", "call", "action"], [each["type"] for each in lines])
        self.assertEqual(call["transcript"], lines[1]["transcript"])
        csv = self.served.run("contacts", "export", "--format", "csv", "--account", self.account.id).out
        self.assertIn("x,'=cmd(),", csv)
        other = self.served.account()
        taken = self.served.cli("contacts", "import", str(path), "--account", other.id)
        self.assertEqual((2, 1), (taken["accepted"], taken["rejected"]))
        theirs = customers_of(self.served, other)
        self.assertEqual({"a": 1}, theirs.get("/x").json()["properties"])
        self.assertEqual(99.99, theirs.timeline("x")[0]["action_value"])

    def test_erasing_from_the_command_line_wants_a_yes(self):
        self.customers.put({"customer_id": "x"})
        refused = self.served.run("contacts", "erase", "x", "--account", self.account.id)
        self.assertEqual(2, refused.code)
        self.assertEqual(200, self.customers.get("/x").status_code)
        self.assertEqual("completed", self.contacts("erase", "x", "--yes")["status"])
        self.assertEqual(404, self.customers.get("/x").status_code)
        people = self.served.home / f"erased-{self.account.id}.csv"
        people.write_text("customer_id\nx\n")
        told = self.contacts("import", str(people))
        self.assertEqual(1, told["rejected"])
        self.assertIn("erased", told["rejects"][0]["reason"])

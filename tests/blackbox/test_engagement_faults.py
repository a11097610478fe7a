"""A network that fails, a server that is killed, and a person who must be gone: what was acknowledged is there, once, and
nothing else."""
import random
import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import published_customer_client as published
import requests
from support.case import SECRET, Case
from support.customers import check_counts, customers_of
from support.faulty_proxy import CUT, ERROR, REFUSED, SWALLOWED, TIMEOUT, FaultyProxy
from support.options import OPTIONS
from support.receiver import Reply
from support.waiting import wait_until

FAST = {"TRUNKLINE_ENGAGEMENT_REQUESTS_PER_MINUTE": 1_000_000, "TRUNKLINE_LOG_REQUESTS": 0}
CANARY = "Kanarienvogel"


class EngagementFaults(Case):
    def test_the_stock_client_behind_a_failing_network_ends_with_exactly_what_it_meant(self):
        server = self.server(**FAST)
        account = server.account()
        seed = random.randrange(1 << 30)
        chance, lock = random.Random(seed), threading.Lock()

        def choose():
            with lock:
                # Never so often that three attempts in a row are likely to fail.
                return chance.choice((REFUSED, CUT, SWALLOWED, TIMEOUT, ERROR)) if chance.random() < 0.2 else None
        proxy = FaultyProxy(server.port, choose)
        self.addCleanup(proxy.close)
        count = 20 if OPTIONS.quick else 60
        with self.subTest(seed=seed), ThreadPoolExecutor(8) as pool:
            lives = list(pool.map(lambda number: self.live(account, proxy, number), range(count)))
        self.check_lives(server, account, lives)

    def live(self, account, proxy, number):
        """One customer's life; what must be true in the end. A call whose three attempts failed is asked for again, as a
        caller would."""
        client = published.Client(account.key, proxy.url, timeout=0.5, pauses=(1.0, 2.0))

        def insist(call, *arguments, **options):
            for _ in range(20):
                try:
                    return call(*arguments, **options)
                except published.APIError:
                    pass
            raise AssertionError("the network never let it through")
        name = f"life-{number}"
        first = insist(client.register_customer, name, properties={"step": 1})
        assert "created" in first
        insist(client.register_or_update_customer, name, properties={"seen": True})
        for step in range(4):
            insist(client.record_action, name, "step", action_value=step, timestamp=f"2026-03-02T10:0{step}:00Z")
        if number % 4 == 0:
            assert "deleted" in insist(client.delete_customer, name)
        client.close()
        return name, number % 4 != 0

    def check_lives(self, server, account, lives):
        customers = customers_of(server, account)
        for name, lives_on in lives:
            answer = customers.get(f"/{name}")
            if not lives_on:
                self.assertEqual(404, answer.status_code)
                continue
            self.assertEqual({"step": 1, "seen": True}, answer.json()["properties"])
            self.assertEqual([3, 2, 1, 0], [entry["action_value"] for entry in customers.timeline(name)])
        alive = sum(lives_on for _, lives_on in lives)
        self.assertEqual(alive, server.count("contacts"))
        self.assertEqual(4 * alive, server.count("actions"))
        check_counts(self, server)

    def test_an_action_whose_client_was_gone_before_the_answer_is_recorded_once(self):
        server = self.server(**FAST)
        account = server.account()
        customers = customers_of(server, account)
        customers.put({"customer_id": "c"})
        body = b'{"customer_id": "c", "action_name": "page_view"}'
        request = (f"POST /customers/actions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {account.key}\r\n"
                   f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body
        for _ in range(5):
            before = server.count("actions")
            with server.paused(), socket.create_connection(("127.0.0.1", server.port)) as gone:
                gone.sendall(request)
            wait_until(lambda n=before: server.count("actions") == n + 1, "the action is recorded", 10, 0.02)
            time.sleep(1)
            repeated = customers.act({"customer_id": "c", "action_name": "page_view"})
            self.assertIn("Idempotent-Replayed", repeated.headers)
            self.assertEqual(before + 1, server.count("actions"))
            genuine = customers.act({"customer_id": "c", "action_name": "page_view"})
            self.assertNotIn("Idempotent-Replayed", genuine.headers)
        wait_until(lambda: server.count("owed_replies") == 0, "notes of delivered replies go", 10, 0.05)

    def test_kill_9_under_load_loses_nothing_acknowledged_and_records_nothing_twice(self):
        server = self.server(**FAST)
        account = server.account()
        self.said, self.unsure, self.lock = {}, 0, threading.Lock()
        stopping = threading.Event()
        writers = [threading.Thread(target=self.write, args=(server, account, number, stopping), daemon=True)
                   for number in range(8)]
        for writer in writers:
            writer.start()
        for _ in range(OPTIONS.kills):
            time.sleep(random.uniform(0.3, 1.2))
            server.kill()
            server.start()
        time.sleep(0.5)
        stopping.set()
        for writer in writers:
            writer.join(60)
        kept = server.query("SELECT c.customer_id, a.name, a.value FROM actions a JOIN contacts c ON c.id = a.contact_id")
        found = [(row["customer_id"], row["name"], row["value"]) for row in kept]
        self.assertEqual(len(found), len(set(found)), "an action was recorded twice")
        self.assertEqual(set(self.said), {key for key in self.said if key in set(found)}, "an acknowledged action is lost")
        self.assertEqual(set(found), set(self.said), "an action is there that nobody was told of")
        check_counts(self, server)
        print(f"\n{len(self.said)} actions, {OPTIONS.kills} kills", flush=True)

    def write(self, server, account, number, stopping):
        """A stock client: what it was not told it repeats, a second later, until it is told."""
        name, session, value = f"w-{number}", requests.Session(), 0
        session.headers["Authorization"] = f"Bearer {account.key}"

        def until_told(method, path, body):
            while True:
                try:
                    answer = session.request(method, server.url + path, json=body, timeout=10)
                    if answer.status_code < 300:
                        return answer.json()
                    assert answer.status_code == 503, answer.text
                except requests.RequestException:
                    pass
                time.sleep(1.05)
        until_told("PUT", "/customers", {"customer_id": name})
        while not stopping.is_set():
            value += 1
            # Half of them carry their time; the other half has nothing that tells a repetition.
            timed = {"timestamp": f"2026-03-02T10:00:{value % 60:02}Z"} if value % 2 else {}
            until_told("POST", "/customers/actions", {"customer_id": name, "action_name": "n", "action_value": value, **timed})
            with self.lock:
                self.said[(name, "n", str(value))] = True


class EngagementErasure(Case):
    def test_an_erased_person_is_nowhere_and_the_totals_stay_to_the_cent(self):
        hooks = self.receiver()
        server = self.server(**{**FAST, "TRUNKLINE_LOG_REQUESTS": 1, "TRUNKLINE_LOG_LEVEL": "debug"})
        account = server.account(url=hooks.url(), secret=SECRET)
        customers = customers_of(server, account)
        # It refuses, so that everything is still queued, and says the name again when it was told it.
        hooks.behave("/events", lambda told: Reply(500, body=CANARY.encode() if CANARY.encode() in told.raw else b"no"))
        person = {"customer_id": f"id-{CANARY}", "name": CANARY, "email": f"{CANARY}@example.com", "phone": "+12025550101",
                  "properties": {CANARY: CANARY, "list": [CANARY]}}
        customers.put(person)
        customers.act({"customer_id": person["customer_id"], "action_name": f"act-{CANARY}", "action_value": CANARY,
                       "action_properties": {CANARY: 1}}, headers={"Idempotency-Key": f"key-{CANARY}"})
        customers.act({"customer_id": person["customer_id"], "action_name": "plain", "action_value": CANARY})
        customers.put({"customer_id": f"second-{CANARY}", "name": CANARY})
        customers.post(f"/{person['customer_id']}/merge", {"from": f"second-{CANARY}"})
        customers.post("/batch", {"items": [{"customer_id": person["customer_id"], "action_name": CANARY}]},
                       headers={"Idempotency-Key": f"batch-{CANARY}"})
        for _ in range(2):
            call = account.api.place("+12025550101", f"Ask {CANARY} about the order", metadata={"who": CANARY},
                                     instructions=CANARY, end_user_id=CANARY)
            account.api.ended(call)
        bystander = customers.put({"customer_id": "bystander", "name": "Bystander"}).json()
        usage = account.api.get("/usage").json()
        ledger = server.query("SELECT id, amount, billed_minutes, duration_seconds FROM usage_entries ORDER BY id")
        self.assertEqual(2, len(ledger))
        self.assertIn(CANARY.encode(), self.everything(server))

        self.assertEqual(200, customers.delete(f"/{person['customer_id']}").status_code)
        wait_until(lambda: customers.get(f"/{person['customer_id']}/erasure").json()["status"] == "completed",
                   "the erasure is complete", 30)
        receipt = customers.get(f"/{person['customer_id']}/erasure").json()["erased"]
        self.assertEqual((2, 3, 2), (receipt["contacts"], receipt["actions"], receipt["calls"]))
        self.check_gone(server)
        self.assertEqual(usage, account.api.get("/usage").json())
        self.assertEqual(ledger, server.query(
            "SELECT id, amount, billed_minutes, duration_seconds FROM usage_entries ORDER BY id"))
        self.assertEqual(200, customers.get("/bystander").status_code)
        self.assertTrue(bystander["created"])

        # Neither a batch nor an import nor a call brings the person back.
        refused = customers.post("/batch", {"items": [{"customer_id": person["customer_id"]}]}).json()
        self.assertEqual("contact_erased", refused["results"][0]["error"]["code"])
        server.cli("contacts", "settings", "--account", account.id, "--create-from-calls", "on")
        time.sleep(1.2)
        account.api.place("+12025550101")
        self.assertEqual(404, customers.get("/+12025550101").status_code)
        for path in ("/livez", "/metrics", "/openapi.json"):
            self.assertNotIn(CANARY, requests.get(server.url + path, timeout=10).text)
        self.assertEqual(0, server.stop())
        self.assertNotIn(CANARY, server.log())
        # The number was dialled anew, so it is there again; nothing else is.
        self.check_gone(server, CANARY)

    def test_an_erasure_that_was_killed_is_whole_or_not_at_all_and_comes_to_its_end(self):
        server = self.server(start=False, **FAST)
        account = server.account()
        server.start(TRUNKLINE_FAIL_POINT="crash:engagement.erased:1")
        customers = customers_of(server, account)
        customers.put({"customer_id": CANARY, "phone": "+12025550101"})
        account.api.ended(account.api.place(task=CANARY))
        with self.assertRaises(requests.RequestException):
            customers.delete(f"/{CANARY}")
        server.wait_for_crash()
        server.start()
        answer = customers.delete(f"/{CANARY}")
        self.assertEqual((200, "true"), (answer.status_code, answer.headers.get("Idempotent-Replayed")))
        wait_until(lambda: customers.get(f"/{CANARY}/erasure").json()["status"] == "completed", "it is complete", 30)
        self.check_gone(server)

    def test_a_person_in_a_call_is_erased_when_the_call_has_ended(self):
        server = self.server(**{**FAST, "TRUNKLINE_LOCAL_SPEED": 20})
        account = server.account()
        customers = customers_of(server, account)
        customers.put({"customer_id": CANARY, "phone": "+12025550101"})
        call = account.api.place(task=f"Ask {CANARY}")
        account.api.wait_for(call, lambda each: each["status"] == "in_progress", "connects")
        self.assertEqual(200, customers.delete(f"/{CANARY}").status_code)
        wait_until(lambda: customers.get(f"/{CANARY}/erasure").json()["status"] == "completed", "it is complete", 60, 0.3)
        self.assertEqual(1, customers.get(f"/{CANARY}/erasure").json()["erased"]["calls"])
        self.assertEqual(1, server.count("usage_entries"))
        self.check_gone(server)

    def everything(self, server):
        """All that the database holds: on SQLite the file itself, with its log written back into it first."""
        if not OPTIONS.postgresql:
            connection = sqlite3.connect(server.database.path, timeout=30)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.close()
        return server.database.dump()

    def check_gone(self, server, *needles):
        for needle in needles or (CANARY, "2025550101"):
            for spelling in {needle, needle.lower()}:
                wait_until(lambda n=spelling.encode(): n not in self.everything(server), f"{spelling} is nowhere", 10, 0.2)

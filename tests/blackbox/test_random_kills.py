"""Many calls at once, and kill -9 at random moments: whatever happened, the books are right in the end (reliability I1, I2, I4).
`run.py --calls 10000 --kills 20` is the full measure."""
import random
import threading
import time

import requests

from support.api import Api
from support.case import SECRET, Case
from support.ids import uuid_of
from support.options import OPTIONS
from support.receiver import Reply
from support.reckoning import check_books, check_webhooks, open_calls, wait_until_all_is_told
from support.waiting import wait_until

TOOL = {"name": "order_status", "description": "Look up the status of an order by its number",
        "input_schema": {"type": "object", "properties": {"order_number": {"type": "string"}}, "required": ["order_number"]}}
NUMBERS = [f"+120255501{number:02}" for number in range(1, 12)]
CONNECTED = {"+12025550101", "+12025550105", "+12025550106", "+12025550107", "+12025550108", "+12025550109", "+12025550110",
             "+12025550111"}
PLACERS = 8


class RandomKills(Case):
    def test_calls_placed_at_once_survive_random_kills(self):
        """Each call is placed under an Idempotency-Key and repeated until it is acknowledged, as a careful client does."""
        seed = random.randrange(1 << 30)
        with self.subTest(seed=seed):
            self.survive(random.Random(seed), OPTIONS.calls, OPTIONS.kills)

    def survive(self, chance, count, kills):
        hooks = self.receiver()
        hooks.behave("/tools", Reply.json({"result": {"status": "shipped"}}))
        server = self.server(start=False, TRUNKLINE_LOCAL_SPEED=300, TRUNKLINE_LOG_REQUESTS=0)
        account = server.account(url=hooks.url(), tool_url=hooks.url("/tools"), secret=SECRET)
        server.start()
        account.api.post("/tools", TOOL)
        self.acknowledged, self.failures, self.dead = {}, [], threading.Event()
        orders = [(f"order-{number}", NUMBERS[number % len(NUMBERS)]) for number in range(count)]
        placers = [threading.Thread(target=self.place, args=(server, account.key, orders[each::PLACERS]), daemon=True)
                   for each in range(PLACERS)]
        started = time.monotonic()
        for placer in placers:
            placer.start()
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 1.5))
            server.kill()
            server.start()
        for placer in placers:
            placer.join(120 + count / 20)
        self.assertEqual([], self.failures)
        self.assertEqual(count, len(self.acknowledged))
        patience = 60 + count / 20
        wait_until(lambda: open_calls(server) == 0, "every call ends", patience, 0.2)
        wait_until_all_is_told(server, patience)
        took = time.monotonic() - started
        calls = check_books(self, server)
        self.check_acknowledged(server, calls)
        check_webhooks(self, server, hooks, "/events")
        asked = [each.body["correlation_id"] for each in hooks.received("/tools")]
        self.assertEqual(len(set(asked)), len(asked), "a tool ran twice")
        print(f"\n{count} calls, {kills} kills, {len(hooks.received('/events'))} deliveries of "
              f"{server.count('webhook_messages')} events, {took:.0f} s", flush=True)

    def place(self, server, key, orders):
        api = Api(server.url, key)
        for name, number in orders:
            until = time.monotonic() + 60
            while True:
                try:
                    answer = api.post("/calls", {"to": number, "task": "Return a part", "max_duration_seconds": 120},
                                      headers={"Idempotency-Key": name}, timeout=20)
                    if answer.status_code == 201:
                        self.acknowledged[name] = (answer.json()["id"], number)
                        break
                    if answer.status_code not in (429, 503):
                        self.failures.append((name, answer.status_code, answer.text))
                        break
                except requests.RequestException:
                    pass
                if time.monotonic() > until:
                    self.failures.append((name, "never acknowledged"))
                    break
                time.sleep(0.05)

    def check_acknowledged(self, server, calls):
        """Exactly the acknowledged calls are there, and each ended as its number does."""
        self.assertEqual({str(uuid_of(call_id)) for call_id, _ in self.acknowledged.values()}, set(calls))
        connected = {call["to_number"] for call in calls.values() if call["started_at"] is not None}
        self.assertEqual(CONNECTED & {call["to_number"] for call in calls.values()}, connected)
        unconnected = {call["to_number"] for call in calls.values() if call["started_at"] is None}
        self.assertEqual(set(), unconnected & CONNECTED, "a call that should have connected did not")

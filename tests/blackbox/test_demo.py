"""`serve --demo` and `simulate`: a first call without a key, a phone or a network."""
import json
import re

import requests

from support.case import Case
from support.waiting import wait_until

SCENARIO = '''
[[callee]]
number = "+12025550150"
description = "asks for an order"
  [[callee.line]]
  say = "Returns desk, hello?"
  [[callee.line]]
  say = "What is the status of order 777?"
  [[callee.line]]
  say = "Thank you. Goodbye."
  hang_up = true

[[tool]]
name = "order_status"
description = "Look up the status of an order by its number"
input_schema = '{"type": "object", "properties": {"order_number": {"type": "string"}}, "required": ["order_number"]}'
result = '{"status": "shipped"}'

[expect]
status = "completed"
agent_says = ["shipped"]
agent_never_says = ["refund"]
tools_called = ["order_status"]
at_most = "2m"
'''


class Demo(Case):
    def test_the_demo_shows_a_call_its_bill_its_webhooks_and_how_to_go_on(self):
        served = self.server(start=False)
        served.settings.pop("TRUNKLINE_ALLOW_PRIVATE_URLS")
        served.start(("serve", "--demo"))
        text = wait_until(lambda: served.log() if "Serving until Ctrl-C" in served.log() else None, "the demo's first call", 45)
        self.assertRegex(text, r"(?m)^\s+\d+ s\s+user\s+Hello\?$")
        self.assertIn("Bill: 79 s = 2 started minutes at 0.10 USD: 0.20 USD", text)
        for event in ("call.queued", "call.started", "call.transcript_update", "call.completed"):
            self.assertRegex(text, rf"{event}\s+signature right")
        self.assertNotIn("WRONG", text)
        key = re.search(r"API key\s+(pk_live_\S+)", text).group(1)
        address = re.search(r"Address\s+(http://\S+)", text).group(1)
        self.assertEqual(served.url, address)
        self.assertRegex(text, r"Log-in\s+demo@example.com\s+\S{12,}")
        answer = requests.get(f"{address}/api/b2b/v1/calls", headers={"Authorization": f"Bearer {key}"}, timeout=10)
        self.assertEqual((200, 1), (answer.status_code, answer.json()["total"]))
        body = json.loads(re.search(r"-d '(\{.*\})'", text).group(1))
        placed = requests.post(f"{address}/api/b2b/v1/calls", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=10)
        self.assertEqual(201, placed.status_code, "what the demo suggests works")
        self.assertEqual(0, served.stop())

    def test_a_demo_can_be_started_again_on_its_data(self):
        served = self.server(start=False)
        for _ in range(2):
            served.log_path.unlink(missing_ok=True)
            served.start(("serve", "--demo"))
            wait_until(lambda: "Serving until Ctrl-C" in served.log(), "the demo is up", 45)
            self.assertEqual(0, served.stop())
        self.assertEqual(1, len(served.cli("accounts", "list")))


class Simulate(Case):
    def setUp(self):
        self.served = self.server(start=False)

    def test_a_simulation_prints_the_call(self):
        outcome = self.served.run("simulate", "--task", "Ask for the opening hours")
        self.assertEqual(0, outcome.code, outcome.err)
        self.assertIn("Hello?", outcome.out)
        self.assertIn("open until six", outcome.out)
        self.assertIn("As expected.", outcome.out)

    def test_its_json_tells_everything(self):
        report = self.served.run("simulate", "--to", "+12025550107", "--json").json
        self.assertEqual(("completed", "callee_hung_up", 3), (report["status"], report["ended_reason"],
                                                              report["duration_seconds"]))
        self.assertEqual(["call.queued", "call.started"], report["events"][:2])
        self.assertEqual("call.completed", report["events"][-1])
        self.assertEqual([], report["problems"])

    def test_a_scenario_with_its_own_callee_and_tool_meets_its_expectations(self):
        path = self.served.home / "returns.toml"
        path.write_text(SCENARIO)
        outcome = self.served.run("simulate", "--scenario", str(path), "--task", "Return a part", "--json")
        self.assertEqual(0, outcome.code, outcome.out + outcome.err)
        self.assertEqual(["order_status"], outcome.json["tools_called"])

    def test_a_disappointed_expectation_is_exit_code_1(self):
        path = self.served.home / "returns.toml"
        path.write_text(SCENARIO.replace('agent_says = ["shipped"]', 'agent_says = ["refunded"]'))
        outcome = self.served.run("simulate", "--scenario", str(path), "--task", "Return a part")
        self.assertEqual(1, outcome.code)
        self.assertIn('the agent never said "refunded"', outcome.out)

    def test_a_broken_scenario_says_what_is_wrong(self):
        path = self.served.home / "broken.toml"
        for text in ("[[callee]\n", '[[callee]]\nnumber = "123"\n', '[[callee]]\nnumbre = "+12025550150"\n'):
            path.write_text(text)
            with self.subTest(text):
                outcome = self.served.run("simulate", "--scenario", str(path))
                self.assertEqual(2, outcome.code, outcome.err)
                self.assertTrue(outcome.err.strip())

    def test_the_built_in_callees_can_be_printed_and_used_as_a_scenario(self):
        printed = self.served.run("simulate", "--print-callees")
        self.assertEqual(0, printed.code)
        path = self.served.home / "callees.toml"
        path.write_text(printed.out)
        outcome = self.served.run("simulate", "--scenario", str(path), "--to", "+12025550102", "--json")
        self.assertEqual(("failed", "busy"), (outcome.json["status"], outcome.json["ended_reason"]))

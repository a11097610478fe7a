"""A carrier that tells things twice, late and out of order (reliability F15): the outcomes are the same as without."""
from support.case import SECRET, Case
from support.receiver import Reply
from support.reckoning import check_books, check_webhooks, wait_until_all_is_told

NUMBERS = [f"+120255501{number:02}" for number in range(1, 12)]
TOOL = {"name": "order_status", "description": "Look up the status of an order by its number",
        "input_schema": {"type": "object", "properties": {"order_number": {"type": "string"}}, "required": ["order_number"]}}
FAULTS = {"duplicates": "duplicate=1", "delays": "delay=0.5,delay_max=60ms",
          "everything": "duplicate=0.5,delay=0.5,delay_max=150ms"}


class CarrierFaults(Case):
    def outcomes(self, faults):
        """What each number's call came to: status, reason, duration, bill, what the callee said."""
        hooks = self.receiver()
        hooks.behave("/tools", Reply.json({"result": {"status": "shipped"}}))
        server = self.server(TRUNKLINE_LOCAL_FAULTS=faults, TRUNKLINE_LOCAL_SPEED=300)
        account = server.account(url=hooks.url(), tool_url=hooks.url("/tools"), secret=SECRET)
        account.api.post("/tools", TOOL)
        ids = {number: account.api.place(number, "Return a part", max_duration_seconds=60) for number in NUMBERS}
        calls = {number: account.api.ended(call_id, 60) for number, call_id in ids.items()}
        wait_until_all_is_told(server)
        check_books(self, server)
        check_webhooks(self, server, hooks, "/events")
        return {number: self.outcome(call) for number, call in calls.items()}

    def outcome(self, call):
        said = [entry["text"] for entry in call["transcript"] if entry["role"] == "user"]
        # How far a talk gets until a fixed moment depends on the pace of the answers; who spoke first does not.
        return (call["status"], call["ended_reason"], call["answered_by"], call["started_at"] is not None, said[:1])

    def test_the_outcomes_are_those_of_an_orderly_carrier(self):
        orderly = self.outcomes("")
        for name, faults in FAULTS.items():
            with self.subTest(name):
                self.assertEqual(orderly, self.outcomes(faults))

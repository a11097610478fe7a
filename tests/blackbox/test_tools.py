"""Tools in the middle of a call: what is sent, what is accepted, what happens when it goes wrong
(contracts/voice-api.md §4.1, §9.4, §13)."""
import json
import time

from support import signatures
from support.api import Api
from support.case import SECRET, ServedCase
from support.ids import public_id
from support.receiver import Reply

SCHEMA = {"type": "object", "properties": {"order_number": {"type": "string"}}, "required": ["order_number"]}
TOOL = {"name": "order_status", "description": "Look up the status of an order by its number", "input_schema": SCHEMA}
SHIPPED = {"status": "shipped", "arrives": "Thursday"}


class ToolCase(ServedCase):
    def setUp(self):
        self.account = self.new_account()
        self.api = self.account.api
        self.path = f"/tools/{self.id().rpartition('.')[2]}"
        self.hooks.behave(self.path, Reply.json({"result": SHIPPED}))

    def ask(self, **fields):
        """A call to the callee who asks for order 12345; the ended call, the requests that came, the use as recorded."""
        fields.setdefault("tools", [TOOL])
        fields.setdefault("webhooks", {"tool_webhook_url": self.hooks.url(self.path)})
        call = self.api.ended(self.api.place("+12025550108", "Return a part", **fields), timeout=60)
        self.assertEqual("completed", call["status"], "the call goes on without a result")
        uses = [row for row in self.served.query("SELECT * FROM call_tool_uses ORDER BY id")
                if public_id("call_", row["call_id"]) == call["id"]]
        asked = [each for each in self.hooks.received() if each.path.startswith("/tools") and
                 each.body["call_id"] == call["id"]]
        return call, asked, uses

    def failure(self, reply, **fields):
        """What the use was recorded with when the tool's server answers so."""
        self.hooks.behave(self.path, reply)
        call, asked, uses = self.ask(**fields)
        self.assertEqual(1, len(asked), "one request per correlation id, never repeated")
        self.assertIsNone(uses[0]["result"])
        self.assertTrue(uses[0]["error"])
        self.assertNotIn("shipped", str(call["transcript"]))
        return uses[0]["error"]


class Requests(ToolCase):
    def test_a_registered_tool_is_asked_with_the_published_fields(self):
        """§9.4: tool_name, arguments, call_id, correlation_id and the optional ones; signed; no `event`."""
        self.api.post("/tools", TOOL)
        call, asked, uses = self.ask(tools=[], webhooks={})
        self.assertEqual(1, len(asked))
        body = asked[0].body
        self.assertEqual("/tools", asked[0].path, "the endpoint's setting")
        self.assertEqual({"tool_name": "order_status", "arguments": {"order_number": "12345"}, "call_id": call["id"],
                          "call_session_id": call["call_session_id"], "partner_id": self.account.id,
                          "correlation_id": public_id("cor_", uses[0]["id"])}, body)
        self.assertEqual(signatures.canonical(body).encode(), asked[0].raw)
        self.assertEqual("application/json", asked[0].headers["content-type"])
        signatures.check(self, asked[0], SECRET)

    def test_an_inline_tool_goes_to_the_calls_own_url(self):
        """§3.1, §9.4: `webhooks.tool_webhook_url` of the call comes first."""
        call, asked, uses = self.ask()
        self.assertEqual([self.path], [each.path for each in asked])
        self.assertIn("shipped", str(call["transcript"]))
        self.assertIsNotNone(uses[0]["finished_at"])

    def test_a_key_of_a_project_sends_the_project(self):
        """§9.4: `project_id` is optional."""
        key = self.served.cli("keys", "create", "--account", self.account.id, "--project", self.account.project_id)
        self.api = Api(self.served.url, key["api_key"])
        _, asked, _ = self.ask()
        self.assertEqual(self.account.project_id, asked[0].body["project_id"])

    def test_an_inline_tool_wins_over_a_registered_one_of_its_name(self):
        """§13: seen by the output schema that applies."""
        self.api.post("/tools", {**TOOL, "output_schema": {"type": "integer"}})
        _, _, uses = self.ask(tools=[{**TOOL, "output_schema": {"type": "object"}}])
        self.assertEqual("", uses[0]["error"])

    def test_registered_and_inline_tools_are_both_available(self):
        """§13."""
        self.api.post("/tools", TOOL)
        other = {"name": "weather", "description": "Tell the weather of a city", "input_schema": {"type": "object"}}
        _, asked, _ = self.ask(tools=[other])
        self.assertEqual(["order_status"], [each.body["tool_name"] for each in asked])

    def test_a_deleted_tool_is_not_asked(self):
        """§4.3."""
        tool = self.api.post("/tools", TOOL).json()
        self.api.delete(f"/tools/{tool['id']}")
        _, asked, _ = self.ask(tools=[])
        self.assertEqual([], asked)

    def test_each_use_has_a_correlation_id_of_its_own(self):
        """§9.4."""
        ids = {self.ask()[1][0].body["correlation_id"] for _ in range(3)}
        self.assertEqual(3, len(ids))

    def test_arguments_that_do_not_fit_the_schema_are_never_sent(self):
        """The schema is checked before the webhook is called."""
        impossible = {**SCHEMA, "properties": {"order_number": {"type": "string", "maxLength": 3}}}
        call, asked, uses = self.ask(tools=[{**TOOL, "input_schema": impossible}])
        self.assertEqual([], asked)
        self.assertTrue(all("do not fit" in use["error"] for use in uses))
        self.assertEqual("completed", call["status"])


class Replies(ToolCase):
    def test_any_json_value_may_be_the_result(self):
        """§9.4."""
        for result in ({"status": "shipped"}, "shipped", ["shipped", 1], 5, True, None, "versandt – déjà 👍"):
            with self.subTest(repr(result)):
                self.hooks.behave(self.path, Reply.json({"result": result}))
                _, _, uses = self.ask()
                self.assertEqual("", uses[0]["error"])
                self.assertEqual(result, json.loads(uses[0]["result"]))

    def test_the_echo_of_the_correlation_id_is_optional_but_must_be_right(self):
        """§9.4, §12."""
        self.hooks.behave(self.path, lambda delivery: Reply.json(
            {"result": SHIPPED, "correlation_id": delivery.body["correlation_id"]}))
        self.assertEqual("", self.ask()[2][0]["error"])
        self.assertIn("another request", self.failure(Reply.json({"result": SHIPPED, "correlation_id": "cor_other"})))

    def test_a_201_is_as_good_as_a_200(self):
        """§9.4: 2xx."""
        self.hooks.behave(self.path, Reply.json({"result": SHIPPED}, status=201))
        self.assertEqual("", self.ask()[2][0]["error"])

    def test_an_error_object_with_status_200_is_a_failure(self):
        """§9.4."""
        self.assertEqual("no such order", self.failure(Reply.json({"error": "no such order"})))

    def test_a_list_of_error_and_status_is_a_failure(self):
        """§9.4: the pair that some frameworks serialise as a list."""
        self.assertEqual("Invalid signature", self.failure(Reply.json([{"error": "Invalid signature"}, 401])))

    def test_other_statuses_are_failures_with_their_text(self):
        """§9.4: 400 unknown tool, 401 bad signature, 500 of asynchronous frameworks."""
        for status, body, expected in ((400, {"error": "Unknown tool"}, "Unknown tool"), (401, {"error": "Bad"}, "Bad"),
                                       (500, {}, "500"), (404, ["x"], "404"), (302, {"result": 1}, "302")):
            with self.subTest(status):
                self.assertIn(expected, self.failure(Reply.json(body, status=status)))

    def test_nonsense_is_a_failure(self):
        """§9.4: anything that holds no result."""
        for name, reply in (("no JSON", Reply(200, b"<html>ok</html>")), ("empty", Reply(200, b"")),
                            ("no result", Reply.json({"results": 1})), ("a text", Reply.json("shipped")),
                            ("an empty list", Reply.json([])), ("no HTTP", Reply(raw=b"hello\r\n\r\n")),
                            ("cut short", Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")),
                            ("too large", Reply(200, b'{"result":"' + b"x" * 300_000 + b'"}')),
                            ("too deep", Reply(200, b'{"result":' + b"[" * 200 + b"]" * 200 + b"}"))):
            with self.subTest(name):
                self.failure(reply)

    def test_a_result_that_does_not_fit_the_output_schema_is_a_failure(self):
        """§4.1: output_schema is checked after."""
        schema = {"type": "object", "required": ["status"], "properties": {"status": {"enum": ["shipped"]}}}
        fits = {**TOOL, "output_schema": schema}
        self.assertEqual("", self.ask(tools=[fits])[2][0]["error"])
        self.assertIn("does not fit its schema", self.failure(Reply.json({"result": {"status": "lost"}}), tools=[fits]))

    def test_a_tool_that_is_too_slow_is_given_up_and_its_late_answer_dropped(self):
        """§9.4: after timeout_ms the call goes on without a result."""
        started = time.monotonic()
        error = self.failure(Reply.json({"result": SHIPPED}, after=20), tools=[{**TOOL, "timeout_ms": 1000}])
        self.assertIn("in time", error)
        self.assertLess(time.monotonic() - started, 15)

    def test_a_tool_server_that_cannot_be_reached_is_a_failure(self):
        """§9.4."""
        _, _, uses = self.ask(webhooks={"tool_webhook_url": "http://127.0.0.1:1/"})
        self.assertIn("cannot be reached", uses[0]["error"])

    def test_a_call_without_a_tool_url_goes_on(self):
        """§9.4: tool definitions carry no URL."""
        self.api = self.served.account().api
        _, asked, uses = self.ask(webhooks={})
        self.assertEqual([], asked)
        self.assertIn("URL", uses[0]["error"])

    def test_a_slow_tool_does_not_leave_the_line_silent_nor_hold_up_other_calls(self):
        """reliability I9: other calls go on meanwhile."""
        self.hooks.behave(self.path, Reply.json({"result": SHIPPED}, after=8))
        slow = self.api.place("+12025550108", "Return a part", tools=[TOOL],
                              webhooks={"tool_webhook_url": self.hooks.url(self.path)})
        self.hooks.wait_for(1, self.path)
        started = time.monotonic()
        self.api.ended(self.api.place("+12025550107"))
        self.assertLess(time.monotonic() - started, 7)
        self.assertEqual("completed", self.api.ended(slow)["status"])

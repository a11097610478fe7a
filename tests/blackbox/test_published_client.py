"""A partner's existing client works unchanged (contracts/voice-api.md §1–§5, §8.1, §9.2, §10)."""
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

import published_client as pamela
from support.case import SECRET, ServedCase
from support.receiver import Reply
from support.waiting import wait_until

STOCK = {"type": "object", "properties": {"sku": {"type": "string"}}}


def wait_for_end(client, call_id):
    def look():
        call = client.get_call(call_id)
        return call if call["status"] in ("completed", "failed", "cancelled") and call["summary"] else None
    return wait_until(look, "the call ends", pause=0.05)


class CurrentClient(ServedCase):
    def setUp(self):
        self.client = pamela.Current(self.account.key, self.served.url)

    def test_places_a_call_with_every_field_and_follows_it(self):
        """§3.1, §3.2: the reply holds id, status, call_session_id and created_at; the rest comes by polling."""
        placed = self.client.create_call(
            to="+12025550101", task="Ask for opening hours", country="US", locale="en-US", instructions="Be brief",
            max_duration_seconds=120, voice="female", agent_name="Ava", caller_name="Zoë 👍", metadata={"ticket": "A-17"},
            tools=[{"name": "lookup", "description": "Look something up", "input_schema": STOCK}],
            webhooks={"webhook_url": self.hooks.url("/own")}, end_user_id="user-1")
        self.assertEqual({"id", "status", "call_session_id", "created_at"}, set(placed))
        self.assertEqual("queued", placed["status"])
        call = wait_for_end(self.client, placed["id"])
        self.assertEqual("completed", call["status"])
        self.assertEqual({"ticket": "A-17"}, call["metadata"])
        self.assertEqual("Zoë 👍", call["caller_name"])
        self.assertEqual(placed["call_session_id"], call["call_session_id"])
        self.assertTrue(call["started_at"])
        self.assertEqual({"role", "text", "timestamp"}, set(call["transcript"][0]))

    def test_leaves_empty_fields_out_and_they_mean_absent(self):
        """§1: falsy optional fields are not sent."""
        placed = self.client.create_call("+12025550102", "x", country="", metadata={}, tools=[], webhooks={}, voice="")
        self.assertTrue(placed["id"].startswith("call_"))

    def test_sends_a_maximum_duration_of_zero_and_learns_that_it_is_wrong(self):
        """§1, §13: 0 is sent, and is out of range: ValidationError with code 2001."""
        with self.assertRaises(pamela.ValidationError) as caught:
            self.client.create_call("+12025550101", "x", max_duration_seconds=0)
        self.assertEqual(2001, caught.exception.error_code)

    def test_lists_calls_with_both_filters_and_all_parameters(self):
        """§3.3: `status` and `status_filter` both arrive as status_filter."""
        placed = self.client.create_call("+12025550104", "x")
        wait_until(lambda: self.client.get_call(placed["id"])["status"] == "failed", "the call fails")
        for filters in ({"status": "failed"}, {"status_filter": "failed"}, {"status": "queued", "status_filter": "failed"}):
            page = self.client.list_calls(limit=5, start_date="2026-01-01", end_date="2099-01-01T00:00:00Z", **filters)
            self.assertIn(placed["id"], [item["id"] for item in page["items"]])
            self.assertEqual({"failed"}, {item["status"] for item in page["items"]})
            self.assertEqual((5, 0), (page["limit"], page["offset"]))

    def test_cancels_and_hangs_up_with_an_empty_post(self):
        """§1, §3.4, §3.5: Content-Length 0 with a JSON content type; the reply is the call."""
        cancelled = self.client.create_call("+12025550103", "x")
        self.assertEqual(cancelled["id"], self.client.cancel_call(cancelled["id"])["id"])
        hung_up = self.client.create_call("+12025550103", "x")
        self.assertIn("transcript", self.client.hangup_call(hung_up["id"]))

    def test_registers_lists_and_deletes_tools(self):
        """§4: the list is a bare array whose entries have ids; a repeated delete answers 200 again."""
        tool = self.client.register_tool("stock_level", "Units left of an article", STOCK)
        self.assertEqual(30000, tool["timeout_ms"])
        self.assertIn(tool["id"], [each["id"] for each in self.client.list_tools()])
        for _ in range(2):
            self.assertEqual({"id": tool["id"], "status": "deleted", "success": True}, self.client.delete_tool(tool["id"]))
        self.assertNotIn(tool["id"], [each["id"] for each in self.client.list_tools()])

    def test_reads_its_usage_as_the_published_example_does(self):
        """§5: `quota` is an object that may be chained into; `api_minutes` is always there."""
        usage = self.client.usage()
        self.assertIsNone(usage.get("quota").get("partner_limit"))
        self.assertIsInstance(usage["api_minutes"], int)
        self.assertEqual("2026-01", self.client.usage("2026-01")["period"])

    def test_raises_its_own_exceptions(self):
        """§8.1: by status, with code, message and details."""
        with self.assertRaises(pamela.CallError) as caught:
            self.client.get_call("call_unknown")
        error = caught.exception
        self.assertEqual((404, 7003, "No such call", {"call_id": "call_unknown"}),
                         (error.status_code, error.error_code, error.message, error.details))
        with self.assertRaises(pamela.PamelaError) as caught:
            self.client.delete_tool("tool_unknown")
        self.assertIs(pamela.PamelaError, type(caught.exception))
        with self.assertRaises(pamela.ValidationError) as caught:
            self.client.create_call("12345", "x")
        self.assertEqual(2002, caught.exception.error_code)
        with self.assertRaises(pamela.AuthenticationError) as caught:
            pamela.Current("pk_live_nonsense", self.served.url).list_calls(limit=1)
        self.assertEqual(1002, caught.exception.error_code)
        closed = self.served.account(subscription="none")
        with self.assertRaises(pamela.SubscriptionError) as caught:
            pamela.Current(closed.key, self.served.url).list_calls(limit=1)
        self.assertEqual(1005, caught.exception.error_code)

    def test_works_behind_an_origin_with_a_path_prefix(self):
        """§1: the origin may carry a path prefix that a proxy strips."""
        upstream = self.served.url

        class Proxy(BaseHTTPRequestHandler):
            def do_GET(self):
                answer = requests.get(upstream + self.path.removeprefix("/voice"), headers=dict(self.headers), timeout=10)
                self.send_response(answer.status_code)
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *arguments):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
            threading.Thread(target=proxy.serve_forever, daemon=True).start()
            client = pamela.Current(self.account.key, f"http://127.0.0.1:{proxy.server_port}/voice")
            self.assertIn("items", client.list_calls(limit=1))
            proxy.shutdown()

    def test_verifies_events_and_tool_requests_from_raw_text_and_from_objects(self):
        """§9.2, §9.3: the default style satisfies the current client both ways, and the legacy one on raw text."""
        self.client.register_tool("order_status", "Look up the status of an order by its number",
                                  {"type": "object", "properties": {"order_number": {"type": "string"}},
                                   "required": ["order_number"]})
        self.hooks.behave("/tools", Reply.json({"result": {"status": "shipped"}}))
        placed = self.client.create_call("+12025550108", "Return a part", metadata={"näme": "Zoë 👍", "n": 1.10})
        wait_for_end(self.client, placed["id"])
        self.hooks.wait_for_event(placed["id"])
        ours = [each for each in self.hooks.received() if each.body.get("call_id") == placed["id"]]
        self.assertIn("/tools", {each.path for each in ours})
        for delivery in ours:
            signature = delivery.headers["x-pamela-signature"]
            self.assertTrue(pamela.verify_current(delivery.raw.decode(), signature, SECRET))
            self.assertTrue(pamela.verify_legacy(delivery.raw.decode(), signature, SECRET))
            self.assertTrue(pamela.verify_current(delivery.body, signature, SECRET))
            self.assertFalse(pamela.verify_legacy(delivery.body, signature, SECRET))
            self.assertFalse(pamela.verify_current(delivery.body, signature, SECRET + "x"))
            if delivery.path == "/tools":
                self.assertEqual({"order_number": "12345"}, pamela.parse_tool_webhook(delivery.body)["arguments"])


class LegacyClient(ServedCase):
    def setUp(self):
        self.client = pamela.Legacy(self.account.key, self.served.url + "/")

    def test_drives_all_of_its_methods(self):
        """§2: the legacy client has no hangup and no usage; its filter is named `status` (§3.3)."""
        placed = self.client.create_call("+12025550101", "Ask", country="US", locale="en-US", metadata={"a": 1})
        self.assertEqual("completed", wait_for_end(self.client, placed["id"])["status"])
        page = self.client.list_calls(status="completed", limit=10)
        self.assertIn(placed["id"], [item["id"] for item in page["items"]])
        self.assertEqual([], self.client.list_calls(status="cancelled", end_date="2020-01-01")["items"])
        self.assertEqual(placed["id"], self.client.cancel_call(placed["id"])["id"])
        tool = self.client.register_tool("stock_level", "Units left", STOCK)
        self.assertEqual([tool["id"]], [each["id"] for each in self.client.list_tools()])
        self.assertTrue(self.client.delete_tool(tool["id"])["success"])

    def test_raises_plain_http_errors(self):
        """§8.1: the legacy client ignores error bodies."""
        with self.assertRaises(requests.HTTPError) as caught:
            self.client.get_call("call_unknown")
        self.assertEqual(404, caught.exception.response.status_code)

    def test_verifies_spaced_signatures_from_objects(self):
        """§9.3: the style `spaced` is for the legacy client, which serialises again with spaces."""
        account = self.new_account(style="spaced")
        placed = pamela.Legacy(account.key, self.served.url).create_call("+12025550102", "x", metadata={"a": "Zoë 👍"})
        self.hooks.wait_for_event(placed["id"])
        for delivery in self.hooks.received():
            if delivery.body["call_id"] == placed["id"]:
                signature = delivery.headers["x-pamela-signature"]
                self.assertTrue(pamela.verify_legacy(delivery.body, signature, SECRET))
                self.assertTrue(pamela.verify_legacy(delivery.raw.decode(), signature, SECRET))
                self.assertFalse(pamela.verify_current(delivery.body, signature, SECRET))


class RateLimits(ServedCase):
    settings = {"TRUNKLINE_READS_PER_SECOND": 1, "TRUNKLINE_WRITES_PER_SECOND": 1}

    def test_a_post_over_the_limit_surfaces_at_once_and_says_how_long_to_wait(self):
        """§8.4: 429 with code 6001, `details.retry_after`, and a Retry-After of whole seconds."""
        client = pamela.Current(self.account.key, self.served.url)
        with self.assertRaises(pamela.RateLimitError) as caught:
            for _ in range(40):
                client.create_call("+12025550102", "x")
        self.assertEqual((429, 6001), (caught.exception.status_code, caught.exception.error_code))
        self.assertGreaterEqual(caught.exception.details["retry_after"], 1)
        refused = next(answer for answer in (self.api.post("/calls", {"to": "+12025550102", "task": "x"})
                                             for _ in range(40)) if answer.status_code != 201)
        detail = self.assert_error(refused, 429, 6001)
        self.assertEqual(refused.headers["Retry-After"], str(detail["details"]["retry_after"]))

    def test_a_get_over_the_limit_is_repeated_silently_after_the_wait(self):
        """§8.4, §10: the client sleeps as Retry-After says and succeeds."""
        client = pamela.Current(self.new_account().key, self.served.url)
        waited = 0
        for _ in range(60):  # more than any bucket holds; each loop of the server has buckets of its own
            started = time.monotonic()
            self.assertEqual([], client.list_tools())
            waited = time.monotonic() - started
            if waited > 0.5:
                break
        self.assertGreater(waited, 0.5)

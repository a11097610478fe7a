"""Every bad request gets the contract's exact envelope and code, and changes nothing (contracts/voice-api.md §8.2, §8.3)."""
from datetime import datetime, timedelta, timezone

from support.api import Api
from support.case import ServedCase, facts
from support.waiting import wait_until

LONG = "x" * 20_000
TOOL = {"name": "t", "description": "d", "input_schema": {"type": "object"}}

# What is wrong with a body for POST /calls, and the code for it (§3.1, §13). Each is laid over a body that is right.
CALLS = [
    ("to is missing", {"to": None}, 2001), ("to is a number", {"to": 49}, 2001), ("to is no E.164", {"to": "030 123456"}, 2002),
    ("to has letters", {"to": "+49abc"}, 2002), ("to is empty", {"to": ""}, 2002), ("to is too short", {"to": "+1"}, 2002),
    ("to is too long", {"to": "+" + "1" * 16}, 2002), ("task is missing", {"task": None}, 2001),
    ("task is empty", {"task": ""}, 2001), ("task is a list", {"task": []}, 2001), ("task is too long", {"task": LONG}, 2001),
    ("max_duration_seconds is 0", {"max_duration_seconds": 0}, 2001),
    ("max_duration_seconds is negative", {"max_duration_seconds": -1}, 2001),
    ("max_duration_seconds is over an hour", {"max_duration_seconds": 3601}, 2001),
    ("max_duration_seconds is a fraction", {"max_duration_seconds": 1.5}, 2001),
    ("max_duration_seconds is a text", {"max_duration_seconds": "60"}, 2001),
    ("voice is unknown", {"voice": "robot"}, 2001), ("metadata is a list", {"metadata": [1]}, 2001),
    ("metadata is a text", {"metadata": "a"}, 2001), ("metadata is over 16 KiB", {"metadata": {"a": LONG}}, 2001),
    ("tools is an object", {"tools": {}}, 2001), ("a tool has no name", {"tools": [{**TOOL, "name": ""}]}, 2001),
    ("a tool's name has a space", {"tools": [{**TOOL, "name": "a b"}]}, 2001),
    ("a tool's schema is a text", {"tools": [{**TOOL, "input_schema": "x"}]}, 2001),
    ("a tool's schema is no JSON Schema", {"tools": [{**TOOL, "input_schema": {"type": "nothing"}}]}, 2001),
    ("a tool's timeout is too short", {"tools": [{**TOOL, "timeout_ms": 999}]}, 2001),
    ("a tool's timeout is too long", {"tools": [{**TOOL, "timeout_seconds": 121}]}, 2001),
    ("webhooks is a text", {"webhooks": "https://example.com"}, 2001),
    ("webhook_url is no URL", {"webhooks": {"webhook_url": "nonsense"}}, 2001),
    ("webhook_url is of another scheme", {"webhooks": {"webhook_url": "ftp://example.com/"}}, 2001),
    ("webhook_url has a password", {"webhooks": {"webhook_url": "https://a:b@example.com/"}}, 2001),
    ("tool_webhook_url is no URL", {"webhooks": {"tool_webhook_url": "nonsense"}}, 2001),
    ("country is a sentence", {"country": "Germany"}, 2001), ("country does not exist", {"country": "ZZ"}, 7005),
    ("country has no numbers", {"country": "AQ"}, 7004), ("end_user_id is a number", {"end_user_id": 5}, 2001),
    ("instructions is a list", {"instructions": ["a"]}, 2001), ("agent_name is too long", {"agent_name": LONG}, 2001),
]

TOOLS = [
    ("name is missing", {"name": None}), ("name is too long", {"name": "x" * 65}), ("name has a slash", {"name": "a/b"}),
    ("description is missing", {"description": None}), ("input_schema is missing", {"input_schema": None}),
    ("input_schema is a list", {"input_schema": []}), ("input_schema is no JSON Schema", {"input_schema": {"type": 5}}),
    ("output_schema is a text", {"output_schema": "x"}), ("output_schema is no JSON Schema", {"output_schema": {"type": 5}}),
    ("timeout_ms is 999", {"timeout_ms": 999}), ("timeout_ms is 120001", {"timeout_ms": 120_001}),
    ("timeout_ms is a text", {"timeout_ms": "30000"}), ("timeout_seconds is half a second", {"timeout_seconds": 0.5}),
]

QUERIES = [
    "limit=-1", "limit=ten", "limit=1.5", "offset=-1", "offset=x", "status=unknown", "status_filter=canceled",
    "start_date=yesterday", "end_date=2026-13-01", "start_date=2026-02-30",
]

# Bytes that are no JSON object, or one that must not be trusted (design: control C9).
BODIES = [
    ("empty", b""), ("not JSON", b"hello"), ("a list", b"[]"), ("a text", b'"x"'), ("null", b"null"),
    ("a cut object", b'{"to": "+12025550101"'), ("two values", b"{} {}"), ("single quotes", b"{'to': 1}"),
    ("a comment", b"{/* */}"), ("a trailing comma", b'{"to": "+12025550101",}'), ("NaN", b'{"metadata": {"a": NaN}}'),
    ("Infinity", b'{"metadata": {"a": Infinity}}'), ("an overflow", b'{"metadata": {"a": 1e400}}'),
    ("duplicate keys", b'{"to": "+12025550101", "to": "+12025550102", "task": "x"}'),
    ("invalid UTF-8", b'{"to": "+12025550101", "task": "\xff\xfe"}'),
    ("overlong UTF-8", b'{"to": "+12025550101", "task": "\xc0\xaf"}'),
    ("a lone surrogate", b'{"to": "+12025550101", "task": "\\ud800"}'),
    ("a NUL", b'{"to": "+12025550101", "task": "a\\u0000b"}'),
    ("a raw control character", b'{"to": "+12025550101", "task": "a\x01b"}'),
    ("too deep", b'{"to": "+12025550101", "task": "x", "metadata": ' + b'{"a":' * 70 + b"1" + b"}" * 70 + b"}"),
    ("a megabyte too many", b'{"task": "' + b"x" * (1024 * 1024) + b'"}'),
]


class Refusals(ServedCase):
    def setUp(self):
        self.before = facts(self.served)

    def tearDown(self):
        self.assertEqual(self.before, facts(self.served), "a refused request changed something")

    def test_wrong_calls(self):
        """§3.1, §8.3, §13: 400 with 2001, 2002, 7004 or 7005."""
        for name, wrong, code in CALLS:
            body = {"to": "+12025550101", "task": "x", **wrong}
            body = {key: value for key, value in body.items() if value is not None}
            with self.subTest(name):
                self.assert_error(self.api.post("/calls", body), 400, code)

    def test_a_validation_error_names_the_field(self):
        """§8.2: `details` is an object that points at what is wrong."""
        detail = self.assert_error(self.api.post("/calls", {"to": "+12025550101", "task": "x", "voice": "robot"}), 400, 2001)
        self.assertIn("voice", detail["message"])
        self.assertIn("/voice", detail["details"])

    def test_wrong_tools_bare_and_wrapped(self):
        """§4.1, §13: 400 with 2001."""
        for name, wrong in TOOLS:
            tool = {key: value for key, value in {**TOOL, **wrong}.items() if value is not None}
            with self.subTest(name):
                self.assert_error(self.api.post("/tools", tool), 400, 2001)
                self.assert_error(self.api.post("/tools", {"tool": tool}), 400, 2001)

    def test_wrong_list_parameters(self):
        """§3.3, §13: 400 with 2001."""
        for query in QUERIES:
            with self.subTest(query):
                self.assert_error(self.api.get(f"/calls?{query}"), 400, 2001)

    def test_wrong_periods(self):
        """§5, §13: 400 with 2001."""
        for period in ("2026", "2026-13", "2026-00", "26-01", "2026-1", "2026-01-01", "now"):
            with self.subTest(period):
                self.assert_error(self.api.get(f"/usage?period={period}"), 400, 2001)

    def test_bodies_that_are_no_object_or_not_to_be_trusted(self):
        """§13: 400 with 2001, whatever the defect."""
        for name, raw in BODIES:
            for path in ("/calls", "/tools"):
                with self.subTest(name, path=path):
                    answer = Api(self.served.url, self.account.key).post(path, data=raw)
                    self.assert_error(answer, 400, 2001)

    def test_wrong_idempotency_keys(self):
        """§13: a key of at most 255 visible characters."""
        for key in ("x" * 256, "with space"):
            with self.subTest(key[:12]):
                self.assert_error(self.api.post("/calls", {"to": "+12025550102", "task": "x"},
                                                headers={"Idempotency-Key": key}), 400, 2001)

    def test_unknown_calls(self):
        """§3.2, §8.3: 404 with 7003, whatever the id looks like."""
        for call_id in ("call_00000000000000000000000000", "call_x", "cs_1", "x" * 300, "call_%00", "%2e%2e", "call_7Kq2;--"):
            for method, suffix in (("GET", ""), ("POST", "/cancel"), ("POST", "/hangup"), ("GET", "/events"), ("GET", "/live")):
                with self.subTest(call_id[:20] + suffix):
                    self.assert_error(self.api.request(method, f"/calls/{call_id}{suffix}"), 404, 7003, "No such call")

    def test_unknown_tools_and_paths(self):
        """§4.3, §13: 404 in the usual envelope, without a code."""
        for tool_id in ("tool_00000000000000000000000000", "tool_x", "x"):
            self.assert_error(self.api.delete(f"/tools/{tool_id}"), 404, None)
        for method, path in (("GET", "/nothing"), ("POST", "/calls/x/y/z"), ("GET", "")):
            self.assert_error(self.api.request(method, path), 404, None)

    def test_wrong_methods(self):
        """405 in the usual envelope, with Allow."""
        for method, path in (("PUT", "/calls"), ("DELETE", "/calls"), ("PATCH", "/tools"), ("POST", "/usage")):
            with self.subTest(f"{method} {path}"):
                answer = self.api.request(method, path)
                self.assert_error(answer, 405, None)
                self.assertIn("GET", answer.headers["Allow"])

    def test_missing_and_malformed_authorization(self):
        """§13: 1001 for a missing or malformed header."""
        for header in (None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "pk_live_abc", "Token pk_live_abc"):
            with self.subTest(str(header)):
                answer = Api(self.served.url, None).get("/calls", headers={"Authorization": header} if header else {})
                self.assert_error(answer, 401, 1001)

    def test_order_of_checks(self):
        """§13: 401, then 403, then 400, then 404."""
        nobody = Api(self.served.url, "pk_live_nonsense")
        self.assert_error(nobody.post("/calls", data=b"no JSON"), 401, 1002)
        self.assert_error(nobody.get("/calls/call_x"), 401, 1002)


class Keys(ServedCase):
    def test_unknown_revoked_and_expired_keys(self):
        """§8.3, §13: 1002 for unknown and revoked ones, 1003 past expiry."""
        key = self.account.key
        unknown = ("pk_live_", key[:-1] + ("a" if key[-1] != "a" else "b"), key + "x", key.upper(), key[:-4],
                   "pk_test_" + key[8:], "x", "pk_live_" + "é" * 10)
        for each in unknown:
            with self.subTest(each[:14]):
                self.assert_error(Api(self.served.url, None).get("/calls", headers={
                    "Authorization": f"Bearer {each}".encode()}), 401, 1002)
        made = self.served.cli("keys", "create", "--account", self.account.id)
        api = Api(self.served.url, made["api_key"])
        self.assertEqual(200, api.get("/tools").status_code)
        self.served.cli("keys", "revoke", "--account", self.account.id, made["id"])
        wait_until(lambda: api.get("/tools").status_code == 401, "a revoked key ends within 5 s", 5)
        self.assert_error(api.get("/tools"), 401, 1002)
        expired = self.served.cli("keys", "create", "--account", self.account.id, "--expires-at", "2026-01-01")
        self.assert_error(Api(self.served.url, expired["api_key"]).get("/tools"), 401, 1003)

    def test_a_user_token_is_no_api_key_and_an_api_key_no_user_token(self):
        """§2, §7.1: the partner endpoints take a user token, the others an API key."""
        token = self.served.user_token(self.account.id)
        self.assertEqual(200, Api(self.served.url, token).get("/partner/subscription").status_code)
        self.assert_error(Api(self.served.url, token).get("/calls"), 401, 1002)
        self.assert_error(self.api.get("/partner/subscription"), 401, 1002)

    def test_subscription_gate(self):
        """§7.2, §13: 1005 without one or when canceled, 7008 after the grace week, access within it."""
        now = datetime.now(timezone.utc)
        cases = [("none", None, 1005), ("canceled", None, 1005), ("active", None, None),
                 ("past_due", now - timedelta(days=6, hours=23), None), ("past_due", now - timedelta(days=7, seconds=5), 7008)]
        account = self.served.account()
        for status, since, code in cases:
            options = ["--since", since.strftime("%Y-%m-%dT%H:%M:%SZ")] if since else []
            self.served.cli("accounts", "subscription", "--account", account.id, "--status", status, *options)
            with self.subTest(status, since=str(since)):
                wanted = 403 if code else 200
                wait_until(lambda: account.api.get("/tools").status_code == wanted, f"{status} answers {wanted}", 5)
                if code:
                    before = facts(self.served)
                    self.assert_error(account.api.post("/calls", {"to": "+12025550102", "task": "x"}), 403, code)
                    self.assert_error(account.api.get("/calls/call_x"), 403, code)
                    self.assert_error(account.api.post("/calls", data=b"no JSON"), 403, code)
                    self.assertEqual(before, facts(self.served))

    def test_keys_are_shown_once(self):
        """§7.1: the full key is in the create reply only."""
        listed = self.served.run("keys", "list", "--account", self.account.id, "--json").out
        self.assertIn(self.account.key_id, listed)
        self.assertNotIn(self.account.key, listed)


class Guessing(ServedCase):
    def test_guessing_keys_is_slowed_down(self):
        """design: control C10; 429 with code 6001 once too many keys were wrong, and a right key still works."""
        guesser = Api(self.served.url, "pk_live_nonsense")
        answers = [guesser.get("/calls") for _ in range(400)]
        self.assertEqual(401, answers[0].status_code)
        self.assert_error(next(answer for answer in answers if answer.status_code != 401), 429, 6001)
        self.assertEqual(200, self.api.get("/tools").status_code)


class Countries(ServedCase):
    settings = {"TRUNKLINE_COUNTRIES": "DE,GB", "TRUNKLINE_ALLOW_PRIVATE_URLS": "0"}

    @classmethod
    def new_account(cls, **_):
        return cls.served.account()

    def test_only_configured_countries_can_be_called(self):
        """§8.3: 7005, from the country given and from the number."""
        self.assert_error(self.api.post("/calls", {"to": "+12025550101", "task": "x"}), 400, 7005)
        self.assert_error(self.api.post("/calls", {"to": "+4930123456", "task": "x", "country": "US"}), 400, 7005)
        self.api.ended(self.api.place("+4930123456", country="de"))
        self.served.wait_for_idle()

    def test_webhooks_to_private_addresses_and_without_tls_are_refused(self):
        """§13, "Webhook URL checks": https, no private addresses, outside development."""
        before = facts(self.served)
        for url in ("http://example.com/", "https://127.0.0.1/", "https://10.0.0.1/", "https://[::1]/", "https://0x7f.1/",
                    "https://2130706433/", "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/"):
            with self.subTest(url):
                self.assert_error(self.api.post("/calls", {"to": "+4930123456", "task": "x",
                                                           "webhooks": {"webhook_url": url}}), 400, 2001)
        self.assertEqual(before, facts(self.served))
        refused = self.served.run("webhooks", "endpoint", "set", "--account", self.account.id, "--url", "https://127.0.0.1/")
        self.assertEqual(2, refused.code, refused.err)


class Payments(ServedCase):
    def test_the_two_payment_endpoints_say_that_payments_are_not_configured(self):
        """§7.2: a clear 503 that the client can read (a POST is not retried)."""
        partner = Api(self.served.url, self.served.user_token(self.account.id))
        for path in ("/partner/subscription/checkout", "/partner/subscription/portal"):
            self.assert_error(partner.post(path), 503, None, "payments not configured")

"""The test classes' common part: one server, one receiver and one account for a class, unless it asks for something else."""
import unittest

from .options import OPTIONS
from .receiver import Receiver
from .server import Server

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Case(unittest.TestCase):
    """Tests that make their own servers: whatever is made through `server()` and `receiver()` ends with the test."""
    maxDiff = None

    def server(self, start=True, **settings):
        server = Server(**settings)
        self.addCleanup(server.close)
        return server.start() if start else server

    def receiver(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        return receiver


class ServedCase(Case):
    """Tests that share a running server, `self.served`, with an account whose webhooks go to `self.hooks`."""
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.served = Server(**cls.settings)
        cls.addClassCleanup(cls.served.close)
        cls.hooks = Receiver()
        cls.addClassCleanup(cls.hooks.close)
        cls.served.start()
        cls.account = cls.new_account()
        cls.api = cls.account.api

    @classmethod
    def new_account(cls, **endpoint):
        return cls.served.account(url=cls.hooks.url(), tool_url=cls.hooks.url("/tools"), secret=SECRET, **endpoint)

    def assert_error(self, answer, status, code, message_part=""):
        """The envelope of contracts/voice-api.md §8.2, as both generations of clients read it."""
        self.assertEqual(status, answer.status_code, answer.text)
        self.assertEqual("application/json", answer.headers["Content-Type"])
        body = answer.json()
        detail = body["detail"]
        self.assertEqual({"message", "details"} | ({"error_code"} if code else set()), set(detail))
        if code:
            self.assertIs(int, type(detail["error_code"]))
            self.assertEqual(code, detail["error_code"])
        self.assertTrue(detail["message"])
        self.assertIn(message_part, detail["message"])
        self.assertIsInstance(detail["details"], dict)
        self.assertEqual({"detail": detail, **detail}, body)
        self.assertNotIn("error", body)
        return detail


def facts(server):
    """How much there is of everything that a request could have changed."""
    tables = ("calls", "call_entries", "call_tool_uses", "tools", "call_idempotency", "webhook_messages",
              "webhook_endpoints", "usage_entries", "local_legs", "credentials", "users", "accounts", "projects",
              "jobs WHERE kind <> 'maintenance.hourly'")
    union = " UNION ALL ".join(f"SELECT '{table.split()[0]}' AS name, count(*) AS n FROM {table}" for table in tables)
    return {row["name"]: row["n"] for row in server.query(union)}


def minutes_of(seconds):
    """contracts/voice-api.md §6."""
    return max(-(-seconds // 60), 1)


needs_sqlite = unittest.skipIf(OPTIONS.postgresql, "of SQLite only")

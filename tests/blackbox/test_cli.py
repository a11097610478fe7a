"""The command line (ux §1.2): help with examples, JSON everywhere, exit codes, and mistakes that say what to do."""
import json
import re

from support.case import SECRET, ServedCase

COMMANDS = ["serve", "migrate up", "migrate status", "migrate plan", "openapi", "config", "version", "accounts create",
            "accounts list", "accounts subscription", "projects create", "projects list", "users create", "users token",
            "keys create", "keys list", "keys revoke", "calls create", "calls get", "calls list", "calls cancel", "calls hangup",
            "calls tail", "usage", "tools add", "tools list", "tools remove", "webhooks endpoint set", "webhooks endpoint show",
            "webhooks list", "webhooks attempts", "webhooks replay", "jobs list", "jobs retry", "jobs park", "simulate", "doctor"]
UNKNOWN = "0" * 25 + "1"


class Help(ServedCase):
    def test_every_commands_help_has_an_example(self):
        for command in COMMANDS:
            with self.subTest(command):
                outcome = self.served.run(*command.split(), "--help")
                self.assertEqual(0, outcome.code)
                self.assertRegex(outcome.out, rf"(?s)Examples:.*trunkline .*{command}")

    def test_the_general_help_lists_every_command_and_examples(self):
        text = self.served.run("--help").out
        self.assertIn("Examples:", text)
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^\s*{command.split()[0]}\b")

    def test_no_colour_where_there_is_no_terminal(self):
        for arguments in (("accounts", "list"), ("doctor",), ("nonsense",)):
            outcome = self.served.run(*arguments)
            self.assertNotIn("\033", outcome.out + outcome.err)


class Commands(ServedCase):
    def test_every_command_speaks_json(self):
        account = self.account.id
        call_id = self.api.place("+12025550107", metadata={"a": 1})
        self.api.ended(call_id)
        self.hooks.wait_for_event(call_id)
        tool_file = self.served.home / "tool.json"
        tool_file.write_text(json.dumps({"name": "t", "description": "d", "input_schema": {"type": "object"}}))
        cli, of = self.served.cli, ("--account", account)
        self.assertEqual([], cli("migrate", "up")["ran"])
        self.assertTrue(all(each["applied_at"] for each in cli("migrate", "status")))
        self.assertEqual("", cli("migrate", "plan")["sql"])
        self.assertRegex(cli("version")["version"], r"^\d+\.\d+\.\d+")
        self.assertEqual("environment", cli("config")["local_speed"]["from"])
        self.assertIn(account, [each["id"] for each in cli("accounts", "list")])
        self.assertEqual("active", cli("accounts", "subscription", *of, "--status", "active")["subscription"])
        project = cli("projects", "create", *of, "--name", "Second")
        self.assertIn(project["id"], [each["id"] for each in cli("projects", "list", *of)])
        user = cli("users", "create", *of, "--email", "Ann@example.com", "--name", "Ann")
        self.assertGreaterEqual(len(user["password"]), 12)
        self.assertTrue(cli("users", "token", "--email", "ann@example.com")["token"])
        key = cli("keys", "create", *of, "--project", project["id"], "--name", "ci")
        self.assertEqual(("ci", project["id"]), (key["name"], key["project_id"]))
        self.assertIn(key["id"], [each["id"] for each in cli("keys", "list", *of)])
        self.assertTrue(cli("keys", "revoke", *of, key["id"])["revoked_at"])
        placed = cli("calls", "create", *of, "--to", "+12025550102", "--task", "Ask", "--metadata", '{"b": [1]}')
        self.assertEqual("queued", placed["status"])
        self.assertEqual("failed", self.api.ended(placed["id"])["status"], "the running server dials it")
        self.assertEqual(self.api.call(call_id), cli("calls", "get", *of, call_id))
        self.assertIn(call_id, [each["id"] for each in cli("calls", "list", *of, "--status", "completed")["items"]])
        for way in ("cancel", "hangup"):
            self.assertEqual("completed", cli("calls", way, *of, call_id)["status"])
        self.assertEqual(self.api.get("/usage").json()["api_minutes"], cli("usage", *of)["api_minutes"])
        tool = cli("tools", "add", *of, str(tool_file))
        self.assertEqual([tool], cli("tools", "list", *of))
        self.assertEqual("deleted", cli("tools", "remove", *of, tool["id"])["status"])
        self.assertEqual(SECRET, cli("webhooks", "endpoint", "set", *of, "--style", "compact")["secret"])
        self.assertEqual("hidden", cli("webhooks", "endpoint", "show", *of)["secret"])
        self.assertEqual(SECRET, cli("webhooks", "endpoint", "show", *of, "--reveal")["secret"])
        message = cli("webhooks", "list", *of, "--call", call_id)[0]
        self.assertEqual(200, cli("webhooks", "attempts", *of, message["id"])[0]["status"])
        self.assertIsInstance(cli("jobs", "list"), list)
        self.assertEqual("3.1.0", cli("openapi")["openapi"])

    def test_a_followed_call_prints_its_lines_and_ends_with_it(self):
        call_id = self.api.place("+12025550107")
        outcome = self.served.run("calls", "tail", "--account", self.account.id, call_id)
        self.assertEqual(0, outcome.code, outcome.err)
        self.assertIn("Yes?", outcome.out)
        self.assertIn("completed", outcome.out)

    def test_fixed_names_that_scripts_rely_on(self):
        made = self.served.cli("accounts", "create", "--name", "N", "--subscription", "active")
        self.assertLessEqual({"id", "partner_id", "project_id"}, set(made))
        self.assertLessEqual({"id", "api_key"}, set(self.served.cli("keys", "create", "--account", made["id"])))
        self.served.cli("webhooks", "endpoint", "set", "--account", made["id"], "--url", "https://example.com/u", "--tool-url",
                        "https://example.com/t", "--secret", SECRET)

    def test_a_password_can_come_by_standard_input_and_is_not_shown(self):
        made = self.served.cli("users", "create", "--account", self.account.id, "--email", "in@example.com", "--password-stdin",
                               stdin="correct horse battery\n")
        self.assertNotIn("password", made)
        short = self.served.run("users", "create", "--account", self.account.id, "--email", "short@example.com",
                                "--password-stdin", stdin="short\n")
        self.assertEqual(2, short.code, short.err)
        self.assertIn("12", short.err)


class Mistakes(ServedCase):
    def test_exit_codes_and_advice(self):
        """ux §1.2: 2 usage, 4 not found, 5 conflict, 6 unavailable; each message says what to do."""
        of = ("--account", self.account.id)
        rows = [((), 2, "--help"), (("nonsense",), 2, "--help"), (("acounts", "list"), 2, "Did you mean `trunkline accounts"),
                (("accounts",), 2, "--help"), (("accounts", "create"), 2, "--name"),
                (("accounts", "create", "--name", "x", "--subscription", "gold"), 2, "active"),
                (("keys", "create", "--account", "nonsense"), 2, "trunkline accounts list"),
                (("keys", "create", "--account", f"prt_{UNKNOWN}"), 4, "account"),
                (("keys", "create", *of, "--project", f"prj_{UNKNOWN}"), 4, "project"),
                (("keys", "revoke", *of, f"key_{UNKNOWN}"), 4, "key"),
                (("keys", "create", *of, "--expires-at", "soon"), 2, "2026-03-02"),
                (("calls", "get", *of, "nonsense"), 2, "trunkline calls list"),
                (("calls", "get", *of, f"call_{UNKNOWN}"), 4, "No such call"),
                (("calls", "create", *of, "--to", "123", "--task", "x"), 2, "+"),
                (("calls", "create", *of, "--to", "+12025550101", "--task", "x", "--max-duration", "0"), 2, "3600"),
                (("calls", "create", *of, "--to", "+12025550101", "--task", "x", "--metadata", "{"), 2, ""),
                (("calls", "list", *of, "--status", "lost"), 2, "queued"), (("calls", "list", *of, "--limit", "x"), 2, "number"),
                (("usage", *of, "--period", "now"), 2, "2026-03"), (("tools", "add", *of, "/nowhere.json"), 2, "/nowhere.json"),
                (("tools", "remove", *of, f"tool_{UNKNOWN}"), 4, "tool"),
                (("webhooks", "endpoint", "set", *of, "--url", "nonsense"), 2, "URL"),
                (("webhooks", "endpoint", "set", *of, "--secret", "short"), 2, "8"),
                (("webhooks", "endpoint", "set", *of, "--style", "pretty"), 2, "compact"),
                (("webhooks", "attempts", *of, f"msg_{UNKNOWN}"), 4, "message"),
                (("webhooks", "attempts", *of, "x"), 2, "trunkline webhooks list"),
                (("jobs", "retry", "x"), 2, "trunkline jobs list"),
                (("jobs", "retry", "00000000-0000-0000-0000-000000000000/00000000-0000-0000-0000-000000000001"), 4, "job"),
                (("users", "create", *of, "--email", "nonsense"), 2, "e-mail"),
                (("users", "token", "--email", "nobody@example.com"), 4, "user"),
                (("simulate", "--to", "123"), 2, "+"), (("simulate", "--scenario", "/nowhere.toml"), 2, "/nowhere.toml"),
                (("--config", "/nowhere.toml", "version"), 2, "/nowhere.toml"), (("--set", "listne=x", "version"), 2, "listen")]
        for arguments, code, advice in rows:
            with self.subTest(" ".join(arguments)):
                outcome = self.served.run(*arguments)
                self.assertEqual(code, outcome.code, outcome.err)
                self.assertEqual("", outcome.out, "what went wrong goes to standard error")
                self.assertIn(advice, outcome.err)
                self.assertTrue(outcome.err.strip())

    def test_a_mistake_is_json_too_when_json_is_asked_for(self):
        outcome = self.served.run("calls", "get", "--account", self.account.id, f"call_{UNKNOWN}", "--json")
        self.assertEqual(4, outcome.code)
        self.assertEqual("call_not_found", json.loads(outcome.err)["error"]["code"])

    def test_a_taken_e_mail_address_and_a_used_idempotency_key_are_conflicts(self):
        of = ("--account", self.account.id)
        self.served.cli("users", "create", *of, "--email", "twice@example.com")
        self.assertEqual(5, self.served.run("users", "create", *of, "--email", "twice@example.com").code)
        order = ("calls", "create", *of, "--to", "+12025550102", "--idempotency-key", "k")
        first = self.served.cli(*order, "--task", "a")
        self.assertEqual(first["id"], self.served.cli(*order, "--task", "a")["id"])
        self.assertEqual(5, self.served.run(*order, "--task", "b").code)

    def test_a_second_server_on_a_taken_address_or_file_says_so(self):
        outcome = self.served.run("serve", timeout=20)
        self.assertEqual(6, outcome.code, outcome.err)
        self.assertTrue(re.search("already|Another|in use", outcome.err), outcome.err)

    def test_an_unreachable_database_is_exit_code_6(self):
        outcome = self.served.run("accounts", "list", TRUNKLINE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
        self.assertEqual(6, outcome.code, outcome.err)
        outcome = self.served.run("accounts", "list", TRUNKLINE_DATABASE_URL="mysql://x")
        self.assertEqual(2, outcome.code, outcome.err)
        self.assertIn("postgresql://", outcome.err)

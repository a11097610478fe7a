"""The operator's door to the warehouse, /api/telco (docs/warehouse.md): what the commands print, for the operator's token only."""
import requests

from support.case import Case
from support.provider_fake import ProviderFake

TOKEN = "operator-token-of-forty-characters-00000"
KEYS = {"telnyx": "KEYfake0123456789", "retell": "key_fake_0123456789abcdef"}
PATHS = ("status", "coverage", "reports/costs", "sync-log")


class WarehouseDoor(Case):
    def warehouse(self, **settings):
        fakes = {name: ProviderFake(name, calls=60, days=30, quota_window_ms=1) for name in KEYS}
        for fake in fakes.values():
            self.addCleanup(fake.close)
        server = self.server(start=False, TRUNKLINE_WAREHOUSE_SCHEDULE="0", TRUNKLINE_WAREHOUSE_BACKFILL="25d", **settings)
        accounts = server.home / "accounts.toml"
        accounts.write_text("".join(
            f'[[account]]\nprovider = "{name}"\nurl = "{fake.url}"\nkey = "{KEYS[name]}"\nquota_window_ms = "1"\n'
            for name, fake in fakes.items()))
        server.settings["TRUNKLINE_TELCO_ACCOUNTS_FILE"] = str(accounts)
        return server.start()

    def get(self, server, path, token=TOKEN):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return requests.get(f"{server.url}/api/telco/{path}", headers=headers, timeout=20)

    def test_it_says_what_the_commands_print(self):
        server = self.warehouse(TRUNKLINE_OPERATOR_TOKEN=TOKEN)
        before = self.get(server, "status").json()
        self.assertTrue(before)
        self.assertTrue(all(feed["last_run"] is None and not feed["is_fresh"] for feed in before))
        synced = server.run("sync", "all", "--json", timeout=120)
        self.assertEqual(0, synced.code, synced.err)

        coverage = self.get(server, "coverage")
        printed = server.run("sync", "coverage", "--json")
        self.assertEqual((0, printed.json), (printed.code, coverage.json()))
        agents = [feed for feed in coverage.json() if feed["feed"] == "agents"]
        self.assertEqual([("retell", "list", True, 3, "has_more false")],
                         [(feed["provider"], feed["kind"], feed["is_proven"], feed["records"], feed["end_said"]) for feed in agents])
        self.assertEqual([], [feed for feed in coverage.json() if feed["kind"] == "windows" and feed["holes"]])
        only = self.get(server, "coverage?provider=retell").json()
        self.assertEqual(server.run("sync", "coverage", "--provider", "retell", "--json").json, only)
        self.assertEqual({"retell"}, {feed["provider"] for feed in only})

        costs = self.get(server, "reports/costs").json()
        self.assertEqual(server.run("warehouse", "report", "costs", "--json").json, costs)
        month = costs[-1]["month"]
        self.assertEqual(server.run("warehouse", "report", "costs", "--month", month, "--json").json,
                         self.get(server, f"reports/costs?month={month}").json())

        status = {(feed["provider"], feed["feed"]): feed for feed in self.get(server, "status").json()}
        for name in (("telnyx", "sip_trunking"), ("retell", "calls"), ("retell", "agents")):
            self.assertEqual(("success", None, True),
                             (status[name]["last_run"]["status"], status[name]["last_error"], status[name]["is_fresh"]), name)
            self.assertIsNotNone(status[name]["watermark"])

        log = self.get(server, "sync-log?limit=1000").json()
        self.assertEqual(sorted((run["provider"], run["type"], run["fetched"], run["inserted"]) for run in synced.json),
                         sorted((run["provider"], run["type"], run["fetched"], run["inserted"]) for run in log))
        self.assertEqual(log[:2], self.get(server, "sync-log?limit=2").json())
        for path in PATHS:
            for secret in (*KEYS.values(), TOKEN):
                self.assertNotIn(secret, self.get(server, path).text)
        self.assertNotIn(TOKEN, server.log())

    def test_no_tenant_opens_it(self):
        server = self.warehouse(TRUNKLINE_OPERATOR_TOKEN=TOKEN)
        account = server.account()
        for path in PATHS:
            for token in (None, account.key, server.user_token(account.id), TOKEN[:-1], TOKEN.upper()):
                answer = self.get(server, path, token)
                self.assertEqual(401, answer.status_code, answer.text)
                self.assertNotIn("telnyx", answer.text)

    def test_without_a_token_it_is_shut(self):
        server = self.warehouse()
        for path in PATHS:
            answer = self.get(server, path)
            self.assertEqual((403, "operator_token_unset"), (answer.status_code, answer.json()["code"]))
            self.assertIn("TRUNKLINE_OPERATOR_TOKEN", answer.text)

    def test_a_short_token_is_refused_at_the_start(self):
        server = self.server(start=False, TRUNKLINE_OPERATOR_TOKEN="short")
        outcome = server.run("serve")
        self.assertNotEqual(0, outcome.code)
        self.assertIn("operator_token: must have 32 characters at least", outcome.err)

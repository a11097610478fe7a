"""kill -9 of a sync at its committed pages, then again: the rows of one clean run, and nothing left to write (contracts/warehouse.md §4)."""
import datetime
import json
import signal

from support.case import Case
from support.options import OPTIONS
from support.provider_fake import ProviderFake

KEY = "KEYfake0123456789"
KILLS = 2 if OPTIONS.quick else 8


class KilledSyncs(Case):
    def setUp(self):
        self.fake = ProviderFake("telnyx", calls=400, days=30, quota_window_ms=1)
        self.addCleanup(self.fake.close)
        # Only what was over long ago: the fake's days go on while the test runs.
        self.cut = (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")

    def warehouse(self, **settings):
        server = self.server(start=False, TRUNKLINE_WAREHOUSE_BACKFILL="25d", **settings)
        accounts = server.home / "accounts.toml"
        accounts.write_text(f'[[account]]\nprovider = "telnyx"\nurl = "{self.fake.url}"\nkey = "{KEY}"\nquota_window_ms = "1"\n')
        server.settings["TRUNKLINE_TELCO_ACCOUNTS_FILE"] = str(accounts)
        return server

    def sync(self, server, **extra):
        return server.run("sync", "calls", "--provider", "telnyx", "--json", timeout=120, **extra)

    def stored(self, server):
        rows = [json.loads(line) for line in server.run("warehouse", "export", "--format", "jsonl").out.splitlines()]
        return {row["external_call_id"]: {name: value for name, value in row.items() if name not in ("synced_at", "created_at")}
                for row in rows if row["started_at"] < self.cut}

    def test_a_sync_killed_at_any_page_ends_with_the_rows_of_a_clean_run(self):
        clean = self.warehouse()
        first = self.sync(clean)
        self.assertEqual(0, first.code, first.err)
        pages = first.json[0]["pages"]
        truth = self.stored(clean)
        self.assertGreater(len(truth), 100)
        for page in range(1, pages + 1, max(1, pages // KILLS)):
            with self.subTest(page=page):
                self.check_killed_at(page, truth)

    def check_killed_at(self, page, truth):
        server = self.warehouse(TRUNKLINE_WAREHOUSE_GROUP_ROWS="1")
        killed = self.sync(server, TRUNKLINE_FAIL_POINT=f"crash:sync.page_committed:{page}")
        self.assertEqual(-signal.SIGKILL, killed.code, killed.err)
        again = self.sync(server)
        self.assertEqual(0, again.code, again.err)
        rows = self.stored(server)
        self.assertEqual({key: truth[key] for key in truth}, {key: rows.get(key) for key in truth})
        self.assertEqual(0, server.run("warehouse", "verify").code)
        third = self.sync(server).json[0]
        self.assertEqual(("success", 0), (third["status"], third["updated"]))

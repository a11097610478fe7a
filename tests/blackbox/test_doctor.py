"""`trunkline doctor` finds what is wrong and says how to mend it."""
import os
import time

from support.case import Case, needs_sqlite
from support.waiting import wait_until


class Doctor(Case):
    def setUp(self):
        self.served = self.server(start=False)

    def findings(self, code, **settings):
        outcome = self.served.run("doctor", "--json", **settings)
        self.assertEqual(code, outcome.code, outcome.out + outcome.err)
        report = outcome.json
        self.assertEqual(code == 0, report["healthy"])
        return report["findings"]

    def problem(self, check, **settings):
        """The one problem of that check; with advice, also on the human form."""
        found = [each for each in self.findings(1, **settings) if each["grade"] == "problem"]
        named = [each for each in found if each["check"] == check]
        self.assertTrue(named, found)
        self.assertTrue(named[0]["mend"])
        plain = self.served.run("doctor", **settings)
        self.assertIn("-> " + named[0]["mend"], plain.out)
        return named[0]

    def test_a_sound_installation_is_healthy(self):
        self.served.start()
        self.served.account()
        findings = self.findings(0)
        self.assertLessEqual({"settings", "signature", "database", "schema", "secret key", "clock", "jobs", "webhooks"},
                             {each["check"] for each in findings})

    @needs_sqlite
    def test_an_unwritable_data_folder(self):
        self.served.cli("migrate", "up")
        # As root every folder is writable, but not one that cannot be: a file in its place, or /proc.
        found = self.problem("data folder", TRUNKLINE_DATABASE_URL="sqlite:/proc/trunkline/t.db")
        self.assertIn("TRUNKLINE_DATABASE_URL", found["mend"])
        if os.geteuid() != 0:
            self.served.home.chmod(0o500)
            self.addCleanup(self.served.home.chmod, 0o700)
            self.problem("data folder")

    def test_an_unreachable_database(self):
        found = self.problem("database", TRUNKLINE_DATABASE_URL="postgresql://trunkline@127.0.0.1:1/trunkline")
        self.assertTrue(found["text"])

    def test_a_pending_migration(self):
        found = self.problem("schema")
        self.assertIn("trunkline migrate up", found["mend"])
        self.served.cli("migrate", "up")
        self.findings(0)
        self.served.database.execute("DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations)")
        self.assertIn("pending", self.problem("schema")["text"])
        outcome = self.served.run("accounts", "list")
        self.assertNotEqual(0, outcome.code)
        self.assertIn("trunkline migrate up", outcome.err)

    def test_a_bad_configuration_key(self):
        self.served.cli("migrate", "up")
        found = self.problem("settings", TRUNKLINE_LISTNE="x")
        self.assertIn("TRUNKLINE_LISTEN", found["text"])
        for setting, value in (("LISTEN", "nonsense"), ("LOCAL_SPEED", "0"), ("RING_TIMEOUT", "soon"), ("LOCAL_FAULTS", "x=1"),
                               ("ALLOW_PRIVATE_URLS", "perhaps"), ("TLS_CERTIFICATE", "/a.pem")):
            with self.subTest(setting):
                found = self.problem("settings", **{f"TRUNKLINE_{setting}": value})
                self.assertIn(setting.lower().rpartition("tls_")[1] or setting.lower(), found["text"] + found["mend"])
        file = self.served.home / "bad.toml"
        file.write_text('listn = "127.0.0.1:1"\n')
        outcome = self.served.run("--config", str(file), "doctor")
        self.assertEqual(2, outcome.code)
        self.assertIn("listen", outcome.err)

    def test_a_clock_that_is_off(self):
        self.served.start()
        account = self.served.account()
        account.api.ended(account.api.place("+12025550102"))
        self.served.stop()
        later = int((time.time() + 3600) * 1_000_000)
        self.served.database.execute(f"UPDATE calls SET created_at = {later}")
        self.assertIn("NTP", self.problem("clock")["mend"])

    def test_parked_jobs(self):
        account = self.served.account(url="http://127.0.0.1:1/dead")
        self.served.start()
        account.api.place("+12025550102")
        job = wait_until(lambda: next((each for each in self.served.cli("jobs", "list", "--account", account.id)
                                       if each["state"] == "waiting" and each["attempts"] == 1), None), "a failed delivery")
        self.served.cli("jobs", "park", job["id"], "--reason", "the receiver is being moved")
        found = self.problem("jobs")
        self.assertIn("trunkline jobs list --parked", found["mend"])
        parked = self.served.cli("jobs", "list", "--parked")
        self.assertEqual([(job["id"], "the receiver is being moved")], [(each["id"], each["last_error"]) for each in parked])
        self.served.cli("jobs", "retry", job["id"])
        wait_until(lambda: self.served.cli("jobs", "list", "--parked") == [], "the job is under way again")

    def test_the_wrong_secret_key(self):
        self.served.account()
        self.problem("secret key", TRUNKLINE_SECRET_KEY="11" * 32)
        outcome = self.served.run("serve", TRUNKLINE_SECRET_KEY="11" * 32, timeout=20)
        self.assertNotEqual(0, outcome.code, "and the server does not start with it")

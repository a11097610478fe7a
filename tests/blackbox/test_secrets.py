"""No secret reaches a log, an answer or the database in the clear (reliability C2, C11)."""
import re

import requests

from support.api import Api
from support.case import SECRET, Case
from support.receiver import Reply
from support.waiting import wait_until

PRIVATE = {"task": "canary-task-91", "instructions": "canary-instructions-92", "caller_name": "canary-caller-93"}


class Secrets(Case):
    def test_a_whole_days_work_leaves_no_secret_behind(self):
        hooks = self.receiver()
        served = self.server(TRUNKLINE_LOG_LEVEL="debug")
        account = served.account(url=hooks.url(), tool_url=hooks.url("/tools"), secret=SECRET)
        user = served.cli("users", "create", "--account", account.id, "--email", "ann@example.com")
        token = served.cli("users", "token", "--email", "ann@example.com")["token"]
        partner = Api(served.url, token)
        second = partner.post("/partner/api-keys").json()
        guess = "pk_live_guess" + "x" * 50
        self.assertEqual(401, Api(served.url, guess).get("/calls").status_code)
        hooks.behave("/tools", Reply.json({"error": "no"}))
        for number in ("+12025550101", "+12025550108"):
            account.api.ended(account.api.place(number, **PRIVATE))
        hooks.behave("/events", Reply(500))
        account.api.place("+12025550107", **PRIVATE)
        account.api.post("/calls", data=b'{"to": "+12025550177", "task": 5, "x": "canary-body-94"}')
        partner.post(f"/partner/api-keys/{second['id']}/revoke")
        wait_until(lambda: served.count("webhook_messages", "status = 'pending' AND attempts > 0"), "a delivery has failed")
        served.kill()
        served.start()
        served.stop()
        log = served.log()
        self.assertGreater(log.count("\n"), 10)
        secret_key = (served.home / "trunkline.key").read_text().strip() if (served.home / "trunkline.key").exists() else None
        secrets = {"an API key": account.key, "another": second["api_key"], "a log-in token": token, "a password": user["password"],
                   "the webhook secret": SECRET, "its bytes": SECRET.removeprefix("whsec_")}
        database = served.database.dump()
        for name, secret in secrets.items():
            with self.subTest(name):
                self.assertNotIn(secret, log)
                self.assertNotIn(secret.encode(), database)
        # The secret half of a key alone would be enough, too.
        for key in (account.key, second["api_key"], token):
            middle = key[len(key) // 2: len(key) // 2 + 20]
            self.assertNotIn(middle, log)
            self.assertNotIn(middle.encode(), database)
        self.assertNotIn(guess[-20:], log)
        if secret_key:
            self.assertNotIn(secret_key, log)
            self.assertNotIn(secret_key.encode(), database)
        for words in [*PRIVATE.values(), "canary-body-94", "Hello?"]:
            self.assertNotIn(words, log, "what people say and ask for is in no log")
        self.assertEqual([], re.findall(r"\+1202555\d{4}", log), "telephone numbers are shortened")

    def test_the_configuration_hides_what_is_secret(self):
        served = self.server(start=False)
        text = served.run("config", TRUNKLINE_SECRET_KEY="ab" * 32, OPENAI_API_KEY="sk-very-secret").out
        self.assertNotIn("ab" * 32, text)
        self.assertNotIn("sk-very-secret", text)
        text = served.run("config", "--json", TRUNKLINE_DATABASE_URL="postgresql://u:hunter2-secret@h/d").out
        self.assertNotIn("hunter2-secret", text)

    def test_the_public_pages_show_no_secret(self):
        served = self.server()
        account = served.account()
        account.api.ended(account.api.place("+12025550102"))
        for path in ("/metrics", "/readyz", "/health", "/livez", "/openapi.json"):
            text = requests.get(served.url + path, timeout=10).text
            for secret in (account.key, account.id, "+12025550102", str(served.home)):
                self.assertNotIn(secret, text, path)

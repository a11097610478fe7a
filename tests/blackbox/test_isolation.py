"""No tenant sees another's: a matrix made from /openapi.json (reliability C1, contracts/voice-api.md §13 "Isolation"). For each
operation another account's ids are unknown, and the answer is the one that an id gets which never existed."""
import json
import re

import requests

from support.case import SECRET, ServedCase, facts
from support.waiting import wait_until

CANARY = "canary-7f3a"


class Isolation(ServedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = requests.get(cls.served.url + "/openapi.json", timeout=10).json()
        cls.mine, cls.theirs = cls.new_account(), cls.new_account()
        cls.my_token, cls.their_token = (cls.served.user_token(each.id) for each in (cls.mine, cls.theirs))
        api = cls.theirs.api
        call_id = api.place("+12025550107", f"{CANARY} task", metadata={"a": CANARY}, end_user_id=CANARY, instructions=CANARY,
                            agent_name=CANARY, caller_name=CANARY)
        api.ended(call_id)
        tool = api.post("/tools", {"name": "canary", "description": CANARY, "input_schema": {"title": CANARY}}).json()
        cls.their_ids = {"call_id": call_id, "tool_id": tool["id"], "key_id": cls.theirs.key_id}
        cls.unknown_ids = {name: re.sub(r"_.*", "_" + "0" * 26, value) for name, value in cls.their_ids.items()}

    def operations(self):
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                if path.startswith("/api/b2b/v1/"):
                    yield method.upper(), path, operation

    def send(self, method, path, ids, credential, **options):
        for name, value in ids.items():
            path = path.replace("{%s}" % name, value)
        self.assertNotIn("{", path, "an operation with a parameter that this matrix does not know: give it a row")
        headers = {"Authorization": f"Bearer {credential}"} if credential is not None else {}
        return requests.request(method, self.served.url + path, headers=headers, timeout=20, **options)

    def credential_for(self, method, path, operation):
        """Ours of the kind that the operation takes: the one that is not answered with 401."""
        for credential in (self.mine.key, self.my_token):
            if self.send(method, path, self.unknown_ids, credential).status_code != 401:
                return credential
        raise AssertionError(f"{method} {path} takes neither credential")

    def test_the_document_lists_every_operation_of_the_contract(self):
        """contracts/voice-api.md §2."""
        listed = {(method, path) for method, path, _ in self.operations()}
        prefix = "/api/b2b/v1"
        contract = {("POST", "/calls"), ("GET", "/calls"), ("GET", "/calls/{call_id}"), ("POST", "/calls/{call_id}/cancel"),
                    ("POST", "/calls/{call_id}/hangup"), ("POST", "/tools"), ("GET", "/tools"), ("DELETE", "/tools/{tool_id}"),
                    ("GET", "/usage"), ("POST", "/partner/api-keys"), ("GET", "/partner/api-keys"),
                    ("POST", "/partner/api-keys/{key_id}/revoke"), ("GET", "/partner/subscription"),
                    ("POST", "/partner/subscription/checkout"), ("POST", "/partner/subscription/portal")}
        self.assertLessEqual({(method, prefix + path) for method, path in contract}, listed)
        self.assertEqual("3.1.0", self.document["openapi"])
        self.assertEqual(self.document["paths"], json.loads(self.served.run("openapi").out)["paths"])

    def test_another_accounts_ids_are_unknown_and_answer_as_ids_that_never_were(self):
        self.served.wait_for_idle()
        before = facts(self.served)
        tried = 0
        for method, path, operation in self.operations():
            if "{" not in path:
                continue
            tried += 1
            credential = self.credential_for(method, path, operation)
            with self.subTest(f"{method} {path}"):
                foreign = self.send(method, path, self.their_ids, credential)
                unknown = self.send(method, path, self.unknown_ids, credential)
                self.assertEqual(404, foreign.status_code, foreign.text)
                self.assertEqual(404, unknown.status_code)
                text = foreign.text
                for name, value in self.their_ids.items():
                    text = text.replace(value, self.unknown_ids[name])
                self.assertEqual(unknown.text, text)
                ignored = {"Date", "X-Request-Id"}
                self.assertEqual({k: v for k, v in unknown.headers.items() if k not in ignored},
                                 {k: v for k, v in foreign.headers.items() if k not in ignored})
        self.assertGreaterEqual(tried, 5)
        self.assertEqual(before, facts(self.served), "and nothing of theirs has changed")
        self.assertEqual(200, self.theirs.api.get("/tools").status_code, "their key still works")
        self.assertEqual(1, len(self.theirs.api.get("/tools").json()))

    def test_nothing_of_theirs_shows_in_what_we_read(self):
        """Canaries in every text of the other tenant: none comes out."""
        for method, path, operation in self.operations():
            if method != "GET" or "{" in path:
                continue
            with self.subTest(path):
                answer = self.send(method, path, {}, self.credential_for(method, path, operation))
                self.assertEqual(200, answer.status_code, answer.text)
                for secret in (CANARY, *self.their_ids.values(), self.theirs.id, self.theirs.project_id):
                    self.assertNotIn(secret, answer.text)
        for query in ("status=completed", "limit=100", "start_date=2020-01-01"):
            self.assertEqual(0, self.mine.api.get(f"/calls?{query}").json()["total"])
        for path in ("/metrics", "/openapi.json", "/readyz", "/health"):
            text = requests.get(self.served.url + path, timeout=10).text
            for secret in (CANARY, *self.their_ids.values(), self.theirs.id):
                self.assertNotIn(secret, text)

    def test_every_operation_wants_a_valid_credential(self):
        """contracts/voice-api.md §8.3, §13: 1001 missing and malformed, 1002 unknown and revoked, 1003 expired."""
        revoked = self.served.cli("keys", "create", "--account", self.mine.id)
        self.served.cli("keys", "revoke", "--account", self.mine.id, revoked["id"])
        expired = self.served.cli("keys", "create", "--account", self.mine.id, "--expires-at", "2026-01-01")["api_key"]
        wait_until(lambda: self.send("GET", "/api/b2b/v1/tools", {}, revoked["api_key"]).status_code == 401, "revoked", 5)
        before = facts(self.served)
        for method, path, operation in self.operations():
            takes_token = self.credential_for(method, path, operation) == self.my_token
            rows = [(None, 1001), ("", 1001), ("pk_live_" + "x" * 60, 1002), (revoked["api_key"], 1002),
                    (self.mine.key if takes_token else self.my_token, 1002)]
            if not takes_token:
                rows.append((expired, 1003))
            for credential, code in rows:
                with self.subTest(f"{method} {path}", credential=str(credential)[:10]):
                    answer = self.send(method, path, self.unknown_ids, credential)
                    if answer.status_code == 429:
                        self.fail("the guard against guessing stood in the way; spread these over more servers")
                    self.assert_error(answer, 401, code)
        created = len([1 for method, path, _ in self.operations() if method == "POST" and path.endswith("/api-keys")])
        after = facts(self.served)
        self.assertEqual(before["credentials"] + created, after["credentials"], "only our own probing made keys")

    def test_a_project_key_does_not_see_the_accounts_other_calls(self):
        """§13: the key's partner, and project if bound."""
        key = self.served.cli("keys", "create", "--account", self.account.id, "--project", self.account.project_id)["api_key"]
        call_id = self.api.place("+12025550102")
        self.assertEqual(404, self.send("GET", "/api/b2b/v1/calls/{call_id}", {"call_id": call_id}, key).status_code)
        self.assertEqual(404, self.send("POST", "/api/b2b/v1/calls/{call_id}/cancel", {"call_id": call_id}, key).status_code)

    def test_webhooks_of_one_account_do_not_reach_another(self):
        own = self.served.account(url=self.hooks.url("/isolated"), secret=SECRET)
        call_id = own.api.place("+12025550102")
        self.hooks.wait_for_event(call_id, path="/isolated")
        self.assertEqual({call_id}, {each.body["call_id"] for each in self.hooks.received("/isolated")})

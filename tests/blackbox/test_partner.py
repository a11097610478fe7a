"""API keys and the subscription for people who are logged in (contracts/voice-api.md §7)."""
from support.api import Api
from support.case import ServedCase
from support.waiting import wait_until


class Partner(ServedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = Api(cls.served.url, cls.served.user_token(cls.account.id))

    def test_a_key_is_shown_once_works_and_can_be_revoked_again_and_again(self):
        """§7.1, §10."""
        made = self.partner.post("/partner/api-keys", {"key_prefix": "pk_live_"})
        self.assertEqual(201, made.status_code)
        key = made.json()
        self.assertTrue(key["api_key"].startswith("pk_live_"))
        self.assertEqual(("pk_live_", None), (key["key_prefix"], key["project_id"]))
        api = Api(self.served.url, key["api_key"])
        self.assertEqual(200, api.get("/calls?limit=1").status_code)
        listed = self.partner.get("/partner/api-keys")
        self.assertNotIn(key["api_key"], listed.text)
        entry = next(each for each in listed.json()["items"] if each["id"] == key["id"])
        self.assertNotIn("api_key", entry)
        self.assertIsNone(entry["revoked_at"])
        first = self.partner.post(f"/partner/api-keys/{key['id']}/revoke")
        self.assertEqual(200, first.status_code)
        self.assertTrue(first.json()["revoked_at"])
        self.assertNotIn("api_key", first.json())
        self.assertEqual(first.json(), self.partner.post(f"/partner/api-keys/{key['id']}/revoke").json())
        wait_until(lambda: api.get("/calls?limit=1").status_code == 401, "the key ends within 5 s", 5)
        self.assert_error(api.get("/calls?limit=1"), 401, 1002)

    def test_a_key_can_be_bound_to_a_project(self):
        """§7.1."""
        key = self.partner.post("/partner/api-keys", {"project_id": self.account.project_id}).json()
        self.assertEqual(self.account.project_id, key["project_id"])
        self.assertEqual(self.account.project_id, Api(self.served.url, key["api_key"]).get("/usage").json()["project_id"])

    def test_an_empty_body_makes_a_key_of_the_account(self):
        """§1: an empty POST is no parse error; §7.1: both fields are optional."""
        self.assertEqual(201, self.partner.post("/partner/api-keys").status_code)

    def test_wrong_orders_are_refused(self):
        """§7.1, §8.3: 7002 for an unknown project, 2001 for another prefix."""
        self.assert_error(self.partner.post("/partner/api-keys", {"project_id": "prj_00000000000000000000000000"}), 404, 7002)
        self.assert_error(self.partner.post("/partner/api-keys", {"project_id": "nonsense"}), 404, 7002)
        self.assert_error(self.partner.post("/partner/api-keys", {"key_prefix": "sk_live_"}), 400, 2001)
        self.assert_error(self.partner.post("/partner/api-keys", data=b"[]"), 400, 2001)
        for key_id in ("key_00000000000000000000000000", "x"):
            self.assert_error(self.partner.post(f"/partner/api-keys/{key_id}/revoke"), 404, None)

    def test_the_subscription_can_be_read_without_having_one(self):
        """§7.2: this is where one gets it."""
        account = self.served.account(subscription="none")
        partner = Api(self.served.url, self.served.user_token(account.id))
        self.assertEqual({"status": "none", "current_period_end": None, "grace_period_ends_at": None},
                         partner.get("/partner/subscription").json())
        self.served.cli("accounts", "subscription", "--account", account.id, "--status", "past_due", "--since", "2026-03-01")
        wait_until(lambda: partner.get("/partner/subscription").json()["status"] == "past_due", "the status changes", 5)
        self.assertEqual("2026-03-08", partner.get("/partner/subscription").json()["grace_period_ends_at"][:10])
        self.served.cli("accounts", "subscription", "--account", account.id, "--status", "canceled")
        wait_until(lambda: partner.get("/partner/subscription").json()["status"] == "canceled", "one l", 5)

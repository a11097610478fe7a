"""Usage and the bill (contracts/voice-api.md §5, §6)."""
from decimal import Decimal

from support.api import Api
from support.case import ServedCase, minutes_of
from support.ids import public_id


class Usage(ServedCase):
    def test_a_month_without_calls_gives_zeros(self):
        """§5, §13: all fields, and a quota that is an object."""
        usage = self.api.get("/usage?period=2020-02").json()
        self.assertEqual({"partner_id": self.account.id, "project_id": None, "period": "2020-02", "call_count": 0,
                          "api_minutes": 0, "amount": "0.00", "currency": "USD",
                          "quota": {"partner_limit": None, "project_limit": None}}, usage)

    def test_the_current_month_is_meant_unless_another_is_given(self):
        """§5."""
        self.assertRegex(self.api.get("/usage").json()["period"], r"^\d{4}-\d\d$")

    def test_only_connected_calls_count_and_the_sum_is_right_to_the_cent(self):
        """§6: ceil to minutes, at least one; 0.10 USD a minute; busy and unanswered calls cost nothing."""
        api = self.new_account().api
        ids = [api.place(to, max_duration_seconds=limit) for to, limit in (
            ("+12025550101", 299), ("+12025550101", 60), ("+12025550101", 61), ("+12025550101", 59), ("+12025550101", 1),
            ("+12025550107", 299), ("+12025550110", 121), ("+12025550102", 299), ("+12025550103", 299), ("+12025550104", 299))]
        calls = [api.ended(each) for each in ids]
        connected = [call for call in calls if call["started_at"]]
        self.assertEqual([79, 60, 61, 59, 1, 3, 121], [call["duration_seconds"] for call in connected])
        self.assertEqual([2, 1, 2, 1, 1, 1, 3], [call["cost"]["billed_minutes"] for call in connected])
        for call in connected:
            minutes = minutes_of(call["duration_seconds"])
            self.assertEqual({"billed_minutes": minutes, "amount": f"{Decimal('0.10') * minutes}", "currency": "USD"},
                             call["cost"])
        months = {call["started_at"][:7] for call in connected}
        usages = [api.get(f"/usage?period={month}").json() for month in months]
        self.assertEqual((7, 11, Decimal("1.10")), (sum(each["call_count"] for each in usages),
                                                    sum(each["api_minutes"] for each in usages),
                                                    sum(Decimal(each["amount"]) for each in usages)))

    def test_a_usage_entry_has_its_fixed_meter_identifier_and_waits_for_sync(self):
        """§6: type `api_usage`, sync state `pending`."""
        call_id = self.api.place("+12025550107")
        self.api.ended(call_id)
        entries = [row for row in self.served.query("SELECT * FROM usage_entries")
                   if public_id("call_", row["id"]) == call_id]
        self.assertEqual(1, len(entries))
        self.assertEqual(("api_usage", "pending", 100_000_000, 1, 100_000_000, "USD"), tuple(
            entries[0][name] for name in ("type", "sync_state", "unit_price", "billed_minutes", "amount", "currency")))
        self.assertTrue(entries[0]["meter_identifier"].startswith("um_"))
        self.assertEqual(self.api.call(call_id)["started_at"][:7], entries[0]["month"])

    def test_a_key_bound_to_a_project_sees_only_that_project(self):
        """§5, §13: `project_id` is the key's project."""
        key = self.served.cli("keys", "create", "--account", self.account.id, "--project", self.account.project_id)
        bound = Api(self.served.url, key["api_key"])
        before = bound.get("/usage").json()
        self.assertEqual(self.account.project_id, before["project_id"])
        call = self.api.ended(self.api.place("+12025550107"))
        self.assertEqual(404, bound.get(f"/calls/{call['id']}").status_code)
        mine = bound.ended(bound.place("+12025550107"))
        usage = bound.get(f"/usage?period={mine['started_at'][:7]}").json()
        self.assertEqual(before["call_count"] + 1, usage["call_count"])
        self.assertEqual(200, self.api.get(f"/calls/{mine['id']}").status_code)

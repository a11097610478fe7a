"""The engagement API from outside: plain requests, and what its tables must agree on."""
import requests

from .api import Api


class Customers(Api):
    def request(self, method, path, **options):
        return self.session.request(method, self.url + "/customers" + path, timeout=options.pop("timeout", 30), **options)

    def put(self, body, **options):
        return self.request("PUT", "", json=body, **options)

    def register(self, body, **options):
        return self.request("POST", "", json=body, **options)

    def act(self, body, **options):
        return self.request("POST", "/actions", json=body, **options)

    def raw(self, method, path, data, headers=None):
        return requests.request(method, self.url + path, data=data, timeout=30,
                                headers={**self.session.headers, "Content-Type": "application/json", **(headers or {})})

    def timeline(self, customer_id, limit=200):
        """All entries, page by page."""
        entries, cursor = [], ""
        while cursor is not None:
            page = self.get(f"/{customer_id}/timeline", params={"limit": limit, "cursor": cursor})
            assert page.status_code == 200, page.text
            entries += page.json()["items"]
            cursor = page.json()["next_cursor"]
        return entries


def customers_of(server, account):
    return Customers(server.url, account.key)


def check_counts(case, server):
    """The counts by name and day are those of the actions, whatever happened."""
    day = 86_400_000_000
    counted = server.query(f"SELECT occurred_at / {day} AS day, name, count(*) AS n FROM actions GROUP BY 1, 2 ORDER BY 1, 2")
    kept = server.query("SELECT day, name, CAST(sum(count) AS bigint) AS n FROM action_counts GROUP BY 1, 2 ORDER BY 1, 2")
    case.assertEqual(counted, kept)

"""What is sent and signed, checked from the raw bytes by an independent implementation (contracts/voice-api.md §9.2, §9.3)."""
import base64
import json
import unittest

from support import signatures
from support.case import SECRET, ServedCase
from support.receiver import Reply

# §9.3: what re-serialisation makes of numbers, escapes and key order.
METADATA = json.loads(r"""{"z": 1.10, "a": "Zo\u00eb \ud83d\udc4d \u007f \/ <>& \"\\ \b\f\n\r\t \u0001", "é": [1E5, 0.1e1, 1e16, 1e-5, -0, 0.0001],
  "B": {"y": null, "x": true, "10": 1, "9": 2}, "big": 123456789012345678901234567890, "ﬀ": 1, "𝄞": 2}""")


class CheckValues(unittest.TestCase):
    def test_the_independent_implementation_reproduces_the_contracts_check_values(self):
        """§9.3, "Check values"."""
        body = {"call_id": "call_9", "event": "call.completed", "metadata": {"a": "Zoë 👍", "b": 1.0}, "status": "completed"}
        for style, expected in (("compact", "a277034508f2c9a689adc79db83a45cac855ff52c3ba87a0e7841936f91ca50e"),
                                ("spaced", "de0ea481cf89059fc0573bc256678941da11fb9337387386355b1e7c3be2d8eb")):
            self.assertEqual(expected, signatures.pamela_signature("whsec_example", signatures.canonical(body, style)))
        body["metadata"]["b"] = 1
        self.assertEqual("36a8c3b719780466500bf2464bae8b2ee7967fbfe5fdeaabec47373e6b7338f9",
                         signatures.pamela_signature("whsec_example", signatures.canonical(body, "utf8")))


class Styles(ServedCase):
    def deliveries(self, secret=SECRET, **endpoint):
        account = self.served.account(url=self.hooks.url(), secret=secret, **endpoint)
        call_id = account.api.place("+12025550102", metadata=METADATA)
        self.hooks.wait_for_event(call_id)
        return [each for each in self.hooks.received("/events") if each.body["call_id"] == call_id]

    def test_compact_is_the_default_and_what_python_serialises_again(self):
        """§9.3: sorted, compact, ASCII-escaped; numbers as Python writes them."""
        for delivery in self.deliveries():
            self.assertEqual(signatures.canonical(delivery.body, "compact").encode(), delivery.raw)
            self.assertTrue(delivery.raw.isascii())
            self.assertEqual(METADATA, delivery.body["metadata"])
            signatures.check(self, delivery, SECRET)

    def test_spaced_is_what_the_legacy_client_serialises_again(self):
        """§9.3."""
        for delivery in self.deliveries(style="spaced"):
            self.assertEqual(signatures.canonical(delivery.body, "spaced").encode(), delivery.raw)
            signatures.check(self, delivery, SECRET)

    def test_utf8_carries_text_unescaped(self):
        """§9.3: for JavaScript receivers with non-ASCII text; numbers as JavaScript writes them."""
        for delivery in self.deliveries(style="utf8"):
            self.assertIn("Zoë 👍".encode(), delivery.raw)
            self.assertNotIn(b", ", delivery.raw.replace(b"Zo", b""))
            # JavaScript has no integers beyond 2^53: it reads a double, and that is what it would write again.
            self.assertEqual({**METADATA, "big": 1.2345678901234568e29}, delivery.body["metadata"])
            self.assertIn(b'"z":1.1', delivery.raw)
            self.assertIn(b"[100000,1,", delivery.raw)
            signatures.check(self, delivery, SECRET)

    def test_a_secret_that_is_no_base64_signs_too(self):
        """§9.2: key = UTF-8 bytes of the secret, whatever it looks like."""
        secret = "a partner's own sécret"
        for delivery in self.deliveries(secret=secret):
            self.assertEqual(signatures.pamela_signature(secret, delivery.raw), delivery.headers["x-pamela-signature"])
            self.assertRegex(delivery.headers["x-pamela-signature"], "^[0-9a-f]{64}$")

    def test_a_changed_byte_breaks_the_signature(self):
        """§9.2."""
        delivery = self.deliveries()[0]
        changed = delivery.raw.replace(b"queued", b"Queued", 1)
        self.assertNotEqual(signatures.pamela_signature(SECRET, changed), delivery.headers["x-pamela-signature"])

    def test_two_secrets_sign_while_one_replaces_the_other(self):
        """reliability C6: the Standard Webhooks header carries both signatures for a day; the legacy one has the new."""
        new = "whsec_" + base64.b64encode(b"another secret of 32 bytes......").decode()
        account = self.served.account(url=self.hooks.url(), secret=SECRET)
        self.served.set_endpoint(account.id, secret=new)
        call_id = account.api.place("+12025550102")
        self.hooks.wait_for_event(call_id)
        delivery = [each for each in self.hooks.received("/events") if each.body["call_id"] == call_id][-1]
        signatures.check(self, delivery, new)
        self.assertIn(signatures.standard_signature(SECRET, delivery.id, delivery.headers["webhook-timestamp"], delivery.raw),
                      delivery.headers["webhook-signature"].split(" "))

    def test_a_retry_sends_the_same_bytes_under_the_same_id(self):
        """§9.3 rule 3: serialise once, resend the same bytes."""
        account = self.served.account(url=self.hooks.url("/retry"), secret=SECRET)
        self.hooks.behave("/retry", lambda delivery: Reply(500 if len(self.hooks.received("/retry")) == 1 else 200))
        account.api.place("+12025550102", metadata=METADATA)
        first, second = self.hooks.wait_for(2, "/retry")[:2]
        self.assertEqual((first.raw, first.id), (second.raw, second.id))
        self.assertEqual(first.headers["x-pamela-signature"], second.headers["x-pamela-signature"])
        self.assertNotEqual(first.headers["webhook-timestamp"], second.headers["webhook-timestamp"])
        signatures.check(self, second, SECRET)

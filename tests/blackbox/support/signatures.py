"""Webhook signatures by Python's own library, written from contracts/voice-api.md §9.2 and the Standard Webhooks specification,
sharing no line with the program under test."""
import base64
import hashlib
import hmac
import json

STYLES = {"compact": {"separators": (",", ":"), "ensure_ascii": True},
          "spaced": {"separators": (", ", ": "), "ensure_ascii": True},
          "utf8": {"separators": (",", ":"), "ensure_ascii": False}}


def canonical(value, style="compact"):
    """The text of a parsed object as receivers serialise it again (§9.2)."""
    return json.dumps(value, sort_keys=True, **STYLES[style])


def pamela_signature(secret, text):
    raw = text if isinstance(text, bytes) else text.encode()
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def standard_signature(secret, message_id, timestamp, raw):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{message_id}.{timestamp}.".encode() + raw, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def check(case, delivery, secret):
    """Both signatures over the bytes that came."""
    headers = delivery.headers
    case.assertEqual(pamela_signature(secret, delivery.raw), headers["x-pamela-signature"])
    case.assertIn(standard_signature(secret, headers["webhook-id"], headers["webhook-timestamp"], delivery.raw),
                  headers["webhook-signature"].split(" "))

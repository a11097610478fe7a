"""Captured deliveries, verified by the reference library of Standard Webhooks (npm `standardwebhooks`)."""
import base64
import json
import shutil
import subprocess
import unittest

from support import npm
from support.case import SECRET, ServedCase
from support.options import ROOT
from support.receiver import Reply
from support.server import clean_environment

FOLDER = ROOT / "tests/conformance/webhooks"
OLD_SECRET = "whsec_" + base64.b64encode(b"the secret that is being retired").decode()
TOOL = {"name": "order_status", "description": "Look up the status of an order by its number",
        "input_schema": {"type": "object", "properties": {"order_number": {"type": "string"}}, "required": ["order_number"]}}


@unittest.skipUnless(shutil.which("node") and shutil.which("npm"), "node is not installed")
class StandardWebhooks(ServedCase):
    def record(self, style, previous_secret=None):
        """Everything that a call to the callee with the order sends."""
        account = self.served.account(url=self.hooks.url(f"/{style}"), tool_url=self.hooks.url(f"/{style}/tools"),
                                      secret=previous_secret or SECRET, style=style)
        if previous_secret:
            self.served.set_endpoint(account.id, secret=SECRET)
        self.hooks.behave(f"/{style}/tools", Reply.json({"result": {"status": "shipped"}}))
        call_id = account.api.place("+12025550108", "Return a part", tools=[TOOL],
                                    metadata={"name": "Zoë 👍", "number": 1.5, "list": [1, None, True]})
        self.hooks.wait_for_event(call_id, path=f"/{style}")
        return [{"style": style, "secret": SECRET, "previousSecret": previous_secret, "headers": each.headers,
                 "tool": each.path.endswith("/tools"), "body": base64.b64encode(each.raw).decode()}
                for each in self.hooks.received() if each.path.startswith(f"/{style}")]

    def test_the_reference_library_accepts_what_we_send(self):
        deliveries = self.record("compact", OLD_SECRET) + self.record("spaced") + self.record("utf8")
        path = self.served.home / "deliveries.json"
        path.write_text(json.dumps(deliveries))
        npm.install(FOLDER)
        done = subprocess.run(["node", "--test"], cwd=FOLDER, env={**clean_environment(), "TRUNKLINE_DELIVERIES": str(path)},
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(0, done.returncode, done.stdout[-4000:] + done.stderr[-1000:])
        self.assertIn("# fail 0", done.stdout)
        self.assertNotIn("# pass 0", done.stdout)

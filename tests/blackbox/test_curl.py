"""The API by curl, as the guides show it (contracts/voice-api.md §1, §11)."""
import json
import shutil
import subprocess
import unittest

from support.case import ServedCase


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Curl(ServedCase):
    settings = {"TRUNKLINE_CORS_ORIGINS": "https://app.example.com"}

    def curl(self, path, *options, key=None):
        """Status, headers (lower-case names) and body."""
        done = subprocess.run(["curl", "-s", "-i", "--max-time", "20", *options,
                               "-H", f"Authorization: Bearer {key or self.account.key}", self.served.url + path],
                              capture_output=True, text=True, timeout=30, check=True)
        head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
        lines = head.split("\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), headers, body

    def test_places_and_reads_a_call_without_a_json_content_type(self):
        """§1: curl -d sends a form's content type; the body is read as JSON all the same."""
        status, _, body = self.curl("/api/b2b/v1/calls", "-d", '{"to": "+12025550102", "task": "Ask"}')
        self.assertEqual(201, status)
        status, _, body = self.curl(f"/api/b2b/v1/calls/{json.loads(body)['id']}")
        self.assertEqual(200, status)
        self.assertEqual("+12025550102", json.loads(body)["to"])

    def test_cancels_with_an_empty_body(self):
        """§1: Content-Length 0 with a JSON content type is no parse error."""
        call_id = self.api.place("+12025550103")
        status, _, body = self.curl(f"/api/b2b/v1/calls/{call_id}/cancel", "-X", "POST", "-H",
                                    "Content-Type: application/json", "-H", "Content-Length: 0")
        self.assertEqual((200, "cancelled"), (status, json.loads(body)["status"]))

    def test_every_successful_answer_has_a_json_body(self):
        """§1: never 204, never an empty 2xx."""
        tool = self.api.post("/tools", {"name": "t", "description": "d", "input_schema": {}}).json()["id"]
        for path, options in ((f"/api/b2b/v1/tools/{tool}", ("-X", "DELETE")), ("/api/b2b/v1/tools", ()),
                              ("/api/b2b/v1/usage", ()), ("/api/b2b/v1/calls", ())):
            status, headers, body = self.curl(path, *options)
            self.assertEqual(200, status)
            self.assertEqual("application/json", headers["content-type"])
            json.loads(body)

    def test_a_request_id_goes_in_and_comes_out(self):
        """design: X-Request-Id in and out."""
        _, headers, _ = self.curl("/api/b2b/v1/tools", "-H", "X-Request-Id: my-id-1")
        self.assertEqual("my-id-1", headers["x-request-id"])
        _, headers, _ = self.curl("/api/b2b/v1/tools")
        self.assertRegex(headers["x-request-id"], "^req_")

    def test_a_browser_preflight_is_answered_without_a_key(self):
        """§11: allow Authorization and Content-Type, GET, POST and DELETE, for the configured origin only."""
        def preflight(origin):
            done = subprocess.run(["curl", "-s", "-i", "-X", "OPTIONS", self.served.url + "/api/b2b/v1/calls",
                                   "-H", f"Origin: {origin}", "-H", "Access-Control-Request-Method: POST",
                                   "-H", "Access-Control-Request-Headers: authorization,content-type"],
                                  capture_output=True, text=True, timeout=20, check=True)
            return done.stdout.lower()

        allowed = preflight("https://app.example.com")
        self.assertIn("access-control-allow-origin: https://app.example.com", allowed)
        for word in ("get", "post", "delete", "authorization", "content-type"):
            self.assertIn(word, allowed)
        self.assertNotIn("access-control-allow-origin", preflight("https://evil.example.com"))

    def test_large_answers_are_compressed_when_asked_for(self):
        """§1: the published client asks for gzip."""
        for _ in range(30):
            self.api.place("+12025550102", metadata={"padding": "x" * 500})
        plain = self.api.get("/calls", headers={"Accept-Encoding": "identity"})
        packed = self.api.get("/calls")
        self.assertEqual("gzip", packed.headers.get("Content-Encoding"))
        self.assertNotIn("Content-Encoding", plain.headers)
        self.assertEqual(plain.json()["total"], packed.json()["total"])

#!/usr/bin/env python3
"""Runs the examples against a real server: end_to_end.py BUILD_DIR, with the server in TRUNKLINE_BINARY.

The server stands on a database of its own in a temporary directory and calls the built-in phone network; time
runs a thousand times as fast there.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE = float(os.environ.get("TRUNKLINE_TEST_PATIENCE", "60"))  # seconds, for anything at all
SECRET = "whsec_ZW5kIHRvIGVuZCB0ZXN0IG9mIHRoZSBTREs="
EXAMPLES = pathlib.Path(sys.argv[1]).resolve() / "examples"


def check(condition, what):
    if not condition:
        raise AssertionError(what)
    print(f"  ok: {what.splitlines()[0]}")


def wait_until(what, test):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        outcome = test()
        if outcome:
            return outcome
        time.sleep(0.05)
    raise AssertionError(f"after {PATIENCE:.0f} s still not: {what}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A program that runs beside the test, its output in a file."""

    def __init__(self, name, command, directory, **options):
        self.name = name
        self.path = directory / f"{name}.out"
        with self.path.open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)

    def output(self):
        return self.path.read_text(errors="replace")

    def wait_for(self, pattern):
        def look():
            found = re.search(pattern, self.output())
            if not found and self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.output()}")
            return found
        try:
            return wait_until(f"{self.name} prints {pattern}", look)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output()[-4000:]}") from None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Bench:
    """A server with an account, a key and a user."""

    def __init__(self, binary, directory, programs):
        self.binary = str(binary)
        self.directory = directory
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")},
            "TRUNKLINE_DATABASE_URL": f"sqlite:{directory}/trunkline.db",
            "TRUNKLINE_LISTEN": self.url.removeprefix("http://"),
            "TRUNKLINE_ALLOW_PRIVATE_URLS": "1",
            "TRUNKLINE_LOCAL_SPEED": "1000",
        }
        self.server = Program("server", [self.binary, "serve"], directory, env=self.environment, cwd=directory)
        programs.callback(self.server.stop)
        wait_until("the server is ready", self.is_ready)
        self.account = self.command("accounts", "create", "--name", "Acme", "--subscription", "active")["id"]
        self.key = self.command("keys", "create", "--account", self.account)["api_key"]
        self.email = "ann@example.com"
        self.password = self.command("users", "create", "--account", self.account, "--email", self.email)["password"]

    def is_ready(self):
        if self.server.process.poll() is not None:
            raise AssertionError(f"the server does not start:\n{self.server.output()}")
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def command(self, *words):
        done = subprocess.run([self.binary, *words, "--json"], env=self.environment, cwd=self.directory,
                              capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode != 0:
            raise AssertionError(f"trunkline {' '.join(words)}: {done.stderr}{done.stdout}")
        return json.loads(done.stdout)

    def run(self, example, *arguments, status=0):
        done = subprocess.run([EXAMPLES / example, *arguments], capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode != status:
            raise AssertionError(f"{example} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr


def quickstart(bench):
    output = bench.run("quickstart", bench.url, bench.key)
    check(output.startswith("completed: ") and "no summary" not in output, f"quickstart: {output}")


def customers(bench):
    output = bench.run("onboarding", bench.url, bench.key)
    check(output.split() == ["onboarding_completed", "team_invited", "profile_completed"], f"onboarding: {output}")
    output = bench.run("shop", bench.url, bench.key)
    check("6 taken in\n" in output and "refused: There is no customer 'nobody'" in output, f"shop: {output}")
    check("purchase: 2\n" in output and "page_view" not in output, "shop's erased customer is not counted any more")


def place_and_wait(bench):
    arguments = (bench.url, bench.key, "+12025550101", "Ask for the opening hours", "order-1")
    first = bench.run("place_and_wait", *arguments)
    call = re.search(r"^placed: (call_\w+)$", first, re.MULTILINE)
    check(call, "place_and_wait places a call")
    check(f"{call[1]} completed" in first, "place_and_wait sees it completed")
    check("  agent: " in first and "  user: " in first, "place_and_wait prints both sides of the transcript")
    check(re.search(r"^0\.\d+ USD$", first, re.MULTILINE), "place_and_wait prints the cost")
    again = bench.run("place_and_wait", *arguments)
    check(f"placed before: {call[1]}" in again, "the same idempotency key calls nobody")
    wrong = bench.run("place_and_wait", bench.url, bench.key, "12", "Ask", status=1)
    check("this call cannot be placed" in wrong, "a wrong number is a ValidationError")
    bad_key = bench.run("place_and_wait", bench.url, "pk_live_wrong", "+12025550101", "Ask", status=1)
    check("code 1002, status 401" in bad_key, "a wrong key is refused with its code")


def every_method(bench):
    calls = bench.run("calls", bench.url, bench.key)
    check("ticket \"A-17\"" in calls, "calls: metadata comes back")
    check("after cancel: cancelled" in calls, "calls: cancel ends a call")
    check(re.search(r"after hanging up: (completed|cancelled)", calls), "calls: hanging up ends a call")
    scoped = re.search(r"(call_\w+) is cancelled here", calls)[1]
    check(re.search(rf"{scoped} \+12025550110 cancelled", calls), "calls: a scoped call is cancelled")
    account = bench.run("account", bench.url, bench.key, bench.email, bench.password)
    for part in ("stock_level", "deleted", r"\d{4}-\d\d: \d+ calls, \d+ minutes", "shop", "revoked: 1",
                 "subscription: active", "no payment page: "):
        check(re.search(part, account), f"account: prints {part}")
    outcomes = bench.run("outcomes", bench.url, bench.key)
    check("code 2002: " in outcomes, "outcomes: an exception has its code")
    check("no such call, code 7003" in outcomes, "outcomes: a value has its code")
    check("1 1\n" in outcomes, "outcomes: a repeated order is a replay")
    check(bench.run("signatures") == "1110\n", "signatures: genuine, genuine and new, first, not first")


def webhooks_and_tools(bench, directory, programs):
    receiver_port, tool_port = free_port(), free_port()
    receiver = Program("receiver", [EXAMPLES / "webhook_receiver", str(receiver_port), SECRET], directory)
    programs.callback(receiver.stop)
    tools = Program("tools", [EXAMPLES / "tool_server", str(tool_port), SECRET], directory)
    programs.callback(tools.stop)
    receiver.wait_for("listening on")
    tools.wait_for("listening on")
    bench.command("webhooks", "endpoint", "set", "--account", bench.account, "--secret", SECRET,
                  "--url", f"http://127.0.0.1:{receiver_port}/", "--tool-url", f"http://127.0.0.1:{tool_port}/")
    definition = directory / "tool.json"
    definition.write_text(json.dumps({
        "name": "order_status", "description": "The status of an order, by its number.",
        "input_schema": {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]}}))
    bench.command("tools", "add", "--account", bench.account, str(definition))
    output = bench.run("place_and_wait", bench.url, bench.key, "+12025550108", "Return a part")
    call = re.search(r"placed: (call_\w+)", output)[1]
    check("shipped" in output, f"the agent says what the tool answered\n{output}")
    tools.wait_for(r'200 \{"correlation_id":"[^"]+","result":\{"carrier":"UPS","status":"shipped"\}\}')
    check(True, "tool_server answers a signed request")
    for event, status in (("queued", "queued"), ("started", "in_progress"), ("transcript_update", "in_progress"),
                          ("completed", "completed")):
        receiver.wait_for(rf"call\.{event} {call} {status}")
        check(True, f"webhook_receiver verifies and prints call.{event}")
    check("  agent: " in receiver.output(), "webhook_receiver prints what was said")
    forged = urllib.request.Request(f"http://127.0.0.1:{receiver_port}/", b'{"event":"call.completed","call_id":"x"}',
                                    {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,x"})
    try:
        urllib.request.urlopen(forged, timeout=PATIENCE)
        status = 200
    except urllib.error.HTTPError as error:
        status = error.code
    check(status == 401, "webhook_receiver refuses a forged event")


def main():
    binary = os.environ.get("TRUNKLINE_BINARY")
    if not binary or not pathlib.Path(binary).is_file():
        print("TRUNKLINE_BINARY must name the server's program")
        return 2
    with tempfile.TemporaryDirectory(prefix="trunkline-sdk-") as name, contextlib.ExitStack() as programs:
        directory = pathlib.Path(name)
        copy = shutil.copy(binary, directory / "trunkline")  # the build may replace the original meanwhile
        bench = Bench(copy, directory, programs)
        try:
            # First, since a server remembers for a second that an account has no endpoint.
            webhooks_and_tools(bench, directory, programs)
            quickstart(bench)
            customers(bench)
            place_and_wait(bench)
            every_method(bench)
        except Exception:
            print(f"--- the server's last lines\n{bench.server.output()[-4000:]}")
            raise
    print("the examples work against the server")
    return 0


if __name__ == "__main__":
    sys.exit(main())

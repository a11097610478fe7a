"""The program under test as a process: started, stopped, killed and started again on one temporary home."""
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from .api import Api
from .database import new_database
from .options import OPTIONS
from .waiting import wait_until

numbers = itertools.count(1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment():
    """Ours without what would configure the program behind the tests' back."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("TRUNKLINE_", "OPENAI_")) and "proxy" not in name.lower()}


@dataclass
class Outcome:
    """How a command ended."""
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@dataclass
class Account:
    """An account with a key, as most tests need one."""
    id: str
    project_id: str
    key_id: str
    key: str
    api: Api


class Server:
    def __init__(self, **settings):
        self.home = OPTIONS.work / f"server-{next(numbers)}"
        self.home.mkdir(parents=True)
        self.database = new_database(self.home)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {"TRUNKLINE_LISTEN": f"127.0.0.1:{self.port}",
                         "TRUNKLINE_DATABASE_URL": self.database.url,
                         "TRUNKLINE_SECRET_KEY_FILE": str(self.home / "trunkline.key"),
                         "TRUNKLINE_ALLOW_PRIVATE_URLS": "1", "TRUNKLINE_LOCAL_SPEED": "1000",
                         "TRUNKLINE_LOG_FORMAT": "json", **{key: str(value) for key, value in settings.items()}}
        self.process = None
        self.log_path = self.home / "server.log"

    def environment(self, **extra):
        return {**clean_environment(), **self.settings, **{key: str(value) for key, value in extra.items()}}

    def start(self, arguments=("serve",), wait=True, preexec=None, **extra):
        """Starts it and waits until it answers. `TRUNKLINE_FAIL_POINT` and the like go into `extra`."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen([OPTIONS.binary, *arguments], env=self.environment(**extra), cwd=self.home,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=preexec)
        if wait:
            wait_until(self.answers, f"the server on port {self.port} answers", 30)
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()[-2000:]}")
        try:
            return requests.get(f"{self.url}/livez", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """As systemd would: SIGTERM. Its exit code."""
        if self.is_running():
            self.process.terminate()
        return self.wait_for_end()

    @contextmanager
    def paused(self):
        """It stands still meanwhile; what is sent to it waits in the kernel."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def kill(self):
        if self.is_running():
            self.process.send_signal(signal.SIGKILL)
        return self.wait_for_end()

    def wait_for_end(self, timeout=40):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not end in time") from None

    def wait_for_crash(self, timeout=30):
        """Until a fail point has killed it."""
        wait_until(lambda: not self.is_running(), "the fail point kills the server", timeout)
        assert self.process.returncode == -signal.SIGKILL, self.process.returncode

    def close(self):
        if self.is_running():
            self.kill()
        self.database.drop()
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def run(self, *arguments, stdin=None, timeout=60, **extra):
        """A command beside the server, however it ends."""
        done = subprocess.run([OPTIONS.binary, *arguments], env=self.environment(**extra), cwd=self.home,
                              input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                              capture_output=True, text=True, timeout=timeout, check=False)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def cli(self, *arguments, **extra):
        """The JSON of a command that must succeed."""
        outcome = self.run(*arguments, "--json", **extra)
        if outcome.code != 0:
            raise AssertionError(f"trunkline {' '.join(arguments)} ended with {outcome.code}: {outcome.err}")
        return outcome.json

    def account(self, name="Acme", subscription="active", **endpoint):
        """A new account with a key, and its webhook endpoint when one is given (url, tool_url, secret, style)."""
        made = self.cli("accounts", "create", "--name", name, "--subscription", subscription)
        key = self.cli("keys", "create", "--account", made["id"])
        if endpoint:
            self.set_endpoint(made["id"], **endpoint)
        return Account(made["id"], made["project_id"], key["id"], key["api_key"], Api(self.url, key["api_key"]))

    def set_endpoint(self, account, **endpoint):
        options = [part for name, value in endpoint.items() for part in (f"--{name.replace('_', '-')}", value)]
        return self.cli("webhooks", "endpoint", "set", "--account", account, *options)

    def user_token(self, account):
        email = f"user{next(numbers)}@example.com"
        self.cli("users", "create", "--account", account, "--email", email)
        return self.cli("users", "token", "--email", email)["token"]

    def query(self, sql):
        return self.database.query(sql)

    def count(self, table, where="1 = 1"):
        return self.query(f"SELECT count(*) AS n FROM {table} WHERE {where}")[0]["n"]

    def wait_for_idle(self, timeout=30):
        """Until nothing is due any more: no open job but those that wait for a later time or an operator."""
        def idle():
            now = int((time.time() + 1) * 1_000_000)
            return self.count("jobs", f"NOT parked AND run_at < {now} AND kind <> 'maintenance.hourly'") == 0
        wait_until(idle, "the queue is empty", timeout, 0.1)

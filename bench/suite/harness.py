"""Processes and the processor time they take, the servers under test, and the load on them."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench"
OPPONENTS = ROOT / "bench" / "opponents"
PACKAGES = BUILD / "opponents"
TICKS = os.sysconf("SC_CLK_TCK")
SECRET = "bench-secret-of-the-webhooks"


def tool(name):
    """A program of bench/tools."""
    return str(BUILD / "bench" / f"bench_{name}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, patience=30):
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode} before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"nothing listens on port {port}")


def _stat(pid):
    """Parent and processor seconds of a process, with those of its ended children; None when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return int(fields[1]), sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICKS


def cpu_seconds(*roots):
    """Processor seconds of the processes and all their descendants, ended ones included."""
    parents = {}
    spent = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (found := _stat(name)):
            parents[int(name)], spent[int(name)] = found
    total = 0.0
    for pid in spent:
        ancestor = pid
        while ancestor not in roots and ancestor in parents:
            ancestor = parents[ancestor]
        if ancestor in roots:
            total += spent[pid]
    return total


def resident_kib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("no VmRSS")


class Child:
    """A process that ends with the block."""

    def __init__(self, command, env=None, cpu=None, **options):
        self.log = tempfile.NamedTemporaryFile("w+", prefix="trunkline-bench-", suffix=".log")
        options.setdefault("stdout", self.log)
        options.setdefault("stderr", self.log)
        if cpu is not None:
            command = ["taskset", "-c", str(cpu), *command]
        self.process = subprocess.Popen(command, env={**os.environ, **(env or {})}, **options)
        self.pid = self.process.pid

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Trunkline(Child):
    """The release build, with the settings that a production user of one big key would set."""

    def __init__(self, database_url, worker=True, settings=None, cpu=None, wait=True):
        self.port = free_port()
        self.settings = {
            "TRUNKLINE_DATABASE_URL": database_url,
            "TRUNKLINE_LISTEN": f"127.0.0.1:{self.port}",
            "TRUNKLINE_NODE_NAME": "bench",
            "TRUNKLINE_WORKER": "1" if worker else "0",
            "TRUNKLINE_READS_PER_SECOND": "1000000",
            "TRUNKLINE_WRITES_PER_SECOND": "1000000",
            "TRUNKLINE_CONNECTIONS_PER_ADDRESS": "100000",
            "TRUNKLINE_ALLOW_PRIVATE_URLS": "1",
            "TRUNKLINE_LOG_REQUESTS": "0",
            **(settings or {}),
        }
        super().__init__([str(BUILD / "trunkline"), "serve"], env=self.settings, cpu=cpu)
        if wait:
            wait_for_port(self.port, self.process)


def seed(database_url, *arguments):
    """Runs the seeding tool; its lines, split."""
    run = subprocess.run(
        [tool("seed"), *arguments],
        env={**os.environ, "TRUNKLINE_DATABASE_URL": database_url, "TRUNKLINE_ALLOW_PRIVATE_URLS": "1"},
        check=True, capture_output=True, text=True,
    )
    return [line.split() for line in run.stdout.splitlines()]


class Postgres:
    """A PostgreSQL server of its own that syncs to disk, by scripts/with-postgres."""

    def __init__(self):
        script = 'echo "$TRUNKLINE_TEST_POSTGRES $TRUNKLINE_TEST_POSTGRES_DATA"; exec cat'
        self.process = subprocess.Popen(
            [str(ROOT / "scripts" / "with-postgres"), "sh", "-c", script],
            env={**os.environ, "TRUNKLINE_POSTGRES_FSYNC": "on"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )
        self.url, data = self.process.stdout.readline().split()
        self.pid = int(Path(data, "postmaster.pid").read_text().splitlines()[0])

    def database(self, name):
        """A new, empty database; its URL."""
        self.query(f"CREATE DATABASE {name}")
        return self.url.rsplit("/", 1)[0] + "/" + name

    def query(self, sql, url=None):
        command = ["psql", "-qAt", url or self.url, "-c", sql]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        return run.stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)


class Redis(Child):
    """Redis that keeps what it has acknowledged: every write is synced to its log before the answer."""

    def __init__(self, directory):
        self.port = free_port()
        super().__init__(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", directory,
             "--save", "", "--appendonly", "yes", "--appendfsync", "always",
             "--maxmemory-policy", "noeviction"]
        )
        wait_for_port(self.port, self.process)


class Sink(Child):
    """The receiver of webhooks."""

    def __init__(self, slow_ms=5000):
        self.port = free_port()
        super().__init__([tool("webhook_sink"), "--port", str(self.port), "--slow-ms", str(slow_ms)])
        wait_for_port(self.port, self.process)

    def url(self, path="/hooks"):
        """With a place for the tenant's own address: every 127.x.y.z is this machine."""
        return f"http://127.0.{{high}}.{{low}}:{self.port}{path}"

    def _get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        body = connection.getresponse().read().decode()
        connection.close()
        return body

    def statistics(self):
        return json.loads(self._get("/_stats"))

    def reset(self):
        self._get("/_reset")

    def samples(self):
        return [tuple(each.split("\r\n\r\n", 1)) for each in self._get("/_samples").split("\n=====\n")]


def load(port, cpu=None, **options):
    """Runs the load generator and returns its report; repeated options are given as lists."""
    command = [tool("http_load"), "--port", str(port)]
    if cpu is not None:
        command = ["taskset", "-c", str(cpu), *command]
    for name, value in options.items():
        for each in value if isinstance(value, list) else [value]:
            command += ["--" + name.replace("_", "-"), str(each)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def install_opponents():
    """The opponents' packages, in the versions that bench/opponents/package.json names."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    wanted = (OPPONENTS / "package.json").read_text()
    stamp = PACKAGES / "package.json"
    for script in OPPONENTS.glob("*.js"):
        shutil.copy(script, PACKAGES)
    installed = (PACKAGES / "node_modules" / ".package-lock.json").exists()
    if installed and stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.write_text(wanted)
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=PACKAGES, check=True)


def node(script, *arguments, **options):
    return Child(["node", str(PACKAGES / script), *arguments], env={"NODE_ENV": "production"}, **options)

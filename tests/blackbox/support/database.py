"""A look into the server's database from outside, the same on both engines: rows come as dictionaries, UUIDs as text."""
import json
import os
import sqlite3
import subprocess
import time
import uuid
from urllib.parse import urlsplit

from .options import OPTIONS


class SqliteDatabase:
    def __init__(self, home):
        self.path = home / "trunkline.db"
        self.url = f"sqlite:{self.path}"

    def query(self, sql):
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
        try:
            connection.row_factory = sqlite3.Row
            return [{name: plain(row[name]) for name in row.keys()} for row in connection.execute(sql)]
        finally:
            connection.close()

    def execute(self, sql):
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            connection.execute(sql)
            connection.commit()
        finally:
            connection.close()

    def lock(self):
        """Locks out every writer and reader, as another process would; `close()` on the result frees them."""
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        return connection

    def dump(self):
        """Every byte that the database keeps, its log included."""
        return b"".join(path.read_bytes() for path in sorted(self.path.parent.glob(self.path.name + "*")))

    def drop(self):
        pass


class PostgresDatabase:
    def __init__(self, home):
        base = urlsplit(OPTIONS.postgres_url)
        self.name = f"blackbox_{os.getpid()}_{uuid.uuid4().hex[:12]}"
        self.host, self.port = base.hostname, base.port
        self.url = f"postgresql://{base.username}@{base.hostname}:{base.port}/{self.name}"
        self.psql(f'CREATE DATABASE {self.name} OWNER "{base.username}"', database="postgres")

    # As the superuser of the test cluster, so that row-level security hides nothing from the tests.
    def psql(self, sql, database=None):
        done = subprocess.run(
            [f"{os.environ['TRUNKLINE_TEST_POSTGRES_BIN']}/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             "-h", self.host, "-p", str(self.port), "-U", "admin", "-d", database or self.name, "-f", "-"],
            input=sql, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout

    def query(self, sql):
        rows = json.loads(self.psql(f"SELECT coalesce(json_agg(t), '[]') FROM ({sql}) AS t"))
        return rows

    def execute(self, sql):
        self.psql(sql)

    def dump(self):
        bin_directory = os.environ["TRUNKLINE_TEST_POSTGRES_BIN"]
        return subprocess.run([f"{bin_directory}/pg_dump", "-h", self.host, "-p", str(self.port), "-U", "admin",
                               self.name], capture_output=True, timeout=60, check=True).stdout

    def drop(self):
        self.psql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", database="postgres")


class PostgresServer:
    """The cluster that scripts/with-postgres started: it can be stopped and started again."""

    def pg_ctl(self, *arguments):
        environment = os.environ
        user = environment["TRUNKLINE_TEST_POSTGRES_USER"]
        data = environment["TRUNKLINE_TEST_POSTGRES_DATA"]
        command = [f"{environment['TRUNKLINE_TEST_POSTGRES_BIN']}/pg_ctl", "-D", data, *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", user, "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, cwd="/")

    def stop(self):
        self.pg_ctl("-m", "immediate", "stop")

    def start(self):
        log = os.path.join(os.path.dirname(os.environ["TRUNKLINE_TEST_POSTGRES_DATA"]), "log")
        for attempt in range(10):
            try:
                return self.pg_ctl("-l", log, "-w", "start")
            except subprocess.CalledProcessError:
                if attempt == 9:
                    raise
                time.sleep(0.5)


def plain(value):
    if isinstance(value, bytes):
        return str(uuid.UUID(bytes=value)) if len(value) == 16 else value
    return value


def new_database(home):
    return PostgresDatabase(home) if OPTIONS.postgresql else SqliteDatabase(home)

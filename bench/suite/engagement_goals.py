"""The engagement API: actions one by one and in batches, on both engines, beside Express and pg doing the same and beside
the bare engine; and reading a long timeline among many contacts."""

import http.client
import json
import os
import sqlite3
import struct
import subprocess
import threading
import time
import uuid
from contextlib import ExitStack, contextmanager
from pathlib import Path

from . import harness
from .http_goals import uuid_of
from .result import Goal

PEOPLE = 10_000
BATCH = 1000
MOMENT = 1772445600000000  # of ACTION, as it is stored
CONNECTIONS = 64
ACTION = {"customer_id": "{line}", "action_name": "page_view", "action_value": "{n}", "action_properties": {"page": "/home"},
          "timestamp": "2026-03-02T10:00:00Z"}
FAST = {"TRUNKLINE_ENGAGEMENT_REQUESTS_PER_MINUTE": "1000000000", "TRUNKLINE_LOG_LEVEL": "warning"}


def command(url, *arguments):
    environment = {**os.environ, "TRUNKLINE_DATABASE_URL": url}
    run = subprocess.run([str(harness.BUILD / "trunkline"), *arguments, "--json"], env=environment, check=True,
                         capture_output=True, text=True)
    return json.loads(run.stdout)


def account(url):
    made = command(url, "accounts", "create", "--name", "bench", "--subscription", "active")["id"]
    return made, command(url, "keys", "create", "--account", made)["api_key"]


def post(port, path, key, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", path, json.dumps(body), headers_of(key))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status in (200, 201), (answer.status, text[:500])
    return json.loads(text)


def headers_of(key):
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def register_people(port, key):
    for first in range(0, PEOPLE, BATCH):
        post(port, "/customers/batch", key, {"items": [{"customer_id": f"c-{n}"} for n in range(first, first + BATCH)]})


def lines_of_people(options):
    path = Path(options.scratch, "people.txt")
    path.write_text("".join(f"c-{n}\n" for n in range(PEOPLE)))
    return str(path)


class Target:
    """A server with its database's own process, if it has one: both are the server's processor time."""

    def __init__(self, server, port, path, batch_path, key, url, database=None):
        self.server, self.port, self.path, self.batch_path = server, port, path, batch_path
        self.key, self.url, self.database = key, url, database

    def cpu_seconds(self):
        return self.server.cpu_seconds() + (harness.cpu_seconds(self.database.pid) if self.database else 0)


@contextmanager
def targets(options):
    """A PostgreSQL server, and on it and on SQLite ours, beside Express, each with ten thousand customers."""
    harness.install_opponents()
    found = {}
    with harness.Postgres() as postgres, ExitStack() as stack:
        for name, url in (("SQLite", f"sqlite:{options.scratch}/bench.db"), ("PostgreSQL", postgres.database("trunkline_bench"))):
            _, key = account(url)
            server = stack.enter_context(harness.Trunkline(url, settings=FAST))
            register_people(server.port, key)
            found[name] = Target(server, server.port, "/customers/actions", "/customers/batch", key, url,
                                 postgres if name == "PostgreSQL" else None)
        port = harness.free_port()
        url = postgres.database("express_bench")
        express = stack.enter_context(harness.node("express_actions.js", str(port), url, "bench-key", "2"))
        harness.wait_for_port(port, express.process)
        time.sleep(1)
        found["Express"] = Target(express, port, "/actions", "/batch", "bench-key", url, postgres)
        warm_up(options, found, postgres)
        yield postgres, found


def warm_up(options, found, postgres):
    """A second of actions; then PostgreSQL learns what is in its tables, as autovacuum would tell it in time: plans made
    for empty tables go."""
    body = Path(options.scratch, "warm-up.json")
    body.write_text(json.dumps({**ACTION, "action_name": "warm_up"}))
    for target in found.values():
        harness.load(target.port, method="POST", path=target.path, body_file=body, lines=lines_of_people(options),
                     header=[f"Authorization: Bearer {target.key}", "Content-Type: application/json"],
                     connections=CONNECTIONS, seconds=1)
        if target.database:
            postgres.query("VACUUM ANALYZE", as_superuser(target.url))


def as_superuser(url):
    """Whom row-level security does not concern."""
    return url.replace("//trunkline@", "//admin@")


def recorded(target, postgres):
    sql = "SELECT count(*) FROM actions"
    if target.url.startswith("sqlite:"):
        connection = sqlite3.connect(f"file:{target.url[7:]}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchone()[0]
        finally:
            connection.close()
    return int(postgres.query(sql, as_superuser(target.url)))


def one_by_one(options):
    goal = Goal("engagement.one", "actions recorded, one a request")
    with targets(options) as (postgres, found):
        measure_one_by_one(options, goal, found, postgres)
    return goal


def measure_one_by_one(options, goal, found, postgres):
    figures = {name: goal.figure(f"{name}, one a request", "actions/CPU-s") for name in found}
    slow = {name: goal.figure(f"{name}, p99 at {CONNECTIONS} connections", "ms") for name in found}
    ratios = {name: goal.figure(f"{name} beside Express and pg", "times") for name in found if name != "Express"}
    people = lines_of_people(options)
    body = Path(options.scratch, "action.json")
    for number in range(options.rounds):
        # Else the second round would repeat the first one, and be recognised.
        body.write_text(json.dumps({**ACTION, "action_properties": {"page": "/home", "round": number}}))
        for name, target in found.items():
            before, there = target.cpu_seconds(), recorded(target, postgres)
            report = harness.load(target.port, method="POST", path=target.path, body_file=body, lines=people,
                                  header=[f"Authorization: Bearer {target.key}", "Content-Type: application/json"],
                                  connections=CONNECTIONS, seconds=options.seconds)
            goal.check(f"{name}: every answer is 201", list(report["statuses"]) == ["201"], report["statuses"])
            figures[name].add(report["succeeded"] / (target.cpu_seconds() - before))
            slow[name].add(report["succeeded_us"]["p99"] / 1000)
            kept = recorded(target, postgres) - there
            # Requests that the end of the window cut off may have been recorded, too.
            goal.check(f"{name}: what was acknowledged is recorded, each once",
                       report["succeeded"] <= kept <= report["succeeded"] + CONNECTIONS, (report["succeeded"], kept))
        for name, ratio in ratios.items():
            ratio.add(figures[name].values[-1] / figures["Express"].values[-1])
    goal.checks = [check for check in goal.checks if not check["holds"]] or goal.checks[:1]
    for ratio in ratios.values():
        goal.gate(ratio, 7, 10)


def batches(options):
    goal = Goal("engagement.batch", f"actions recorded in batches of {BATCH}")
    with targets(options) as (postgres, found):
        measure_batches(options, goal, found, postgres)
    return goal


def measure_batches(options, goal, found, postgres):
    figures = {name: goal.figure(f"{name}, batches of {BATCH}", "actions/CPU-s") for name in found}
    count = 20 if options.quick else 100
    raw = {"SQLite": RawSqlite(options, count), "PostgreSQL": RawPostgres(options, postgres, count)}
    floors = {name: goal.figure(f"raw {name}, the same rows and keys", "actions/CPU-s") for name in raw}
    ratios = {name: goal.figure(f"{name}, of the raw engine", "of the floor") for name in raw}
    beside = {name: goal.figure(f"{name} beside Express and pg", "times") for name in found if name != "Express"}
    number = 0
    for _ in range(options.rounds):
        for name, target in found.items():
            bodies = []
            for _ in range(count):
                number += 1
                bodies.append(json.dumps({"items": [
                    {**ACTION, "customer_id": f"c-{n * 7 % PEOPLE}", "action_value": number * BATCH + n} for n in range(BATCH)]}))
            before, there = target.cpu_seconds(), recorded(target, postgres)
            send_all(target, bodies)
            figures[name].add(count * BATCH / (target.cpu_seconds() - before))
            kept = recorded(target, postgres) - there
            goal.check(f"{name}: every action of every batch is there", kept == count * BATCH, kept)
        for name, ratio in ratios.items():
            floors[name].add(raw[name].insert())
            ratio.add(figures[name].values[-1] / floors[name].values[-1])
        for name, times in beside.items():
            times.add(figures[name].values[-1] / figures["Express"].values[-1])
    goal.checks = [check for check in goal.checks if not check["holds"]] or goal.checks[:1]
    for ratio in ratios.values():
        goal.gate(ratio, 0.6, 0.8)


def send_all(target, bodies):
    """Four clients, each with one batch after the other."""
    def send(own):
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=120)
        for body in own:
            connection.request("POST", target.batch_path, body, headers_of(target.key))
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()[:500]
            answer.read()
        connection.close()
    threads = [threading.Thread(target=send, args=(bodies[each::4],)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class RawSqlite:
    """The engine alone, in this process: the same tables, keys, batches and durability, the rows in the order of their
    key, and tables that grow alike."""

    def __init__(self, options, count):
        self.path, self.count = f"{options.scratch}/raw.db", count
        self.people = [os.urandom(16) for _ in range(PEOPLE)]
        self.account_id, self.key = os.urandom(16), os.urandom(16)
        connection = sqlite3.connect(self.path)
        connection.executescript("""
            PRAGMA journal_mode = WAL;
            CREATE TABLE actions (account_id blob NOT NULL, contact_id blob NOT NULL, occurred_at integer NOT NULL,
              id blob NOT NULL, recorded_at integer NOT NULL, name text NOT NULL, value text, properties text NOT NULL,
              recorded_by blob NOT NULL, PRIMARY KEY (account_id, contact_id, occurred_at, id)) WITHOUT ROWID;
            CREATE TABLE action_counts (account_id blob, day integer, name text, shard integer, count integer,
              PRIMARY KEY (account_id, day, name, shard)) WITHOUT ROWID""")
        connection.close()

    def insert(self):
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.executescript("PRAGMA synchronous = FULL; PRAGMA cache_size = -16000; "
                                 "PRAGMA wal_autocheckpoint = 4000; PRAGMA mmap_size = 268435456")
        batches = [sorted((self.account_id, self.people[n * 7 % PEOPLE], MOMENT, os.urandom(16), MOMENT, "page_view", str(n),
                           '{"page":"/home"}', self.key) for n in range(BATCH)) for _ in range(self.count)]
        counts = [(self.account_id, shard, BATCH // 16) for shard in range(16)]
        before = time.process_time()
        for batch in batches:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO actions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", batch)
            connection.executemany("INSERT INTO action_counts VALUES (?, 20514, 'page_view', ?, ?) ON CONFLICT DO UPDATE "
                                   "SET count = count + excluded.count", counts)
            connection.execute("COMMIT")
        spent = time.process_time() - before
        connection.close()
        return self.count * BATCH / spent


class RawPostgres:
    """The same of PostgreSQL, by COPY in its binary form and without row-level security. The client's processor time
    does not count, the server's does, with whatever it does in the background."""

    def __init__(self, options, postgres, count):
        self.options, self.postgres, self.count = options, postgres, count
        self.people = [os.urandom(16) for _ in range(PEOPLE)]
        self.account_id, self.key = os.urandom(16), os.urandom(16)
        self.url = postgres.database("raw_bench")
        postgres.query("""
            CREATE TABLE actions (account_id uuid NOT NULL, contact_id uuid NOT NULL, occurred_at bigint NOT NULL,
              id uuid NOT NULL, recorded_at bigint NOT NULL, name text NOT NULL, value text, properties text NOT NULL,
              recorded_by uuid NOT NULL, PRIMARY KEY (account_id, contact_id, occurred_at, id));
            CREATE TABLE action_counts (account_id uuid, day bigint, name text, shard bigint, count bigint,
              PRIMARY KEY (account_id, day, name, shard))""", self.url)

    def insert(self):
        counts = ", ".join(f"('{self.account_id.hex()}', 20514, 'page_view', {shard}, {BATCH // 16})" for shard in range(16))
        script, files = [], []
        for each in range(self.count):
            files.append(Path(self.options.scratch, f"raw-{each}.copy"))
            rows = sorted((self.account_id, self.people[n * 7 % PEOPLE], struct.pack(">q", MOMENT), os.urandom(16),
                           struct.pack(">q", MOMENT), b"page_view", str(n).encode(), b'{"page":"/home"}', self.key)
                          for n in range(BATCH))
            files[-1].write_bytes(b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"".join(map(copied, rows)) + b"\xff\xff")
            script += ["BEGIN;", f"\\copy actions FROM '{files[-1]}' (FORMAT binary)",
                       f"INSERT INTO action_counts VALUES {counts} ON CONFLICT (account_id, day, name, shard) DO UPDATE "
                       "SET count = action_counts.count + excluded.count;", "COMMIT;"]
        before = harness.cpu_seconds(self.postgres.pid)
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", self.url], input="\n".join(script), check=True, text=True)
        time.sleep(0.3)  # until the server has reaped the connection's process, whose time is then its own
        spent = harness.cpu_seconds(self.postgres.pid) - before
        for path in files:
            path.unlink()
        return self.count * BATCH / spent


def copied(row):
    """A row of COPY's binary form."""
    return struct.pack(">h", len(row)) + b"".join(struct.pack(">i", len(cell)) + cell for cell in row)


def timeline(options):
    goal = Goal("engagement.timeline", "reading a long timeline")
    with harness.Postgres() as postgres:
        measure_timeline(options, goal, postgres)
    return goal


def measure_timeline(options, goal, postgres):
    contacts = 100_000 if options.quick else 1_000_000
    entries = 10_000
    urls = {"SQLite": f"sqlite:{options.scratch}/timeline.db", "PostgreSQL": postgres.database("trunkline_timeline")}
    for name, url in urls.items():
        slow = goal.figure(f"{name}, a page of 50 of {entries} entries among {contacts} contacts, p99", "ms")
        typical = goal.figure("… p50", "ms")
        each = goal.figure("… pages", "pages/CPU-s")
        made, key = account(url)
        register(url, postgres, made, contacts)
        with harness.Trunkline(url, settings=FAST) as server:
            for first in range(0, entries, BATCH):
                post(server.port, "/customers/batch", key, {"items": [
                    {"customer_id": f"c-{contacts // 2}", "action_name": "page_view", "action_value": n,
                     "timestamp": f"2026-02-{1 + n // 500:02}T10:{n % 500 // 60:02}:{n % 500 % 60:02}Z"}
                    for n in range(first, first + BATCH)]})
            path = f"/customers/c-{contacts // 2}/timeline"
            cursors = cursors_of(server.port, key, path, entries, goal, name)
            lines = Path(options.scratch, "cursors.txt")
            lines.write_text("\n".join(cursors) + "\n")
            target = Target(server, server.port, path, "", key, url, postgres if name == "PostgreSQL" else None)
            for _ in range(options.rounds):
                before = target.cpu_seconds()
                report = harness.load(server.port, path=path + "?limit=50&cursor={line}", lines=str(lines),
                                      header=[f"Authorization: Bearer {key}"], connections=8, seconds=options.seconds)
                goal.check(f"{name}: every answer is 200", list(report["statuses"]) == ["200"], report["statuses"])
                each.add(report["succeeded"] / (target.cpu_seconds() - before))
                slow.add(report["succeeded_us"]["p99"] / 1000)
                typical.add(report["succeeded_us"]["p50"] / 1000)
        goal.gate(slow, 15, 5, at_most=True)
    goal.checks = [check for check in goal.checks if not check["holds"]] or goal.checks[:2]


def cursors_of(port, key, path, entries, goal, name):
    """Where pages begin all along the story, each as likely as the others."""
    cursors, cursor, values = [], "", []
    while cursor is not None:
        page = get(port, key, f"{path}?limit=200&cursor={cursor}")
        values += [entry["action_value"] for entry in page["items"]]
        cursors.append(cursor)
        cursor = page["next_cursor"]
    goal.check(f"{name}: the pages make up the whole, the latest first", values == list(range(entries))[::-1], len(values))
    return cursors[1:]


CONTACTS = ("account_id, id, customer_id, name, email, email_key, phone, phone_e164, properties, created_at, updated_at, "
            "creation_hash")


def register(url, postgres, account_id, count):
    """A million people, set-wise: into the tables, since an hour of requests is not what is measured."""
    now = time.time_ns() // 1000
    owner = uuid.UUID(bytes=uuid_of(account_id))
    if url.startswith("sqlite:"):
        people = ((owner.bytes, os.urandom(16), f"c-{n}", f"Person {n}", f"p{n}@example.com", f"p{n}@example.com", f"+1202{n:07}",
                   f"+1202{n:07}", "{}", now, now, b"") for n in range(count))
        connection = sqlite3.connect(url[7:])
        connection.executemany(f"INSERT INTO contacts ({CONTACTS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", people)
        connection.execute("INSERT INTO contact_phones (account_id, phone, contact_id) SELECT account_id, phone_e164, id FROM contacts")
        connection.commit()
        connection.close()
        return
    postgres.query(f"""INSERT INTO contacts ({CONTACTS})
        SELECT '{owner}', gen_random_uuid(), 'c-' || n, 'Person ' || n, 'p' || n || '@example.com', 'p' || n || '@example.com',
               '+1202' || lpad(n::text, 7, '0'), '+1202' || lpad(n::text, 7, '0'), '{{}}', {now}, {now}, ''
        FROM generate_series(0, {count - 1}) n""", as_superuser(url))
    postgres.query("INSERT INTO contact_phones (account_id, phone, contact_id) SELECT account_id, phone_e164, id FROM contacts", as_superuser(url))


def get(port, key, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers_of(key))
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer

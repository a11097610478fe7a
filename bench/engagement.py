#!/usr/bin/env python3
"""Measures the engagement API: actions one by one and in batches, on both engines, beside Express and pg; and reading a
long timeline among many contacts.

    bench/engagement.py [--only one,batch,timeline] [--rounds N] [--quick]

Prints a table for each, writes build/bench/engagement.json, and ends with 1 when a goal is missed or an answer was
wrong. Build the `bench` preset first: `make bench` does.
"""

import argparse
import http.client
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

from suite import harness
from suite.result import Goal

PEOPLE = 10_000
BATCH = 1000
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

    def __init__(self, server, port, path, batch_path, key, database=None):
        self.server, self.port, self.path, self.batch_path, self.key, self.database = server, port, path, batch_path, key, database

    def cpu_seconds(self):
        return self.server.cpu_seconds() + (harness.cpu_seconds(self.database.pid) if self.database else 0)


def targets(options, postgres, stack):
    """Ours on both engines, and Express, each with ten thousand customers."""
    found = {}
    for name, url in (("SQLite", f"sqlite:{options.scratch}/bench.db"), ("PostgreSQL", postgres.database("trunkline_bench"))):
        _, key = account(url)
        server = stack.enter(harness.Trunkline(url, settings=FAST))
        register_people(server.port, key)
        found[name] = Target(server, server.port, "/customers/actions", "/customers/batch", key,
                             postgres if name == "PostgreSQL" else None)
        found[name].url = url
    port = harness.free_port()
    url = postgres.database("express_bench")
    express = stack.enter(harness.node("express_actions.js", str(port), url, "bench-key", "2"))
    harness.wait_for_port(port, express.process)
    time.sleep(1)
    found["Express"] = Target(express, port, "/actions", "/batch", "bench-key", postgres)
    found["Express"].url = url
    return found


class Stack:
    def __init__(self):
        self.held = []

    def enter(self, child):
        self.held.append(child)
        return child

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self.held):
            child.stop()


def recorded(target, postgres):
    sql = "SELECT count(*) FROM actions"
    if target.url.startswith("sqlite:"):
        connection = sqlite3.connect(f"file:{target.url[7:]}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchone()[0]
        finally:
            connection.close()
    # As the superuser, whom row-level security does not concern.
    return int(postgres.query(sql, target.url.replace("//trunkline@", "//admin@")))


def one_by_one(options, goal, found, postgres):
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


def batches(options, goal, found, postgres):
    figures = {name: goal.figure(f"{name}, batches of {BATCH}", "actions/CPU-s") for name in found}
    raw = {"SQLite": lambda: raw_sqlite(options, count), "PostgreSQL": lambda: raw_postgres(options, postgres, count)}
    floors = {name: goal.figure(f"raw {name}, the same rows and keys", "actions/CPU-s") for name in raw}
    ratios = {name: goal.figure(f"{name}, of the raw engine", "of the floor") for name in raw}
    beside = {name: goal.figure(f"{name} beside Express and pg", "times") for name in found if name != "Express"}
    count = 20 if options.quick else 100
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
            floors[name].add(raw[name]())
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


def raw_sqlite(options, count):
    """The engine alone, in this process: the same tables, keys, batches and durability."""
    path = f"{options.scratch}/raw-{time.monotonic_ns()}.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("""
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;
        CREATE TABLE actions (account_id blob NOT NULL, contact_id blob NOT NULL, occurred_at integer NOT NULL, id blob NOT NULL,
          recorded_at integer NOT NULL, name text NOT NULL, value text, properties text NOT NULL, recorded_by blob NOT NULL,
          PRIMARY KEY (account_id, contact_id, occurred_at, id)) WITHOUT ROWID;
        CREATE TABLE action_counts (account_id blob, day integer, name text, shard integer, count integer,
          PRIMARY KEY (account_id, day, name, shard)) WITHOUT ROWID""")
    people = [os.urandom(16) for _ in range(PEOPLE)]
    account_id, key = os.urandom(16), os.urandom(16)
    rows = [[(account_id, people[n * 7 % PEOPLE], 1772445600000000, os.urandom(16), 1772445600000000, "page_view", str(n),
              '{"page":"/home"}', key) for n in range(BATCH)] for _ in range(count)]
    before = time.process_time()
    for batch in rows:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO actions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", batch)
        connection.executemany("INSERT INTO action_counts VALUES (?, 20514, 'page_view', ?, ?) ON CONFLICT DO UPDATE "
                               "SET count = count + excluded.count", [(account_id, shard, 60) for shard in range(16)])
        connection.execute("COMMIT")
    spent = time.process_time() - before
    connection.close()
    return count * BATCH / spent


RAW_TABLES = """
    CREATE TABLE actions (account_id uuid NOT NULL, contact_id uuid NOT NULL, occurred_at bigint NOT NULL, id uuid NOT NULL,
      recorded_at bigint NOT NULL, name text NOT NULL, value text, properties text NOT NULL, recorded_by uuid NOT NULL,
      PRIMARY KEY (account_id, contact_id, occurred_at, id));
    CREATE TABLE action_counts (account_id uuid, day bigint, name text, shard bigint, count bigint,
      PRIMARY KEY (account_id, day, name, shard))"""


def raw_postgres(options, postgres, count):
    """The engine alone: the same tables, keys, batches and durability, by COPY in its binary form, without row-level
    security. Only the server's processor time counts, not the client's."""
    name = f"raw_{time.monotonic_ns()}"
    url = postgres.database(name)
    postgres.query(RAW_TABLES, url)
    people = [os.urandom(16) for _ in range(PEOPLE)]
    account_id, key = os.urandom(16), os.urandom(16)
    shards = ", ".join(f"('{account_id.hex()}', 20514, 'page_view', {shard}, 60)" for shard in range(16))
    script = []
    for each in range(count):
        path = Path(options.scratch, f"{name}-{each}.copy")
        rows = [(account_id, people[n * 7 % PEOPLE], moment(1772445600000000), os.urandom(16), moment(1772445600000000),
                 b"page_view", str(n).encode(), b'{"page":"/home"}', key) for n in range(BATCH)]
        path.write_bytes(b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"".join(map(copied, rows)) + b"\xff\xff")
        script += ["BEGIN;", f"\\copy actions FROM '{path}' (FORMAT binary)",
                   f"INSERT INTO action_counts VALUES {shards} ON CONFLICT (account_id, day, name, shard) DO UPDATE "
                   "SET count = action_counts.count + excluded.count;", "COMMIT;"]
    before = harness.cpu_seconds(postgres.pid)
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url], input="\n".join(script), check=True, text=True)
    spent = harness.cpu_seconds(postgres.pid) - before
    for path in Path(options.scratch).glob(f"{name}-*.copy"):
        path.unlink()
    return count * BATCH / spent


def moment(microseconds):
    return struct.pack(">q", microseconds)


def copied(row):
    """A row of COPY's binary form."""
    return struct.pack(">h", len(row)) + b"".join(struct.pack(">i", len(cell)) + cell for cell in row)


def timeline(options, goal, postgres):
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
                     "timestamp": f"2026-02-{1 + n // 500:02}T10:{n // 60 % 60:02}:{n % 60:02}Z"}
                    for n in range(first, first + BATCH)]})
            path = f"/customers/c-{contacts // 2}/timeline"
            cursors = cursors_of(server.port, key, path, entries, goal, name)
            lines = Path(options.scratch, "cursors.txt")
            lines.write_text("\n".join(cursors) + "\n")
            target = Target(server, server.port, path, "", key, postgres if name == "PostgreSQL" else None)
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
    owner = uuid_of(account_id)
    if url.startswith("sqlite:"):
        people = ((owner.bytes, os.urandom(16), f"c-{n}", f"Person {n}", f"p{n}@example.com", f"p{n}@example.com", f"+1202{n:07}",
                   f"+1202{n:07}", "{}", now, now, b"") for n in range(count))
        connection = sqlite3.connect(url[7:])
        connection.executemany(f"INSERT INTO contacts ({CONTACTS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", people)
        connection.execute("INSERT INTO contact_phones (account_id, phone, contact_id) SELECT account_id, phone_e164, id FROM contacts")
        connection.commit()
        connection.close()
        return
    as_admin = url.replace("//trunkline@", "//admin@")
    postgres.query(f"""INSERT INTO contacts ({CONTACTS})
        SELECT '{owner}', gen_random_uuid(), 'c-' || n, 'Person ' || n, 'p' || n || '@example.com', 'p' || n || '@example.com',
               '+1202' || lpad(n::text, 7, '0'), '+1202' || lpad(n::text, 7, '0'), '{{}}', {now}, {now}, ''
        FROM generate_series(0, {count - 1}) n""", as_admin)
    postgres.query("INSERT INTO contact_phones (account_id, phone, contact_id) SELECT account_id, phone_e164, id FROM contacts", as_admin)


def uuid_of(text):
    """The UUID in a public id: Crockford's base 32 of its 128 bits."""
    number = 0
    for character in text.split("_", 1)[1]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    return uuid.UUID(int=number & (1 << 128) - 1)


def get(port, key, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers_of(key))
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="one, batch, timeline, separated by commas")
    parser.add_argument("--rounds", type=int, help="rounds of each measurement; 5, or 2 with --quick")
    parser.add_argument("--quick", action="store_true", help="short windows, few rounds, fewer contacts")
    options = parser.parse_args()
    options.seconds = 2 if options.quick else 3
    options.rounds = options.rounds or (2 if options.quick else 5)
    wanted = options.only.split(",") if options.only else ["one", "batch", "timeline"]
    options.scratch = tempfile.mkdtemp(prefix="trunkline-bench-")
    goals = []
    try:
        with harness.Postgres() as postgres:
            if "one" in wanted or "batch" in wanted:
                harness.install_opponents()
                with Stack() as stack:
                    found = targets(options, postgres, stack)
                    for name, title, measure in (("one", "actions, one a request", one_by_one),
                                                 ("batch", f"actions in batches of {BATCH}", batches)):
                        if name in wanted:
                            goals.append(Goal(f"engagement.{name}", title))
                            measure(options, goals[-1], found, postgres)
                            goals[-1].print()
            if "timeline" in wanted:
                goals.append(Goal("engagement.timeline", "reading a long timeline"))
                timeline(options, goals[-1], postgres)
                goals[-1].print()
    finally:
            connection.close()
    # As the superuser, whom row-level security does not concern.
    return int(postgres.query(sql, target.url.replace("//trunkline@", "//admin@")))


def one_by_one(options, goal, found, postgres):
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


def batches(options, goal, found, postgres):
    figures = {name: goal.figure(f"{name}, batches of {BATCH}", "actions/CPU-s") for name in found}
    raw = {"SQLite": lambda: raw_sqlite(options, count), "PostgreSQL": lambda: raw_postgres(options, postgres, count)}
    floors = {name: goal.figure(f"raw {name}, the same rows and keys", "actions/CPU-s") for name in raw}
    ratios = {name: goal.figure(f"{name}, of the raw engine", "of the floor") for name in raw}
    beside = {name: goal.figure(f"{name} beside Express and pg", "times") for name in found if name != "Express"}
    count = 20 if options.quick else 100
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
            floors[name].add(raw[name]())
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


def raw_sqlite(options, count):
    """The engine alone, in this process: the same tables, keys, batches and durability."""
    path = f"{options.scratch}/raw-{time.monotonic_ns()}.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("""
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;
        CREATE TABLE actions (account_id blob NOT NULL, contact_id blob NOT NULL, occurred_at integer NOT NULL, id blob NOT NULL,
          recorded_at integer NOT NULL, name text NOT NULL, value text, properties text NOT NULL, recorded_by blob NOT NULL,
          PRIMARY KEY (account_id, contact_id, occurred_at, id)) WITHOUT ROWID;
        CREATE TABLE action_counts (account_id blob, day integer, name text, shard integer, count integer,
          PRIMARY KEY (account_id, day, name, shard)) WITHOUT ROWID""")
    people = [os.urandom(16) for _ in range(PEOPLE)]
    account_id, key = os.urandom(16), os.urandom(16)
    rows = [[(account_id, people[n * 7 % PEOPLE], 1772445600000000, os.urandom(16), 1772445600000000, "page_view", str(n),
              '{"page":"/home"}', key) for n in range(BATCH)] for _ in range(count)]
    before = time.process_time()
    for batch in rows:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO actions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", batch)
        connection.executemany("INSERT INTO action_counts VALUES (?, 20514, 'page_view', ?, ?) ON CONFLICT DO UPDATE "
                               "SET count = count + excluded.count", [(account_id, shard, 60) for shard in range(16)])
        connection.execute("COMMIT")
    spent = time.process_time() - before
    connection.close()
    return count * BATCH / spent


RAW_TABLES = """
    CREATE TABLE actions (account_id uuid NOT NULL, contact_id uuid NOT NULL, occurred_at bigint NOT NULL, id uuid NOT NULL,
      recorded_at bigint NOT NULL, name text NOT NULL, value text, properties text NOT NULL, recorded_by uuid NOT NULL,
      PRIMARY KEY (account_id, contact_id, occurred_at, id));
    CREATE TABLE action_counts (account_id uuid, day bigint, name text, shard bigint, count bigint,
      PRIMARY KEY (account_id, day, name, shard))"""


def raw_postgres(options, postgres, count):
    """The engine alone: the same tables, keys, batches and durability, by COPY in its binary form, without row-level
    security. Only the server's processor time counts, not the client's."""
    name = f"raw_{time.monotonic_ns()}"
    url = postgres.database(name)
    postgres.query(RAW_TABLES, url)
    people = [os.urandom(16) for _ in range(PEOPLE)]
    account_id, key = os.urandom(16), os.urandom(16)
    shards = ", ".join(f"('{account_id.hex()}', 20514, 'page_view', {shard}, 60)" for shard in range(16))
    script = []
    for each in range(count):
        path = Path(options.scratch, f"{name}-{each}.copy")
        rows = [(account_id, people[n * 7 % PEOPLE], moment(1772445600000000), os.urandom(16), moment(1772445600000000),
                 b"page_view", str(n).encode(), b'{"page":"/home"}', key) for n in range(BATCH)]
        path.write_bytes(b"PGCOPY\n\xff\r\n\0" + bytes(8) + b"".join(map(copied, rows)) + b"\xff\xff")
        script += ["BEGIN;", f"\\copy actions FROM '{path}' (FORMAT binary)",
                   f"INSERT INTO action_counts VALUES {shards} ON CONFLICT (account_id, day, name, shard) DO UPDATE "
                   "SET count = action_counts.count + excluded.count;", "COMMIT;"]
    before = harness.cpu_seconds(postgres.pid)
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", url], input="\n".join(script), check=True, text=True)
    spent = harness.cpu_seconds(postgres.pid) - before
    for path in Path(options.scratch).glob(f"{name}-*.copy"):
        path.unlink()
    return count * BATCH / spent


def moment(microseconds):
    return struct.pack(">q", microseconds)


def copied(row):
    """A row of COPY's binary form."""
    return struct.pack(">h", len(row)) + b"".join(struct.pack(">i", len(cell)) + cell for cell in row)


def timeline(options, goal, postgres):
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
                     "timestamp": f"2026-02-{1 + n // 500:02}T10:{n // 60 % 60:02}:{n % 60:02}Z"}
                    for n in range(first, first + BATCH)]})
            path = f"/customers/c-{contacts // 2}/timeline"
            cursors = cursors_of(server.port, key, path, entries, goal, name)
            lines = Path(options.scratch, "cursors.txt")
            lines.write_text("\n".join(cursors) + "\n")
            target = Target(server, server.port, path, "", key, postgres if name == "PostgreSQL" else None)
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
    owner = uuid_of(account_id)
    if url.startswith("sqlite:"):
        people = ((owner.bytes, os.urandom(16), f"c-{n}", f"Person {n}", f"p{n}@example.com", f"p{n}@example.com", f"+1202{n:07}",
                   f"+1202{n:07}", "{}", now, now, b"") for n in range(count))
        connection = sqlite3.connect(url[7:])
        connection.executemany(f"INSERT INTO contacts ({CONTACTS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", people)
        connection.execute("INSERT INTO contact_phones (account_id, phone, contact_id) SELECT account_id, phone_e164, id FROM contacts")
        connection.commit()
        connection.close()
        return
    as_admin = url.replace("//trunkline@", "//admin@")
    postgres.query(f"""INSERT INTO contacts ({CONTACTS})
        SELECT '{owner}', gen_random_uuid(), 'c-' || n, 'Person ' || n, 'p' || n || '@example.com', 'p' || n || '@example.com',
               '+1202' || lpad(n::text, 7, '0'), '+1202' || lpad(n::text, 7, '0'), '{{}}', {now}, {now}, ''
        FROM generate_series(0, {count - 1}) n""", as_admin)
    postgres.query("INSERT INTO contact_phones (account_id, phone, contact_id) SELECT account_id, phone_e164, id FROM contacts", as_admin)


def uuid_of(text):
    """The UUID in a public id: Crockford's base 32 of its 128 bits."""
    number = 0
    for character in text.split("_", 1)[1]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    return uuid.UUID(int=number & (1 << 128) - 1)


def get(port, key, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers_of(key))
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="one, batch, timeline, separated by commas")
    parser.add_argument("--rounds", type=int, help="rounds of each measurement; 5, or 2 with --quick")
    parser.add_argument("--quick", action="store_true", help="short windows, few rounds, fewer contacts")
    options = parser.parse_args()
    options.seconds = 2 if options.quick else 3
    options.rounds = options.rounds or (2 if options.quick else 5)
    wanted = options.only.split(",") if options.only else ["one", "batch", "timeline"]
    options.scratch = tempfile.mkdtemp(prefix="trunkline-bench-")
    goals = []
    try:
        if "one" in wanted or "batch" in wanted:
            harness.install_opponents()
            with harness.Postgres() as postgres, Stack() as stack:
                found = targets(options, postgres, stack)
                for name, title, measure in (("one", "actions, one a request", one_by_one),
                                             ("batch", f"actions in batches of {BATCH}", batches)):
                    if name in wanted:
                        goals.append(Goal(f"engagement.{name}", title))
                        measure(options, goals[-1], found, postgres)
                        goals[-1].print()
        if "timeline" in wanted:
            goals.append(Goal("engagement.timeline", "reading a long timeline"))
            timeline(options, goals[-1])
            goals[-1].print()
    finally:
        shutil.rmtree(options.scratch, ignore_errors=True)
    (harness.BUILD / "engagement.json").write_text(json.dumps([goal.as_dict() for goal in goals], indent=2) + "\n")
    return 1 if any(goal.verdict in ("missed", "wrong") for goal in goals) else 0


if __name__ == "__main__":
    sys.exit(main())

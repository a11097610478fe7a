#!/usr/bin/env python3
"""Kills a sync (kill -9 of itself, at each page in turn), runs it again, and compares what is stored with one clean run.

    tests/warehouse_kill.py build/dev            on SQLite
    scripts/with-postgres tests/warehouse_kill.py build/dev postgresql

The program must be built with fail points (the dev preset).
"""
import json, os, pathlib, signal, subprocess, sys, tempfile

build = pathlib.Path(sys.argv[1]).resolve()
postgres = len(sys.argv) > 2 and sys.argv[2] == "postgresql"
fake = subprocess.Popen([build / "src/trunkline-fake-telnyx", "--port", "0", "--calls", "400", "--days", "30", "--quota-window-ms", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
url = fake.stdout.readline().split()[-1]
scratch = tempfile.TemporaryDirectory()
accounts = pathlib.Path(scratch.name) / "accounts.toml"
accounts.write_text(f'[[account]]\nprovider = "telnyx"\nurl = "{url}"\nkey = "KEYfake0123456789"\nquota_window_ms = "1"\n')
# Only what was over long ago: the fake's days go on while the test runs.
window = ["--from", "2026-01-01"]
made = 0


def database():
    global made
    made += 1
    if not postgres:
        return {"TRUNKLINE_DATABASE_URL": f"sqlite:{scratch.name}/{made}.db"}
    server = os.environ["TRUNKLINE_TEST_POSTGRES"]
    subprocess.run(["psql", "-q", server, "-c", f"CREATE SCHEMA kill{made}"], check=True)
    return {"TRUNKLINE_DATABASE_URL": f"{server}?options=-csearch_path%3Dkill{made}", "TRUNKLINE_WAREHOUSE_SCHEMA": f"kill{made}_telco"}


def run(where, *arguments, **more):
    environment = {**os.environ, "TRUNKLINE_TELCO_ACCOUNTS_FILE": str(accounts), "TRUNKLINE_WAREHOUSE_BACKFILL": "25d", **where, **more}
    return subprocess.run([build / "trunkline", *arguments], env=environment, capture_output=True, text=True, timeout=120)


def sync(where, **more):
    return run(where, "sync", "calls", "--provider", "telnyx", "--json", **more)


def stored(where):
    lines = run(where, "warehouse", "export", "--format", "jsonl").stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        row.pop("synced_at"), row.pop("created_at")
    return {row["external_call_id"]: row for row in rows if row["started_at"] < cut}


import datetime

cut = (datetime.datetime.utcnow() - datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
try:
    clean = database()
    first = sync(clean)
    assert first.returncode == 0, first.stdout + first.stderr
    pages = json.loads(first.stdout)[0]["pages"]
    truth = stored(clean)
    assert len(truth) > 100, len(truth)
    for page in range(1, pages + 1, max(1, pages // 8)):
        where = database()
        killed = sync(where, TRUNKLINE_FAIL_POINT=f"crash:sync.page_committed:{page}")
        assert killed.returncode == -signal.SIGKILL, (page, killed.returncode, killed.stderr)
        again = sync(where)
        assert again.returncode == 0, (page, again.stdout, again.stderr)
        rows = stored(where)
        missing = {key for key in truth if rows.get(key) != truth[key] and key in truth}
        assert not missing and len(rows) >= len(truth), (page, len(rows), len(truth), sorted(missing)[:3])
        assert run(where, "warehouse", "verify").returncode == 0, page
        third = json.loads(sync(where).stdout)[0]
        assert third["updated"] == 0 and third["status"] == "success", (page, third)
        print(f"killed at page {page} of {pages}: the same {len(rows)} rows")
finally:
    fake.stdin.close()
    fake.wait(10)

"""G3.1, G3.2, G3.3 and G3.5: syncing a provider's pages, and asking the summaries."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from . import harness
from .result import Goal

# Debian's own interpreter: the opponents' libraries are its packages.
PYTHON = "/usr/bin/python3"
KEYS = {"telnyx": 'key = "KEYfake0123456789"',
        "zadarma": 'key = "fakekey0123456789abc"\nsecret = "fakesecret9876543210"\ntime_zone = "Australia/Sydney"'}


class Fake(harness.Child):
    """A simulated provider with a quota window of so many milliseconds instead of a minute."""

    def __init__(self, provider, calls, days, window_ms):
        program = harness.BUILD / "src" / f"trunkline-fake-{provider}"
        # Long over, so that nothing of it changes while it is read.
        begin = time.strftime("%Y-%m-%d", time.gmtime(time.time() - (days + 40) * 86400))
        super().__init__([str(program), "--port", "0", "--begin", begin, "--calls", str(calls),
                          "--days", str(days), "--quota-window-ms", str(window_ms)],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.provider = provider
        self.window_ms = window_ms

    def accounts(self, directory, name="default"):
        """The file that names it as an account."""
        path = Path(directory, f"{self.provider}-{name}.toml")
        path.write_text(f'[[account]]\nprovider = "{self.provider}"\naccount = "{name}"\nurl = "{self.url}"\n'
                        f'{KEYS[self.provider]}\nquota_window_ms = "{self.window_ms}"\n')
        return path


def work(postgres, command, env=None):
    """Runs a command; what it printed, and its processor seconds and PostgreSQL's."""
    before = harness.cpu_seconds(postgres.pid)
    started = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    printed, problem = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {printed} {problem}")
    time.sleep(0.2)  # an ended backend's time reaches its parent
    spent = usage.ru_utime + usage.ru_stime + harness.cpu_seconds(postgres.pid) - before
    return printed, spent, wall


def trunkline(postgres, url, accounts, *arguments, **settings):
    env = {"TRUNKLINE_DATABASE_URL": url, "TRUNKLINE_TELCO_ACCOUNTS_FILE": str(accounts),
           "TRUNKLINE_WAREHOUSE_REGION": "AU", "TRUNKLINE_WAREHOUSE_TIME_ZONE": "UTC",
           "TRUNKLINE_WAREHOUSE_FEEDS_OFF": "telnyx.call_control,telnyx.webrtc,telnyx.amd", **settings}
    return work(postgres, [str(harness.BUILD / "trunkline"), *arguments], env)


def sync(postgres, url, accounts, days=75):
    begin = time.strftime("%Y-%m-%d", time.gmtime(time.time() - days * 86400))
    printed, spent, wall = trunkline(postgres, url, accounts, "sync", "calls", "--json", "--from", begin)
    report = next(each for each in json.loads(printed) if each["provider"] != "trunkline")
    return report, spent, wall


def psql(postgres, url, *statements):
    command = ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", url]
    for statement in statements:
        command += ["-c", statement]
    return work(postgres, command)


class Truth:
    """The rows that a sync stores, as files for the opponents, and an empty table for them."""

    def __init__(self, postgres, url, scratch):
        self.columns = psql(postgres, url, "SELECT string_agg(column_name, ', ') FROM information_schema.columns"
                            " WHERE table_schema = 'telco' AND table_name = 'calls' AND column_name <> 'id'")[0].strip()
        self.copied = f"{scratch}/calls.copy"
        self.lines = f"{scratch}/calls.jsonl"
        psql(postgres, url, f"\\copy (SELECT {self.columns} FROM telco.calls) TO '{self.copied}'")
        self.rows = sum(1 for _ in open(self.copied))

    def write_lines(self, postgres, url, limit):
        text = psql(postgres, url, f"SELECT to_json(c) FROM telco.calls c ORDER BY id LIMIT {limit}")[0]
        Path(self.lines).write_text(text)
        return text.count("\n")

    def copy(self, postgres, url):
        return psql(postgres, url, f"\\copy telco.calls ({self.columns}) FROM '{self.copied}'")[1:]

    # What a careful script does: all of the window into a staging table, then an upsert of what differs.
    def stage(self, postgres, url):
        changed = ", ".join(f"{name} = excluded.{name}" for name in self.columns.split(", "))
        return psql(
            postgres, url, f"CREATE TEMP TABLE staging AS SELECT {self.columns} FROM telco.calls LIMIT 0",
            f"\\copy staging FROM '{self.copied}'",
            f"INSERT INTO telco.calls ({self.columns}) SELECT * FROM staging ON CONFLICT (external_call_id, account,"
            f" provider_id) DO UPDATE SET {changed} WHERE telco.calls.content_hash IS DISTINCT FROM"
            " excluded.content_hash")[1:]


def fresh(postgres, options, name):
    """A migrated database of its own."""
    url = postgres.database(name)
    trunkline(postgres, url, Path(options.scratch, "none.toml"), "migrate", "up")
    return url


def first_sync(options):
    goal = Goal("G3.1", "first sync: pages of a provider to rows that are normalised, indexed and durable")
    ours = goal.figure("Trunkline, pages of 50 over HTTP", "rows/CPU-s")
    ours_wall = goal.figure("… wall", "rows/s")
    copy = goal.figure("COPY of the finished rows into the same table", "rows/CPU-s")
    copy_wall = goal.figure("… wall", "rows/s")
    loop = goal.figure("SQLAlchemy get-or-add loop, the same table", "rows/CPU-s")
    to_loop = goal.figure("ratio to the loop", "×")
    to_copy = goal.figure("ratio to COPY", "×")
    Path(options.scratch, "none.toml").write_text("")
    calls = 20_000 if options.quick else 60_000
    with harness.Postgres() as postgres, Fake("telnyx", calls, 30, 1) as fake:
        for number in range(options.rounds):
            url = fresh(postgres, options, f"ours{number}")
            report, spent, wall = sync(postgres, url, fake.accounts(options.scratch))
            ours.add(report["inserted"] / spent)
            ours_wall.add(report["inserted"] / wall)
            truth = Truth(postgres, url, options.scratch)
            goal.check("every row of the fake is stored", truth.rows == report["inserted"], truth.rows)
            wrong = trunkline(postgres, url, "", "warehouse", "verify")[0]
            goal.check("the kept sums are those of the rows", "differ" not in wrong.lower())
            other = fresh(postgres, options, f"copy{number}")
            spent, wall = truth.copy(postgres, other)
            copy.add(truth.rows / spent)
            copy_wall.add(truth.rows / wall)
            few = truth.write_lines(postgres, url, 2_000)
            other = fresh(postgres, options, f"loop{number}")
            script = str(harness.OPPONENTS / "get_or_add.py")
            _, spent, _ = work(postgres, [PYTHON, script, other, truth.lines])
            loop.add(few / spent)
            stored = postgres.query("SELECT count(*) FROM telco.calls", other)
            goal.check("the loop stored its rows", int(stored) == few, stored)
            to_loop.add(ours.values[-1] / loop.values[-1])
            to_copy.add(ours.values[-1] / copy.values[-1])
            for name in ("ours", "copy", "loop"):
                postgres.query(f"DROP DATABASE {name}{number}")
    goal.gate(to_loop, 100, 200)
    goal.gate(to_copy, 0.6, 1.0)
    return goal


def second_sync(options):
    goal = Goal("G3.2", "re-sync of a window that is stored already")
    ours = goal.figure("Trunkline, pages of 50 over HTTP", "rows/CPU-s")
    ours_wall = goal.figure("… wall", "rows/s")
    staged = goal.figure("COPY into staging, then upsert of what changed", "rows/CPU-s")
    staged_wall = goal.figure("… wall", "rows/s")
    ratio = goal.figure("ratio", "×")
    Path(options.scratch, "none.toml").write_text("")
    calls = 20_000 if options.quick else 60_000
    with harness.Postgres() as postgres, Fake("telnyx", calls, 30, 1) as fake:
        url = fresh(postgres, options, "again")
        accounts = fake.accounts(options.scratch)
        sync(postgres, url, accounts)
        written = ("SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
                   " WHERE schemaname = 'telco' AND relname = 'calls'")
        for _ in range(options.rounds):
            truth = Truth(postgres, url, options.scratch)
            time.sleep(1)  # the statistics of the tables come late
            before = postgres.query(written, url)
            report, spent, wall = sync(postgres, url, accounts)
            time.sleep(1)
            goal.check("no row was written", report["inserted"] + report["updated"] == 0 and
                       postgres.query(written, url) == before, f"of {report['fetched']}")
            ours.add(report["fetched"] / spent)
            ours_wall.add(report["fetched"] / wall)
            spent, wall = truth.stage(postgres, url)
            staged.add(truth.rows / spent)
            staged_wall.add(truth.rows / wall)
            ratio.add(ours.values[-1] / staged.values[-1])
    goal.gate(ratio, 1.0, 2.5)
    return goal


def quota_ceiling(options):
    goal = Goal("G3.3", "at the provider's own ceiling: Zadarma's three requests a minute")
    share = goal.figure("pages, of those that the quota allows", "%")
    processor = goal.figure("processor time a page, at three a minute", "% of a core")
    window_ms, seconds = 2_000, 20 if options.quick else 60
    with harness.Postgres() as postgres, Fake("zadarma", 300_000, 400, window_ms) as fake:
        for number in range(min(options.rounds, 3)):
            url = postgres.database(f"quota{number}")
            accounts = fake.accounts(options.scratch)
            env = {"TRUNKLINE_DATABASE_URL": url, "TRUNKLINE_TELCO_ACCOUNTS_FILE": str(accounts),
                   "TRUNKLINE_WAREHOUSE_REGION": "AU"}
            trunkline(postgres, url, accounts, "migrate", "up")
            begin = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 445 * 86400))
            command = [str(harness.BUILD / "trunkline"), "sync", "calls", "--provider", "zadarma", "--from", begin]
            with harness.Child(command, env=env) as child:
                pages = "SELECT coalesce(sum(pages), 0) FROM telco.sync_windows"
                while int(postgres.query(pages, url)) < 3:
                    time.sleep(0.05)
                # From the end of the first window of the quota, with its pages left out.
                spent = child.cpu_seconds() + harness.cpu_seconds(postgres.pid)
                first, started = int(postgres.query(pages, url)), time.monotonic()
                time.sleep(seconds)
                read, elapsed = int(postgres.query(pages, url)) - first, time.monotonic() - started
                spent = child.cpu_seconds() + harness.cpu_seconds(postgres.pid) - spent
                goal.check("it was still reading", child.process.poll() is None)
            allowed = 3 * elapsed * 1000 / window_ms
            share.add(min(100.0, read / allowed * 100))
            processor.add(spent / read * 3 / 60 * 100)
    goal.gate(share, 90, 98)
    goal.gate(processor, 1, 1, at_most=True)
    return goal


# Calls of three providers over a year, made in the database: what the views do does not depend on who wrote them.
GROW = """INSERT INTO telco.calls (provider_id, account, external_call_id, is_primary, from_number, to_number, direction,
  started_at, duration_seconds, billable_seconds, status, cost, cost_units, currency, has_recording, call_date, standing,
  is_settled, synced_at, created_at)
SELECT 1 + n % 3, 'default', 'made-' || n, n % 7 <> 0, '+614' || lpad((n * 7919 % 100000000)::text, 8, '0'),
  '+6129' || lpad((n % 500)::text, 7, '0'), (ARRAY['inbound', 'outbound', 'internal'])[1 + n / 3 % 3], at, n % 900,
  n % 900, (ARRAY['completed', 'completed', 'no_answer', 'busy'])[1 + n / 9 % 4], units * 0.00000001, units,
  (ARRAY['USD', 'AUD'])[1 + n / 36 % 2], false, at::date, 3, true, at, at
FROM (SELECT n, n * 1237 % 100000000 AS units, timestamptz '2025-06-01 00:00Z' + (n * 6151 % 31536000) * interval '1 s' AS at
  FROM generate_series({first}::bigint, {last}::bigint) n) made"""

VIEWS = {"daily": "SELECT * FROM telco.daily_call_summary", "monthly": "SELECT * FROM telco.monthly_cost_summary"}
PLAIN = ("SELECT date(started_at AT TIME ZONE 'UTC'), provider_id, direction, currency, count(*), sum(cost)"
         " FROM telco.calls GROUP BY 1, 2, 3, 4")


def p99_ms(url, sql, times):
    """By pgbench's log: one connection that stays, each answer read to its end."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "ask.sql").write_text(sql + ";\n")
        subprocess.run(["pgbench", "-n", "-f", "ask.sql", "-t", str(times), "-l", url], cwd=directory, check=True,
                       capture_output=True)
        log = next(Path(directory).glob("pgbench_log.*")).read_text()
    waits = sorted(int(line.split()[2]) / 1000 for line in log.splitlines())
    return waits[int(len(waits) * 0.99) - 1]


def summaries(options):
    goal = Goal("G3.5", "summaries and first sync as calls grow")
    sizes = [100_000, 1_000_000] + ([10_000_000] if options.large else [])
    Path(options.scratch, "none.toml").write_text("")
    largest, growth = [], goal.figure("growth of the slower view, first size to last", "×")
    slowest = {}
    with harness.Postgres() as postgres, Fake("telnyx", 5_000, 30, 1) as fake:
        url = fresh(postgres, options, "grown")
        have = 0
        for size in sizes:
            for first in range(have + 1, size + 1, 500_000):
                postgres.query(GROW.format(first=first, last=min(first + 499_999, size)), url)
            have = size
            postgres.query("VACUUM ANALYZE telco.calls", url)
            trunkline(postgres, url, "", "warehouse", "verify", "--rebuild")
            postgres.query("VACUUM ANALYZE telco.call_totals", url)
            for name, sql in VIEWS.items():
                figure = goal.figure(f"{name} summary of a year, {size:,} calls, p99", "ms")
                for _ in range(options.rounds):
                    figure.add(p99_ms(url, sql, 100))
                slowest[size] = max(slowest.get(size, 0), figure.median)
                if size == sizes[-1]:
                    largest.append(figure)
            plain = goal.figure(f"the plain GROUP BY, {size:,} calls", "ms")
            started = time.monotonic()
            postgres.query(PLAIN, url)
            plain.add((time.monotonic() - started) * 1000)
            figure = goal.figure(f"first sync beside {size:,} calls", "rows/CPU-s")
            report, spent, _ = sync(postgres, url, fake.accounts(options.scratch, f"beside{size}"))
            figure.add(report["inserted"] / spent)
            goal.check("the kept sums are those of the rows",
                       "differ" not in trunkline(postgres, url, "", "warehouse", "verify")[0].lower())
    growth.add(slowest[sizes[-1]] / slowest[sizes[0]])
    for figure in largest:
        goal.gate(figure, 50, 10, at_most=True)
    return goal

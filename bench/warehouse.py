#!/usr/bin/python3
"""The warehouse against its opponents: G3.1 (first sync), G3.2 (re-sync), G3.3 (at the provider's ceiling), G3.5 (summaries as calls grow).

    scripts/with-postgres /usr/bin/python3 bench/warehouse.py [--calls N] [--rounds N] [--rows N …] [--ceiling-minutes N]

The provider is trunkline-fake-telnyx on loopback with its pages of 50 and its quota window shortened, so that the client and the database
are what is measured. Opponents, on the same PostgreSQL, with the very rows that Trunkline stored:
  orm    an SQLAlchemy get-or-add loop with a commit every 1000 rows, as sync scripts are written
  copy   COPY of the finished rows into a table with the same columns, keys and indexes
Rounds are interleaved. Work is counted a CPU second of everything on our side: the program (or Python) plus the PostgreSQL backends.
"""
import argparse, json, os, pathlib, statistics, subprocess, sys, tempfile, time, urllib.parse

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")


def build(name):
    for preset in ("release", "dev"):
        found = list((ROOT / "build" / preset).glob(f"**/{name}"))
        found = [f for f in found if f.is_file() and os.access(f, os.X_OK)]
        if found:
            return found[0]
    sys.exit(f"{name} is not built: make build")


def cpu_of(pid):
    try:
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICK


def postmaster():
    return int(open(os.path.join(os.environ["TRUNKLINE_TEST_POSTGRES_DATA"], "postmaster.pid")).readline())


def postgres_cpu(main):
    """Of the server, its live backends and those that have ended."""
    children = subprocess.run(["pgrep", "-P", str(main)], capture_output=True, text=True).stdout.split()
    return cpu_of(main) + sum(cpu_of(int(child)) for child in children)


class Fake:
    def __init__(self, program, *flags):
        self.process = subprocess.Popen([build(program), "--port", "0", *map(str, flags)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class Measured:
    """Wall and CPU time of a block: `child` is the CPU of a finished child process."""

    def __enter__(self):
        self.main = postmaster()
        self.before = postgres_cpu(self.main)
        self.children = os.times().children_user + os.times().children_system
        self.own = time.process_time()
        self.start = time.monotonic()
        return self

    def __exit__(self, *_):
        self.wall = time.monotonic() - self.start
        time.sleep(0.2)  # an ended backend's time reaches its parent
        self.cpu = (postgres_cpu(self.main) - self.before) + (os.times().children_user + os.times().children_system - self.children) + (time.process_time() - self.own)


def trunkline(database, accounts, *arguments):
    environment = dict(os.environ, TRUNKLINE_DATABASE_URL=database, TRUNKLINE_TELCO_ACCOUNTS_FILE=accounts, TRUNKLINE_WAREHOUSE_REGION="AU")
    return subprocess.run([build("trunkline"), *arguments], env=environment, capture_output=True, text=True)


def sync(database, accounts, *more):
    done = trunkline(database, accounts, "sync", "calls", "--provider", "telnyx", "--json", *more)
    if done.returncode != 0:
        sys.exit(f"the sync failed: {done.stdout} {done.stderr}")
    return json.loads(done.stdout)[0]


def fresh_database(server, name):
    with psycopg2.connect(server) as _:
        pass
    admin = psycopg2.connect(server)
    admin.autocommit = True
    cursor = admin.cursor()
    cursor.execute("DROP SCHEMA IF EXISTS telco CASCADE")
    cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
    cursor.execute(f"CREATE SCHEMA {name}")
    admin.close()
    return f"{server}?options=-csearch_path%3D{name}"


def orm_rows(server, rows):
    """get-or-add, as the usual script does it."""
    import sqlalchemy as sa
    from sqlalchemy.orm import Session, declarative_base

    engine = sa.create_engine(server.replace("postgresql://", "postgresql+psycopg2://"))
    Base = declarative_base()

    class Call(Base):
        __tablename__ = "orm_calls"
        id = sa.Column(sa.BigInteger, primary_key=True)
        external_call_id = sa.Column(sa.Text, unique=True, nullable=False)
        from_number = sa.Column(sa.Text, index=True)
        to_number = sa.Column(sa.Text, index=True)
        started_at = sa.Column(sa.DateTime(timezone=True), index=True)
        status = sa.Column(sa.Text)
        duration_seconds = sa.Column(sa.BigInteger)
        cost = sa.Column(sa.Numeric(18, 8))
        currency = sa.Column(sa.Text)
        raw_data = sa.Column(sa.JSON)

    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Measured() as measured, Session(engine) as session:
        for i, row in enumerate(rows):
            call = session.query(Call).filter_by(external_call_id=row["external_call_id"]).first()
            if call is None:
                call = Call(external_call_id=row["external_call_id"])
                session.add(call)
            for name in ("from_number", "to_number", "started_at", "status", "duration_seconds", "cost", "currency", "raw_data"):
                setattr(call, name, row[name])
            if i % 1000 == 999:
                session.commit()
        session.commit()
    return len(rows) / measured.cpu, measured.wall


def copy_rows(server):
    """The stored rows as a file, then COPY into a table made LIKE the real one, indexes and all."""
    connection = psycopg2.connect(server)
    cursor = connection.cursor()
    with tempfile.TemporaryFile("w+") as file:
        cursor.copy_expert("COPY telco.calls TO STDOUT", file)
        cursor.execute("DROP TABLE IF EXISTS copy_calls")
        cursor.execute("CREATE TABLE copy_calls (LIKE telco.calls INCLUDING ALL)")
        connection.commit()
        file.seek(0)
        with Measured() as measured:
            cursor.copy_expert("COPY copy_calls FROM STDIN", file)
            connection.commit()
    cursor.execute("SELECT count(*) FROM copy_calls")
    count = cursor.fetchone()[0]
    cursor.execute("DROP TABLE copy_calls")
    connection.commit()
    connection.close()
    return count / measured.cpu, measured.wall


def grow(server, rows, sizes):
    """G3.5: the views over more and more days, multiplying what was synced; the kept sums are rebuilt by the program's own statement."""
    connection = psycopg2.connect(server)
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM telco.calls")
    have = cursor.fetchone()[0]
    columns = [c for c in rows if c not in ("id", "external_call_id", "cost_units")]
    results = []
    for size in sizes:
        while have < size:
            step = min(size - have, 500_000)
            names = ", ".join(columns)
            cursor.execute(f"INSERT INTO telco.calls (external_call_id, cost_units, {names}) SELECT gen_random_uuid()::text, cost_units, {names} FROM telco.calls LIMIT {step}")
            have += step
            connection.commit()
        cursor.execute("ANALYZE telco.calls")
        connection.commit()
        yield_size(cursor, connection, have, results)
    connection.close()
    return results


def yield_size(cursor, connection, have, results):
    environment_sql = """INSERT INTO telco.call_totals (call_date, provider_id, account, direction, currency, calls, completed_calls, duration_seconds,
        billable_seconds, costed_calls, cost_units) SELECT call_date, provider_id, account, coalesce(direction, 'unknown'), coalesce(currency, ''),
        count(*) FILTER (WHERE is_primary), count(*) FILTER (WHERE is_primary AND status = 'completed'), coalesce(sum(duration_seconds) FILTER (WHERE is_primary), 0),
        coalesce(sum(billable_seconds) FILTER (WHERE is_primary), 0), count(cost_units), coalesce(sum(cost_units), 0) FROM telco.calls
        WHERE call_date IS NOT NULL GROUP BY 1, 2, 3, 4, 5"""
    cursor.execute("TRUNCATE telco.call_totals")
    cursor.execute(environment_sql)
    connection.commit()
    for view in ("daily_call_summary", "monthly_cost_summary"):
        times = []
        for _ in range(100):
            start = time.perf_counter()
            cursor.execute(f"SELECT * FROM telco.{view}")
            cursor.fetchall()
            times.append((time.perf_counter() - start) * 1000)
        times.sort()
        results.append((have, view, statistics.median(times), times[98]))
    plain = time.perf_counter()
    cursor.execute("SELECT date(started_at), provider_id, direction, currency, count(*), sum(cost) FROM telco.calls GROUP BY 1, 2, 3, 4")
    cursor.fetchall()
    results.append((have, "the plain view", (time.perf_counter() - plain) * 1000, None))
    connection.rollback()


def ceiling(server, minutes):
    """G3.3: Zadarma's own three statistics requests a minute, for real minutes."""
    fake = Fake("trunkline-fake-zadarma", "--calls", 200_000, "--days", 60)
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(f'[[account]]\nprovider = "zadarma"\nurl = "{fake.url}"\nkey = "fakekey0123456789abc"\nsecret = "fakesecret9876543210"\ntime_zone = "Australia/Sydney"\n')
        file.flush()
        environment = dict(os.environ, TRUNKLINE_DATABASE_URL=fresh_database(server, "ceiling"), TRUNKLINE_TELCO_ACCOUNTS_FILE=file.name, TRUNKLINE_WAREHOUSE_REGION="AU")
        process = subprocess.Popen([build("trunkline"), "sync", "calls", "--provider", "zadarma", "--json"], env=environment, stdout=subprocess.PIPE, text=True)
        start = time.monotonic()
        time.sleep(minutes * 60)
        elapsed = time.monotonic() - start
        cpu = cpu_of(process.pid)
        connection = psycopg2.connect(server)
        cursor = connection.cursor()
        cursor.execute("SELECT sum(pages) FROM telco.sync_windows")
        pages = int(cursor.fetchone()[0] or 0)
        connection.close()
        process.terminate()
        process.communicate(timeout=60)
    fake.close()
    allowed = 3 * (int(elapsed / 60) + 1)
    return pages, allowed, cpu / elapsed * 100


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--calls", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--orm-rows", type=int, default=2_000)
    options.add_argument("--rows", type=int, nargs="*", default=[])
    options.add_argument("--ceiling-minutes", type=int, default=0)
    given = options.parse_args()
    server = os.environ.get("TRUNKLINE_TEST_POSTGRES")
    if not server:
        sys.exit("run by scripts/with-postgres")
    fake = Fake("trunkline-fake-telnyx", "--calls", given.calls, "--days", 30, "--quota-window-ms", 1)
    rates = {"first sync": [], "re-sync": [], "orm": [], "copy": []}
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(f'[[account]]\nprovider = "telnyx"\nurl = "{fake.url}"\nkey = "KEYfake0123456789"\nquota_window_ms = "1"\n')
        file.flush()
        os.environ["TRUNKLINE_WAREHOUSE_FEEDS_OFF"] = "telnyx.call_control,telnyx.webrtc,telnyx.amd"
        for number in range(given.rounds):
            database = fresh_database(server, "bench")
            trunkline(database, file.name, "migrate", "up")
            window = ("--from", time.strftime("%Y-%m-%d", time.gmtime(time.time() - 40 * 86400)))
            with Measured() as first:
                report = sync(database, file.name, *window)
            with Measured() as again:
                second = sync(database, file.name, *window)
            assert second["updated"] == 0, second
            connection = psycopg2.connect(server)
            cursor = connection.cursor()
            cursor.execute("SELECT * FROM telco.calls ORDER BY id LIMIT %s", (given.orm_rows,))
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row)) for row in cursor.fetchall()]
            connection.close()
            stored = report["inserted"]
            rates["first sync"].append(stored / first.cpu)
            rates["re-sync"].append(second["fetched"] / again.cpu)
            rates["copy"].append(copy_rows(server)[0])
            rates["orm"].append(orm_rows(server, rows)[0])
            print(f"round {number + 1}: {stored} rows, first sync {first.wall:.1f} s, re-sync {again.wall:.1f} s", flush=True)
    fake.close()
    print("\nrows a CPU second: median (least to most)")
    middle = {}
    for name, values in rates.items():
        middle[name] = statistics.median(values)
        print(f"  {name:10}  {middle[name]:10.0f}  ({min(values):.0f} to {max(values):.0f})")
    print(f"G3.1  first sync: {middle['first sync'] / middle['orm']:.0f} x the ORM loop (accept 100), {middle['first sync'] / middle['copy']:.2f} x COPY (accept 0.6)")
    print(f"G3.2  re-sync: {middle['re-sync']:.0f} rows/CPU-s (reference 211 000), no row written")
    if given.rows:
        print("\nG3.5  calls, view, median ms, p99 ms")
        for have, view, median, worst in grow(server, names, given.rows):
            print(f"  {have:>10}  {view:22} {median:9.1f}  {'' if worst is None else f'{worst:.1f}'}")
    if given.ceiling_minutes:
        pages, allowed, cpu = ceiling(server, given.ceiling_minutes)
        print(f"\nG3.3  {pages} of {allowed} pages that the quota allowed ({pages / allowed:.0%}), {cpu:.2f} % CPU")


if __name__ == "__main__":
    main()

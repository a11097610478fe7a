"""G4.1, G4.2, G4.3: delivering webhooks."""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import subprocess
import time
from pathlib import Path

from . import harness
from .http_goals import CALLS, ORDER
from .result import Goal

TENANTS = 8
IN_FLIGHT_PER_ORIGIN = 32  # deliveries_to_one_server in src/app/worker.cpp


def signature_is_right(head, body, secret):
    fields = {}
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip()
    legacy = hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.{body}"
    standard = base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()).decode()
    return fields["x-pamela-signature"] == legacy and f"v1,{standard}" in fields["webhook-signature"].split()


def run_pipeline(child, *roots):
    """Waits until the program is ready, lets it run, and reads the clocks around that."""
    process = child.process
    wait_for_line(process, "ready")
    before = harness.cpu_seconds(process.pid, *roots)
    process.stdin.write("go\n")
    process.stdin.flush()
    wait_for_line(process, "done")
    spent = harness.cpu_seconds(process.pid, *roots) - before
    process.stdin.write("tell\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline()), spent


def wait_for_line(process, wanted):
    line = process.stdout.readline().strip()
    if line != wanted:
        raise RuntimeError(f"{process.args} said {line!r} instead of {wanted!r}")


def deliveries(options):
    goal = Goal("G4.1", "signed webhooks: durable before the first try, outcome durable")
    ours = goal.figure("Trunkline on SQLite, made 100 at a time (in order)", "deliveries/CPU-s")
    ours_wall = goal.figure("  wall", "deliveries/s")
    single = goal.figure("Trunkline on SQLite, a transaction an event", "deliveries/CPU-s")
    single_wall = goal.figure("  wall", "deliveries/s")
    bull = goal.figure("BullMQ + Redis, synced (no order)", "deliveries/CPU-s")
    bull_wall = goal.figure("  wall", "deliveries/s")
    graphile = goal.figure("graphile-worker, batched (no order)", "deliveries/CPU-s")
    graphile_wall = goal.figure("  wall", "deliveries/s")
    ratio = goal.figure("ratio", "× the better")
    count = 24_000
    harness.install_opponents()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}

    with harness.Sink() as sink, harness.Postgres() as postgres:
        work = ["--messages", str(count), "--calls", "2000", "--tenants", str(TENANTS),
                "--url", sink.url().replace("{high}", "1"), "--secret", harness.SECRET]

        def finish(outcome, spent, rate, wall, name, ordered):
            told = sink.statistics()
            goal.check(f"{name}: each message came once, and its outcome is kept",
                       told["unique"] == told["requests"] == outcome["delivered"] == outcome["made"] == count,
                       f"{told['requests']} received, {outcome['delivered']} recorded")
            wrong = sum(not signature_is_right(head, body, harness.SECRET) for head, body in sink.samples())
            goal.check(f"{name}: signatures are right", wrong == 0)
            if ordered:
                goal.check(f"{name}: the events of each call came in order", told["out_of_order"] == 0)
            rate.add(count / spent)
            wall.add(count / outcome["seconds"])
            sink.reset()

        for number in range(options.rounds):
            # An opponent has one producer, which makes 100 at a time. Ours writes them by eight transactions,
            # one a tenant, so that a few take turns.
            for batch, producers, rate, wall in (("100", "4", ours, ours_wall), ("1", "64", single, single_wall)):
                path = f"{options.scratch}/pipeline{number}-{batch}.db"
                environment = {"TRUNKLINE_DATABASE_URL": f"sqlite:{path}",
                               "TRUNKLINE_ALLOW_PRIVATE_URLS": "1"}
                command = [harness.tool("webhook_pipeline"), *work, "--batch", batch, "--producers", producers]
                with harness.Child(command, env=environment, **pipes) as program:
                    finish(*run_pipeline(program), rate, wall, "Trunkline", True)
                Path(path).unlink()
            directory = f"{options.scratch}/redis{number}"
            os.makedirs(directory)
            with harness.Redis(directory) as redis:
                store = ["--store", str(redis.port)]
                with harness.node("bullmq_webhooks.js", *work, *store, **pipes) as program:
                    finish(*run_pipeline(program, redis.pid), bull, bull_wall, "BullMQ", False)
            url = postgres.database(f"graphile{number}")
            with harness.node("graphile_webhooks.js", *work, "--store", url, **pipes) as program:
                outcome = run_pipeline(program, postgres.pid)
                finish(*outcome, graphile, graphile_wall, "graphile-worker", False)
            ratio.add(ours.values[-1] / max(bull.values[-1], graphile.values[-1]))
    goal.gate(ratio, 3, 5)
    return goal


def isolation(options):
    goal = Goal("G4.2", "one dead and one slow endpoint among 1,000: the delay of the others' webhooks")
    healthy = goal.figure("p99 of delivery, all healthy", "ms")
    mixed = goal.figure("p99 of the others, one dead and one slow", "ms")
    healthy_p50 = goal.figure("p50, all healthy", "ms")
    mixed_p50 = goal.figure("p50 of the others, one dead and one slow", "ms")
    ratio = goal.figure("ratio of the p99", "of all healthy")
    rate = 250
    seconds = 4 if options.quick else 6
    with harness.Sink(slow_ms=5000) as sink:
        url = f"sqlite:{options.scratch}/isolation.db"
        tenants = harness.seed(url, "--tenants", "1000", "--url", sink.url())
        dead, slow = tenants[0], tenants[1]
        # Each of the two has a twentieth of the traffic, fifty times its share.
        keys = Path(options.scratch, "keys")
        keys.write_text("\n".join(line for i, tenant in enumerate(tenants[2:])
                                  for line in [tenant[1], *([dead[1], slow[1]] if i % 20 == 0 else [])]))
        order = Path(options.scratch, "busy.json")
        order.write_text(json.dumps({**ORDER, "to": "+12025550102"}))

        def point(tenant, to):
            environment = {"TRUNKLINE_DATABASE_URL": url, "TRUNKLINE_ALLOW_PRIVATE_URLS": "1"}
            command = ["webhooks", "endpoint", "set", "--account", tenant[0], "--url", to]
            subprocess.run([str(harness.BUILD / "trunkline"), *command], check=True, capture_output=True,
                           env={**os.environ, **environment})

        def measure():
            """Delays of the healthy tenants' messages, and how many of them were not delivered."""
            since = int(time.time() * 1e6)
            with harness.Trunkline(url, settings={"TRUNKLINE_LOCAL_SPEED": "10000"}) as server:
                harness.load(server.port, path=CALLS, method="POST", body_file=order, lines=keys, rate=rate,
                             seconds=seconds, connections=64, header="Authorization: Bearer {line}")
                time.sleep(2)
            with sqlite3.connect(f"file:{url[7:]}?mode=ro", uri=True) as database:
                rows = database.execute(
                    "SELECT delivered_at - created_at, url FROM webhook_messages WHERE created_at >= ?",
                    [since]).fetchall()
            others = [delay for delay, to in rows if f":{sink.port}/hooks" in to]
            delays = sorted(delay / 1000 for delay in others if delay is not None)
            return delays, len(others) - len(delays)

        for _ in range(options.rounds):
            for tenant in (dead, slow):
                point(tenant, sink.url().format(high=1, low=1 if tenant is dead else 2))
            delays, _ = measure()
            healthy.add(delays[int(len(delays) * 0.99)])
            healthy_p50.add(delays[len(delays) // 2])
            point(dead, f"http://127.0.250.1:{harness.free_port()}/hooks")
            point(slow, f"http://127.0.250.2:{sink.port}/slow")
            delays, missing = measure()
            mixed.add(delays[int(len(delays) * 0.99)])
            mixed_p50.add(delays[len(delays) // 2])
            ratio.add(mixed.values[-1] / healthy.values[-1])
            goal.check("every message of the others is delivered", missing == 0, f"{len(delays)} messages")
    goal.gate(ratio, 1.25, 1.05, at_most=True)
    return goal


def kill_at_full_rate(options):
    goal = Goal("G4.3", "kill -9 while webhooks are delivered at full rate")
    before = goal.figure("rate before the kill", "deliveries/s")
    back = goal.figure("full rate again, from the start of the new process", "ms")
    twice = goal.figure("delivered twice, with the same id", "messages")
    lost = goal.figure("lost", "messages")
    each = 3_000 if options.quick else 10_000
    total = TENANTS * each
    for number in range(options.rounds):
        path = f"{options.scratch}/kill{number}.db"
        url = f"sqlite:{path}"
        with harness.Sink() as sink:
            for account, *_ in harness.seed(url, "--tenants", str(TENANTS), "--url", sink.url()):
                harness.seed(url, "--account", account, "--messages", str(each), "--calls", str(each // 10))
            with harness.Trunkline(url) as server:
                while (told := sink.statistics())["requests"] < total * 0.4:
                    time.sleep(0.01)
                server.kill()
            at_kill = sink.statistics()["requests"]
            started = time.time() * 1e6
            with harness.Trunkline(url, wait=False):
                until = time.monotonic() + 120
                while (told := sink.statistics())["unique"] < total and time.monotonic() < until:
                    time.sleep(0.05)
                time.sleep(0.5)
            told = sink.statistics()
            rate, milliseconds = recovery(told, at_kill, started)
            before.add(rate)
            back.add(milliseconds)
            twice.add(told["requests"] - told["unique"])
            lost.add(total - told["unique"])
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
                [open_ones] = database.execute(
                    "SELECT count(*) FROM webhook_messages WHERE status <> 'delivered'").fetchone()
            goal.check("every message is recorded as delivered", open_ones == 0,
                       f"{total} messages, {open_ones} open")
            goal.check("the events of each call came in order", told["out_of_order"] == 0)
        Path(path).unlink()
    goal.check("nothing is lost", max(lost.values) == 0)
    most = TENANTS * IN_FLIGHT_PER_ORIGIN
    goal.check(f"no more came twice than were in flight (at most {most})", max(twice.values) <= most,
               max(twice.values))
    goal.gate(back, 1000, 1000, at_most=True)
    return goal


def recovery(told, at_kill, started):
    """The rate before the kill, and when after `started` 90 % of it was back, over a fifth of a second."""
    timeline, bucket = told["timeline"], told["bucket_us"]
    window = 200_000 // bucket
    seen = 0
    busy = []
    for index, count in enumerate(timeline):
        seen += count
        if seen >= at_kill:
            break
        if count:
            busy.append(count)
    steady = sorted(busy[len(busy) // 4 :])
    rate = steady[len(steady) // 2] * 1e6 / bucket
    first = int((started - told["started_us"]) / bucket)
    for index in range(first, len(timeline) - window + 1):
        if sum(timeline[index : index + window]) >= 0.9 * rate * window * bucket / 1e6:
            return rate, max(0.0, ((index + window) * bucket + told["started_us"] - started) / 1000)
    return rate, float("inf")

"""G6.2 and G6.4: how fast it starts, how little it holds."""

import http.client
import json
import time

from . import harness
from .http_goals import CALLS, ORDER, request
from .result import Goal


def milliseconds_until(port, started, method, path, wanted, key="", body=None):
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    text = body and json.dumps(body)
    while time.perf_counter() - started < 30:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request(method, path, text, headers)
            if connection.getresponse().status == wanted:
                return (time.perf_counter() - started) * 1000
        except OSError:
            time.sleep(0.0005)
        finally:
            connection.close()
    raise RuntimeError(f"no {wanted} from {path}")


def cold_start(options):
    goal = Goal("G6.2", "cold start")
    placed = goal.figure("exec to the first durable 201, one account and nothing else", "ms")
    made = goal.figure("exec to ready, with the database made and migrated", "ms")
    url = f"sqlite:{options.scratch}/start.db"
    [[_, key, _]] = harness.seed(url, "--tenants", "1", "--url", "http://127.0.0.1:9/hooks")
    for number in range(options.rounds * 2):
        started = time.perf_counter()
        with harness.Trunkline(url, wait=False) as server:
            placed.add(milliseconds_until(server.port, started, "POST", CALLS, 201, key, ORDER))
            server.kill()
        started = time.perf_counter()
        with harness.Trunkline(f"sqlite:{options.scratch}/empty{number}.db", wait=False) as server:
            made.add(milliseconds_until(server.port, started, "GET", "/readyz", 200))
    with harness.Trunkline(url, worker=False) as server:
        _, text = request(server.port, "GET", CALLS, key)
        total = json.loads(text)["total"]
        goal.check("each call answered before a kill -9 is there", total == len(placed.values), total)
    goal.gate(placed, 100, 40, at_most=True)
    goal.gate(made, 100, 40, at_most=True)
    return goal


def idle_memory(options):
    goal = Goal("G6.4", "memory of the whole product, idle with 1,000 tenants")
    fresh = goal.figure("after the start", "MB")
    known = goal.figure("after a request of each tenant", "MB")
    used = goal.figure("after a call of each tenant, carried out", "MB")
    url = f"sqlite:{options.scratch}/idle.db"
    with harness.Sink() as sink:
        tenants = harness.seed(url, "--tenants", "1000", "--url", sink.url())
        for _ in range(min(options.rounds, 3)):
            with harness.Trunkline(url, settings={"TRUNKLINE_LOCAL_SPEED": "1000"}) as server:

                def megabytes_at_rest(pause):
                    time.sleep(pause)
                    return harness.resident_kib(server.pid) * 1024 / 1e6

                fresh.add(megabytes_at_rest(1))
                answers = [request(server.port, "GET", CALLS, key)[0].status for _, key, _ in tenants]
                goal.check("each tenant's key is taken", set(answers) == {200})
                known.add(megabytes_at_rest(2))
                answers = [request(server.port, "POST", CALLS, key, ORDER)[0].status for _, key, _ in tenants]
                goal.check("each tenant's call is taken", set(answers) == {201})
                used.add(megabytes_at_rest(6))
        told = sink.statistics()
        goal.check("their calls were carried out meanwhile", told["requests"] > 1000 * len(used.values),
                   f"{told['requests']} webhooks")
    goal.gate(known, 64, 24, at_most=True)
    return goal

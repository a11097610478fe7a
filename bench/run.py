#!/usr/bin/env python3
"""Measures Trunkline beside its opponents and says which goals are met (docs/benchmarks.md).

    bench/run.py [--only G1.3,engagement.batch] [--rounds N] [--quick] [--large]

Prints a table for each goal, writes build/bench/results.json, and ends with 1 when a goal is missed or an
answer was wrong. Build the `bench` preset first: `make bench` does.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from suite import engagement_goals, footprint_goals, harness, http_goals, warehouse_goals, webhook_goals

GOALS = {
    "G1.3": http_goals.read_of_one_call,
    "G1.4": http_goals.placing_calls,
    "G1.5": http_goals.overload,
    "engagement.one": engagement_goals.one_by_one,
    "engagement.batch": engagement_goals.batches,
    "engagement.timeline": engagement_goals.timeline,
    "G3.1": warehouse_goals.first_sync,
    "G3.2": warehouse_goals.second_sync,
    "G3.3": warehouse_goals.quota_ceiling,
    "G3.5": warehouse_goals.summaries,
    "G4.1": webhook_goals.deliveries,
    "G4.2": webhook_goals.isolation,
    "G4.3": webhook_goals.kill_at_full_rate,
    "G6.2": footprint_goals.cold_start,
    "G6.4": footprint_goals.idle_memory,
}


def conditions():
    """What the figures depend on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = [line.split(":")[1].strip() for line in lines if "model name" in line]
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=harness.ROOT, capture_output=True, text=True)
    return {
        "processor": f"{len(model)} × {model[0] if model else 'unknown'}",
        "memory_mib": memory,
        "kernel": platform.release(),
        "load_average_at_start": os.getloadavg()[0],
        "niceness": os.getpriority(os.PRIO_PROCESS, 0),
        "commit": commit.stdout.strip(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="goals, separated by commas: " + ", ".join(GOALS))
    parser.add_argument("--rounds", type=int, help="rounds of each measurement; 5, or 2 with --quick")
    parser.add_argument("--quick", action="store_true", help="short windows and few rounds")
    parser.add_argument("--large", action="store_true", help="G3.5 with 10 million calls too: some minutes more")
    options = parser.parse_args()
    options.seconds = 2 if options.quick else 3
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.goals = options.only.split(",") if options.only else list(GOALS)
    for goal in options.goals:
        if goal not in GOALS:
            parser.error(f"there is no goal {goal}")
    return options


def raise_priority():
    """Above whatever else runs on the machine, where that is allowed; for servers, opponents and load."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -19)
    except PermissionError:
        pass


def main():
    options = arguments()
    raise_priority()
    results = {"conditions": conditions(), "rounds": options.rounds, "seconds": options.seconds, "goals": []}
    print(json.dumps(results["conditions"]))
    failed = []
    for name in options.goals:
        options.scratch = tempfile.mkdtemp(prefix="trunkline-bench-")
        try:
            goal = GOALS[name](options)
        finally:
            shutil.rmtree(options.scratch, ignore_errors=True)
        goal.print()
        sys.stdout.flush()
        results["goals"].append(goal.as_dict())
        if goal.verdict in ("missed", "wrong"):
            failed.append(name)
    harness.BUILD.mkdir(parents=True, exist_ok=True)
    (harness.BUILD / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    if failed:
        print(f"\nNot met: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs the black-box suite against a built binary.

  tests/blackbox/run.py --engine sqlite
  scripts/with-postgres python3 tests/blackbox/run.py --engine postgresql --only 'callees'
  tests/blackbox/run.py --calls 10000 --kills 20 --only random_kills
"""
import argparse
import os
import shutil
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from support.options import OPTIONS, ROOT  # noqa: E402  (the path above comes first)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/dev/trunkline",
                        help="a build with fail points; default build/dev/trunkline")
    parser.add_argument("--only", metavar="PATTERN", help="tests whose name contains it (file, class or test)")
    parser.add_argument("--quick", action="store_true", help="leave out what takes more than a few seconds")
    parser.add_argument("--calls", type=int, help="calls that the random kills meet; default 500")
    parser.add_argument("--kills", type=int, help="how often they kill; default 5")
    parser.add_argument("--verbose", "-v", action="store_true", help="name each test")
    return parser.parse_args()


class TimedResult(unittest.TextTestResult):
    """Remembers how long each test took, to name the slowest with --verbose."""

    def startTest(self, test):
        self.started = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        self.times = [*getattr(self, "times", []), (time.monotonic() - self.started, test.id())]

    def print_slowest(self):
        for seconds, name in sorted(self.times, reverse=True)[:15]:
            self.stream.writeln(f"{seconds:7.2f} s  {name}")


def flatten(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from flatten(each)
        else:
            yield each


def main():
    asked = arguments()
    if asked.engine == "postgresql" and "TRUNKLINE_TEST_POSTGRES" not in os.environ:
        sys.exit("run.py: start me as `scripts/with-postgres python3 tests/blackbox/run.py --engine postgresql`")
    if not asked.binary.exists():
        sys.exit(f"run.py: there is no {asked.binary}; run `cmake --build --preset dev --target trunkline` first")
    OPTIONS.engine = asked.engine
    OPTIONS.quick = asked.quick
    OPTIONS.calls = asked.calls or (100 if asked.quick else 500)
    OPTIONS.kills = asked.kills or (2 if asked.quick else 5)
    with tempfile.TemporaryDirectory(prefix="trunkline-blackbox.") as work:
        OPTIONS.work = Path(work)
        # A copy, so that a build that goes on meanwhile does not change what is tested.
        OPTIONS.binary = OPTIONS.work / "trunkline"
        shutil.copy2(asked.binary, OPTIONS.binary)
        OPTIONS.fakes = asked.binary.resolve().parent / "src"
        # Every test is imported after the options are set: some of them read the engine when they are declared.
        tests = list(flatten(unittest.defaultTestLoader.discover(str(HERE), "test_*.py", str(HERE))))
        if asked.only:
            tests = [test for test in tests if asked.only in test.id()]
        if not tests:
            sys.exit(f"run.py: no test is named like '{asked.only}'")
        runner = unittest.TextTestRunner(verbosity=2 if asked.verbose else 1, resultclass=TimedResult)
        result = runner.run(unittest.TestSuite(tests))
        if asked.verbose:
            result.print_slowest()
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()

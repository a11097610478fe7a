"""Waiting with an end: every wait of this suite is bounded and says what it waited for."""
import time

PATIENCE = 30.0


def wait_until(condition, what, timeout=PATIENCE, pause=0.02):
    """The first true value of `condition`; an AssertionError naming `what` when there is none in time."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {timeout:g} s")
        time.sleep(pause)


def stays(condition, what, seconds=0.5, pause=0.05):
    """Fails as soon as `condition` is false within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not condition():
            raise AssertionError(what)
        time.sleep(pause)

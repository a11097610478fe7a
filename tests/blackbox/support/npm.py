"""Packages from npm that a test needs."""
import fcntl
import subprocess


def install(folder):
    """Installs what `folder`'s package-lock.json names, unless it is there. Two runs of the suite (one for each engine)
    may come at the same time: the second waits until the first is through."""
    with (folder / "package-lock.json").open(encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # npm writes this file last; the packages' folders are there before what is in them.
        if (folder / "node_modules/.package-lock.json").exists():
            return
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"npm ci in {folder} ended with {done.returncode}:\n{done.stdout}{done.stderr}")

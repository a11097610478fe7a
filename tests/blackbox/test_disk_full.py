"""The disk is full (reliability F10): calls are refused at admission, nothing is half-written, and all goes on without a restart
once there is room again."""
import resource
import shutil
import signal
import subprocess

from support.case import SECRET, Case, needs_sqlite
from support.reckoning import check_books, check_webhooks, wait_until_all_is_told
from support.waiting import wait_until


def small_disk(path, megabytes):
    """Mounts a small file system there; false when that is not allowed here."""
    path.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", path], capture_output=True, check=False)
    return done.returncode == 0


def limit_files(size):
    """For a child: files of at most so many bytes, as errors and not as a deadly signal."""
    def apply():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    return apply


@needs_sqlite
class DiskFull(Case):
    def setUp(self):
        self.hooks = self.receiver()
        self.served = self.server(start=False)

    def fill(self):
        """Calls with much metadata until one is refused; the ids of the accepted ones, and the refusal."""
        accepted = []
        for _ in range(2000):
            answer = self.account.api.post("/calls", {"to": "+12025550102", "task": "x", "metadata": {"a": "x" * 15_000}})
            if answer.status_code != 201:
                return accepted, answer
            accepted.append(answer.json()["id"])
        self.fail("the disk never filled")

    def check(self, make_room):
        accepted, refusal = self.fill()
        self.assertEqual(503, refusal.status_code, refusal.text)
        self.assertRegex(refusal.headers["Retry-After"], r"^[1-9][0-9]*$")
        self.assertNotIn(str(self.served.home), refusal.text)
        self.assertEqual(200, self.account.api.get("/calls?limit=1").status_code, "what is there can be read")
        self.assertTrue(self.served.is_running())
        make_room()

        def place():
            answer = self.account.api.post("/calls", {"to": "+12025550107", "task": "x"})
            return answer.json()["id"] if answer.status_code == 201 else None
        accepted.append(wait_until(place, "a call is accepted again", 20, 0.2))
        wait_until_all_is_told(self.served, 90)
        self.assertEqual(len(accepted), len(check_books(self, self.served)), "each acknowledged call is there, no other")
        check_webhooks(self, self.served, self.hooks)
        self.assertEqual("ok", self.served.query("PRAGMA integrity_check")[0]["integrity_check"])

    def test_a_full_file_system(self):
        disk = self.served.home / "disk"
        if not small_disk(disk, 12):
            self.skipTest("mounting is not allowed here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        self.addCleanup(self.served.kill)
        self.served.database.path = disk / "trunkline.db"
        self.served.settings["TRUNKLINE_DATABASE_URL"] = f"sqlite:{disk}/trunkline.db"
        self.account = self.served.account(url=self.hooks.url(), secret=SECRET)
        ballast = disk / "ballast"
        free = shutil.disk_usage(disk).free
        with ballast.open("wb") as file:
            file.write(b"\0" * (free - 3_000_000))
        self.served.start()
        self.check(ballast.unlink)

    def test_a_limit_on_the_size_of_files(self):
        """The same without a file system of its own: writes beyond a size fail."""
        self.account = self.served.account(url=self.hooks.url(), secret=SECRET)
        self.served.start(preexec=limit_files(3_000_000))
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        self.check(lambda: resource.prlimit(self.served.process.pid, resource.RLIMIT_FSIZE, unlimited))

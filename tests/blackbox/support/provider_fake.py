"""One of the simulated providers as a process on loopback (docs/warehouse.md)."""
import subprocess

from .options import OPTIONS


class ProviderFake:
    def __init__(self, name, **options):
        flags = [part for option, value in options.items() for part in (f"--{option.replace('_', '-')}", str(value))]
        self.process = subprocess.Popen([OPTIONS.fakes / f"trunkline-fake-{name}", "--port", "0", *flags],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

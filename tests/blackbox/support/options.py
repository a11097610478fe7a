"""What the runner was asked for. The tests read it; only run.py writes it."""
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Options:
    engine: str = "sqlite"
    binary: Path = ROOT / "build/dev/trunkline"
    fakes: Path = ROOT / "build/dev/src"
    work: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    quick: bool = True
    calls: int = 500
    kills: int = 5

    @property
    def postgresql(self):
        return self.engine == "postgresql"

    @property
    def postgres_url(self):
        return os.environ["TRUNKLINE_TEST_POSTGRES"]


OPTIONS = Options()

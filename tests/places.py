"""Where the repository and its tests lie, for tests on any floor."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent

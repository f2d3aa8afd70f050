"""The browsers that tests drive, and what is said where one is missing."""

import os
import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def require(there, missing):
    """Skip with a plain word what this machine lacks; under CI nothing may be missing."""
    if not there:
        assert os.environ.get("CI") != "true", missing
        pytest.skip(missing)


@contextmanager
def chromium():
    """Debian's Chromium, driven by playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    require(CHROMIUM, "chromium is not installed")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()

"""What a reader does and what the craft demands, in a real browser (the steps are in web/test)."""

from __future__ import annotations

import os
import subprocess

import pytest

from .server import WEB, Site, browser_missing


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("name", ["journeys", "craft"])
def test_in_a_browser(site: Site, name: str) -> None:
    reason = browser_missing()
    if reason:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    found = subprocess.run(
        ["node", "--test", "--test-reporter=tap", f"test/{name}.test.mjs"],
        cwd=WEB,
        env={**os.environ, "PAGES_URL": site.url},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    failed = [line for line in found.stdout.splitlines() if "not ok" in line]
    assert found.returncode == 0, "\n".join([*failed, found.stdout[-8000:], found.stderr[-2000:]])

"""A server process for the tests of the pages."""

from __future__ import annotations

import os
import pickle
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, replace
from pathlib import Path

from zonegraph.web import Config

_MAIN = (
    "import pickle, sys\nfrom base64 import b64decode\nfrom zonegraph.web import serve\n"
    "if __name__ == '__main__':\n    serve(pickle.loads(b64decode(sys.argv[1])))\n"
)
WEB = Path(__file__).resolve().parents[2] / "web"


@dataclass(frozen=True)
class Site:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def up(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/live", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """Ask it to end."""
        self.process.terminate()
        self.process.wait(30)


def start(config: Config, folder: Path) -> Site:
    """Start a server and wait until it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    script, log = folder / "run_pages.py", folder / "pages.log"
    script.write_text(_MAIN)
    argument = b64encode(pickle.dumps(replace(config, port=port))).decode()
    with log.open("wb") as handle:
        process = subprocess.Popen(
            [sys.executable, str(script), argument], stdout=handle, stderr=handle, env={**os.environ}
        )
    site = Site(f"http://127.0.0.1:{port}", process, log)
    for _ in range(600):
        if site.up() or process.poll() is not None:
            break
        threading.Event().wait(0.1)
    assert site.up(), log.read_text()
    return site


def browser_missing() -> str:
    """Why the tests in a browser cannot run; empty when they can."""
    if shutil.which("node") is None:
        return "Node.js is not installed"
    if not (WEB / "node_modules" / "playwright-core").is_dir():
        return "the packages of web/ are not installed (make assets)"
    if not Path(os.environ.get("CHROMIUM", "/usr/bin/chromium")).exists():
        return "Chromium is not installed"
    return ""

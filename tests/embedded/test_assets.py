import json
import re
from pathlib import Path

import pytest

from kommunalpro.embedded import assets, npm
from kommunalpro.embedded.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]


def test_the_lock_names_no_host_and_pins_every_package():
    text = (ROOT / "package-lock.json").read_text()
    assert "://" not in text
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert {f"node_modules/{name}" for name in ("dkfds", "htmx.org", "idiomorph", "chart.js")} <= set(
        packages
    )
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())


def package(root: Path, name: str, content: str | bytes) -> None:
    path = root / "node_modules" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def fetched(tmp_path: Path) -> Path:
    """A project whose packages npm has fetched: tiny ones in the shape of the real ones."""
    style = ".a{background:url(../img/a.svg)}.b{src:url('../fonts/b.woff2?v=1')}.c{background:url(data:x)}"
    package(tmp_path, "dkfds/dist/css/dkfds.min.css", style + "\n/*# sourceMappingURL=dkfds.min.css.map */\n")
    package(tmp_path, "dkfds/dist/js/dkfds.min.js", "var DKFDS\n//# sourceMappingURL=dkfds.min.js.map\n")
    package(tmp_path, "dkfds/dist/img/all-svg-icons.svg", "<svg/>")
    package(tmp_path, "dkfds/dist/img/a.svg", "<svg/>")
    package(tmp_path, "dkfds/dist/img/unused.svg", "<svg/>")
    package(tmp_path, "dkfds/dist/fonts/b.woff2", b"\xff\x00")
    package(tmp_path, "dkfds/LICENSE.md", "MIT")
    for source in assets.VENDOR:
        package(tmp_path, source, "x")
    return tmp_path


def test_exactly_what_pages_load_is_laid_out(fetched: Path):
    assets.lay_out(fetched)
    target = fetched / "build" / "assets"
    found = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert found == {
        "dkfds/LICENSE.md",
        "dkfds/css/dkfds.min.css",
        "dkfds/js/dkfds.min.js",
        "dkfds/img/all-svg-icons.svg",
        "dkfds/img/a.svg",
        "dkfds/fonts/b.woff2",
        *(f"vendor/{name}" for name in assets.VENDOR.values()),
    }
    assert "sourceMappingURL" not in (target / "dkfds/css/dkfds.min.css").read_text()
    assert (target / "dkfds/js/dkfds.min.js").read_text() == "var DKFDS\n"


def test_laying_out_again_leaves_nothing_old(fetched: Path):
    old = fetched / "build" / "assets" / "old.js"
    old.parent.mkdir(parents=True)
    old.touch()
    assets.lay_out(fetched)
    assert not old.exists()


def test_without_npm_and_network_a_sentence_says_what_to_do(fetched: Path, monkeypatch: pytest.MonkeyPatch):
    (fetched / "package-lock.json").write_text("{}")
    monkeypatch.setenv("PATH", str(fetched))  # no npm here
    (fetched / "requirements").mkdir()
    (fetched / "requirements" / "node.txt").write_text(
        "no-such-package-anywhere==1 --hash=sha256:" + "0" * 64
    )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(npm, "find_spec", lambda name: None)
    with pytest.raises(SetupError, match=r"npm is not on this machine.*install Node\.js") as raised:
        assets.fetch(fetched)
    assert "\n" not in str(raised.value)


def test_every_file_the_real_style_sheet_names_is_there():
    style = ROOT / "build" / "assets" / "dkfds" / "css" / "dkfds.min.css"
    if not style.exists():
        pytest.skip("The assets have not been fetched: make assets")
    names = [
        name for name in re.findall(r"url\(([^)]+)\)", style.read_text()) if not name.startswith("data:")
    ]
    assert len(names) > 50
    assert [name for name in names if not (style.parent / name).resolve().is_file()] == []

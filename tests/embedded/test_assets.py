import json
import re
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from kommunalpro.embedded import assets, npm
from kommunalpro.embedded.errors import SetupError
from kommunalpro.static_files import HashedStaticFiles
from kommunalpro.templatetags import components

ROOT = Path(__file__).resolve().parents[2]


def test_the_lock_names_no_host_and_pins_every_package():
    text = (ROOT / "package-lock.json").read_text()
    assert "://" not in text
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert {f"node_modules/{name}" for name in ("dkfds", "htmx.org", "idiomorph", "chart.js")} <= set(
        packages
    )
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())


SPRITE = "dkfds/dist/img/all-svg-icons.svg"
NAMED_ICON = re.compile(r"""\bicon(?: ?= ?| |: str = )["']([a-z-]+)["']""")


def sprite(*names: str) -> str:
    drawn = "".join(f'<symbol id="{name}"><path d="M0"/></symbol>' for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{drawn}</svg>'


def package(root: Path, name: str, content: str | bytes) -> None:
    path = root / "node_modules" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def fetched(tmp_path: Path) -> Path:
    """A project whose packages npm has fetched: tiny ones in the shape of the real ones."""
    style = ".a{background:url(../img/a.svg)}.b{src:url('../fonts/b.woff2?v=1')}.c{background:url(data:x)}"
    package(tmp_path, "dkfds/dist/css/dkfds.min.css", style + "\n/*# sourceMappingURL=dkfds.min.css.map */\n")
    package(
        tmp_path, "dkfds/src/js/components/modal.js", "function M() {}\n//# sourceMappingURL=modal.js.map\n"
    )
    package(tmp_path, SPRITE, sprite(*assets.ICONS, "umbrella"))
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
        "dkfds/js/modal.js",
        "dkfds/img/icons.svg",
        "dkfds/img/a.svg",
        "dkfds/fonts/b.woff2",
        *(f"vendor/{name}" for name in assets.VENDOR.values()),
    }
    assert "sourceMappingURL" not in (target / "dkfds/css/dkfds.min.css").read_text()
    assert (target / "dkfds/js/modal.js").read_text() == "function M() {}\n"


def test_the_sprite_holds_our_icons_alone(fetched: Path):
    assets.lay_out(fetched)
    drawn = (fetched / "build/assets/dkfds/img/icons.svg").read_text()
    assert drawn.rstrip() == sprite(*assets.ICONS)


def test_an_icon_that_the_design_system_lacks_stops_the_build(fetched: Path):
    package(fetched, SPRITE, sprite(*(name for name in assets.ICONS if name != "send")))
    with pytest.raises(SetupError, match="no icon called send"):
        assets.lay_out(fetched)


@pytest.mark.parametrize("line", ["import A from './a';", "const a = require('./a');", "import './a';"])
def test_a_dialog_that_browsers_cannot_load_stops_the_build(fetched: Path, line: str):
    package(fetched, "dkfds/src/js/components/modal.js", f"'use strict';\n{line}\n")
    with pytest.raises(SetupError, match="loads other modules"):
        assets.lay_out(fetched)


def test_the_sprite_holds_exactly_the_icons_that_pages_name():
    """Names are given to `{% icon %}` and to the `icon` of other components, or stand in the components' code."""
    named = set(components.ALERT_KINDS) | {icon for icon, _ in components.STATUSES.values()}
    sources = [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("*/templates/**/*.html"),
        ROOT / "kommunalpro/templatetags/components.py",
    ]
    for path in sources:
        named.update(NAMED_ICON.findall(path.read_text()))
    assert named == set(assets.ICONS)


def test_a_module_that_a_script_imports_is_named_with_its_hash(tmp_path: Path):
    for name, text in {
        "js/modals.js": 'import Modal from "../dkfds/js/modal.js";\n',
        "dkfds/js/modal.js": "export default 1;\n",
        "django_htmx/theirs.js": 'import htmx from "./not-brought";\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    storage = HashedStaticFiles(location=tmp_path, base_url="/static/")
    source = FileSystemStorage(location=tmp_path)
    paths = {name: (source, name) for name in ("js/modals.js", "dkfds/js/modal.js", "django_htmx/theirs.js")}
    for _, _, processed in storage.post_process(paths):
        assert not isinstance(processed, Exception), processed
    kept = Path(storage.hashed_files["dkfds/js/modal.js"]).name
    drawn = (tmp_path / storage.hashed_files["js/modals.js"]).read_text()
    assert drawn == f'import Modal from "../dkfds/js/{kept}";\n'
    assert kept != "modal.js"


def test_a_cell_on_a_phone_is_headed_without_a_script():
    """Rows become cards there, and nothing but `data-title` says what a cell holds."""
    cells = [
        (path.name, cell)
        for path in ROOT.glob("templates/**/*.html")
        if path.name != "matrix.html"  # a table of its own
        for cell in re.findall(r"""<td[^>]*>|<th scope="row"[^>]*>""", path.read_text())
    ]
    assert len(cells) > 100
    assert [each for each in cells if "data-title" not in each[1] and "colspan" not in each[1]] == []


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

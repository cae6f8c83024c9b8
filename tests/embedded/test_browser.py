import os
from pathlib import Path

import pytest

from kommunalpro.embedded import browser
from kommunalpro.embedded.errors import SetupError


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty PATH: neither Chromium nor apt-get."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_named_one_goes_first(programs: Path, monkeypatch: pytest.MonkeyPatch):
    program(programs / "chromium")
    named = program(programs / "mine")
    monkeypatch.setenv("CHROMIUM", str(named))
    assert browser.find() == str(named)


@pytest.mark.parametrize("name", browser.NAMES)
def test_the_usual_names_are_found(programs: Path, name: str):
    assert browser.find() is None
    found = program(programs / name)
    assert browser.ensure() == str(found)


def test_a_wrong_name_is_told(programs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(SetupError, match="CHROMIUM is “/no/such/browser”"):
        browser.find()


def test_apt_installs_it_for_root(programs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    apt = program(programs / "apt-get")
    chromium = programs / "chromium"
    make_it = f'printf "#!/bin/sh\\n" > "{chromium}"; /bin/chmod +x "{chromium}"'
    apt.write_text(f'#!/bin/sh\ncase "$*" in *install*chromium*) {make_it};; esac\n')
    assert browser.ensure() == str(chromium)


def test_without_one_the_tests_are_left_out_but_never_in_ci(programs: Path, monkeypatch: pytest.MonkeyPatch):
    assert browser.ensure() is None
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SetupError, match="with CI=true no test is left out"):
        browser.ensure()

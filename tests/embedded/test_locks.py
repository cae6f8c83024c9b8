"""The locked Python packages: the same versions everywhere, each with hashes, from no named host."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "requirements"
STAND_INS = ("kommunalpro/embedded", "identity/broker", "fut/simulator")
# Never on a server: a developer runs them.
FOR_DEVELOPERS = ("benchmarks",)
# A pin names its extras as well, else it does not hold for whoever asks for one.
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z0-9, -]+\])?==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((LOCKS / f"{name}.txt").read_text()))


@pytest.mark.parametrize(("smaller", "larger"), [("server", "embedded"), ("embedded", "dev")])
def test_one_environment_serves_both(smaller: str, larger: str):
    """So `make run` takes nothing away from the environment that `make test` made."""
    assert pins(smaller).items() <= pins(larger).items()


@pytest.mark.parametrize("name", ["server", "embedded", "dev", "node", "audit"])
def test_a_lock_has_hashes_and_names_no_host(name: str):
    text = (LOCKS / f"{name}.txt").read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert text.count("==") <= text.count(" \\\n")
    assert len(PIN.findall(text)) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0


def imported(path: Path) -> Iterator[str]:
    """Top-level names of what a module imports when it runs; what only type checkers see is left out."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body.clear()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def test_what_the_code_imports_is_locked_where_it_runs():
    """A package that only the tests bring would be missing on a server and in `make run`."""
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    distributions = packages_distributions()
    missing = set()
    for path in sorted(path for name in ours - {"tests"} for path in (ROOT / name).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        locked = pins(
            "dev"
            if place.startswith(FOR_DEVELOPERS)
            else "embedded"
            if place.startswith(STAND_INS)
            else "server"
        )
        for name in set(imported(path)) - ours - sys.stdlib_module_names:
            providers = {re.sub(r"[-_.]+", "-", each).lower() for each in distributions.get(name, [name])}
            if not providers & locked.keys():
                missing.add(f"{place} imports {name}")
    assert not missing, "Add to pyproject.toml, then make lock:\n" + "\n".join(sorted(missing))

"""SECURITY.md names a test for each threat; here it is seen that each of them is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "SECURITY.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| flow")
]


def test_every_kind_of_threat_and_every_flow_is_thought_of() -> None:
    assert {letter for row in ROWS for letter in row[1].split(", ")} == set("STRIDE")
    assert {row[0] for row in ROWS} >= {
        *("browser", "broker", "FUT", "NemSMS", "workers", "database", "operators", "import")
    }


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}: {row[2]}" for row in ROWS])
def test_the_test_of_each_threat_is_there(row: list[str]) -> None:
    paths = re.findall(r"`([^`]+)`", row[4])
    assert paths
    for path in paths:
        assert "def test_" in (ROOT / path).read_text(), path

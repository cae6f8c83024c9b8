"""The short trial, with FAULTS=1: every fault once, a few hundred answers. The long one is `make faults`."""

import json
import os
import random
import subprocess
import sys
from typing import Any

import pytest

from tests.browser.system import OUR_SETTINGS, ROOT

pytestmark = pytest.mark.skipif(
    "FAULTS" not in os.environ,
    reason="the short trial takes minutes and has not yet passed five times in a row; FAULTS=1 runs it",
)

SCENARIOS = (
    "workers_killed_after_sending",
    "web_killed",
    "beat_killed",
    "postgres_stopped",
    "redis_stopped",
    "errors",
    "time_outs",
    "hanging_up",
    "evening_and_morning",
)


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What was counted after each fault, on a system of its own that all of them meet in turn."""
    folder = tmp_path_factory.mktemp("faults")
    seed = os.environ.get("FAULTS_SEED") or str(random.randrange(10**6))
    trial = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--answers", "240", "--rounds", "1", "--hits", "2",
         "--seed", seed, "--results", str(folder / "results"), "--only", *SCENARIOS],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in OUR_SETTINGS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )  # fmt: skip
    sys.stdout.write(trial.stdout)
    assert trial.returncode in {0, 1}, trial.stdout
    assert (folder / "results").exists(), trial.stdout
    lines = [json.loads(line) for line in (folder / "results").read_text().splitlines()]
    found = {line["scenario"]: line for line in lines}
    assert list(found) == list(SCENARIOS), trial.stdout
    return found


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_lost_doubled_out_of_order_or_at_the_wrong_hour(
    scenario: str, counts: dict[str, dict[str, Any]]
) -> None:
    counted = counts[scenario]
    assert counted["wrong"] == []
    assert counted["answers_told"] == counted["answers_committed"] == counted["answers_there"] > 0
    assert counted["messages_there"] > 0
    assert counted["outside_the_hours"] == 0


def test_the_faults_were_felt(counts: dict[str, dict[str, Any]]) -> None:
    """Else nothing above says anything."""
    last = counts[SCENARIOS[-1]]
    assert last["unclear"] > 0
    assert last["sent_more_than_once"] > 0

"""The short trial: every fault of the long one, a few hundred answers, two minutes. The long one is `make faults`."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.browser.system import OUR_SETTINGS, ROOT

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
# Minutes on a machine of one's own; only what will never end is ended.
LONGEST_TRIAL = 30 * 60


@pytest.fixture(scope="module")
def counts(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> dict[str, dict[str, Any]]:
    """What was counted after each fault, on a system of its own that all of them meet in turn."""
    folder = tmp_path_factory.mktemp("faults")
    seed = os.environ.get("FAULTS_SEED") or str(random.randrange(10**6))
    with trial(
        "--answers", "224", "--rounds", "1", "--hits", "2", "--seed", seed, "--results", str(folder / "results"),
        "--only", *SCENARIOS,
    ) as process:  # fmt: skip
        said, _ = process.communicate(timeout=LONGEST_TRIAL)
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write(f"\n{said}")
    assert process.returncode in {0, 1}, said
    assert (folder / "results").exists(), said
    lines = [json.loads(line) for line in (folder / "results").read_text().splitlines()]
    found = {line["scenario"]: line for line in lines}
    assert list(found) == list(SCENARIOS), said
    return found


@contextmanager
def trial(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The trial as a process of its own, which takes its system along when it has to end early."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in OUR_SETTINGS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=120)


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
    """Else nothing above says anything. Whether people hear nothing clear is chance: it is counted, not asked for."""
    last = counts[SCENARIOS[-1]]
    assert last["sent_more_than_once"] > 0
    assert counts["errors"]["felt"].keys() >= {"status 500 before", "status 500 after", "status 429 before"}
    assert all(counts["errors"]["felt"].values())
    assert sum(counts["time_outs"]["felt"].values())
    assert counts["hanging_up"]["felt"]["drop after"]

"""The script that docs/kam.md shows is run as it stands there, by bash and curl, against a server."""

import json
import os
import re
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from questionnaires.events import events_of
from questionnaires.models import QuestionnaireVersion
from tests import factories
from tests.engine.small_forms import question
from tests.questionnaires.transfer.files import simple

ROOT = Path(__file__).resolve().parents[2]
SECRET = "kpro_" + "d" * 43

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not all(map(which, ("bash", "curl", "jq"))), reason="needs bash, curl and jq"),
]


def script() -> str:
    """The one block of the section that is code."""
    section = (ROOT / "docs" / "kam.md").read_text().split("### By a script")[1].split("\n## ")[0]
    [block] = re.findall(r"(?:^    .*\n|^\n(?=    ))+", section, re.MULTILINE)
    return re.sub(r"^    ", "", block, flags=re.MULTILINE)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A working copy with two questionnaires."""
    (tmp_path / "questionnaires").mkdir()
    put(tmp_path, 1, title="Om søvn")
    put(tmp_path, 2, title="Om smerter")
    return tmp_path


def put(repository: Path, number: int, **head: Any) -> None:
    path = repository / "questionnaires" / f"{number}.json"
    path.write_text(json.dumps({**simple(number), **head}))


def run(
    repository: Path, live_server: LiveServer, step: str, key: str = SECRET
) -> subprocess.CompletedProcess[str]:
    given = {"API": live_server.url, "KPRO_KEY": key, "STEP": step, "no_proxy": "*"}
    return subprocess.run(
        ["bash", "-c", script()],
        cwd=repository,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )


def states() -> list[tuple[str, int, str]]:
    found = QuestionnaireVersion.objects.order_by("title", "number")
    return list(found.values_list("title", "number", "status"))


def test_a_repository_is_published_and_published_again_where_it_changed(
    repository: Path, live_server: LiveServer
) -> None:
    key = factories.ProgramKeyFactory(secret=SECRET, name="Git")
    assert run(repository, live_server, "publish").returncode == 0
    assert states() == [("Om smerter", 1, "active"), ("Om søvn", 1, "active")]
    put(repository, 1, title="Om søvn")
    put(repository, 2, title="Om smerter i ryggen")
    assert run(repository, live_server, "publish").returncode == 0
    assert states() == [
        ("Om smerter", 1, "retired"),
        ("Om smerter i ryggen", 2, "active"),
        ("Om søvn", 1, "active"),
    ]
    assert {version.published_by for version in QuestionnaireVersion.objects.all()} == {key.member}


def test_people_look_through_what_it_sends_to_review(repository: Path, live_server: LiveServer) -> None:
    factories.ProgramKeyFactory(secret=SECRET, may_publish=False)
    assert run(repository, live_server, "review").returncode == 0
    assert {state for _title, _number, state in states()} == {"in-review"}
    kinds = [[event.kind for event in events_of(version)] for version in QuestionnaireVersion.objects.all()]
    assert kinds == [["sent-to-review", "sent-in"]] * 2


def test_it_stops_at_a_file_that_cannot_be_used_and_at_a_key_that_lets_nobody_in(
    repository: Path, live_server: LiveServer
) -> None:
    factories.ProgramKeyFactory(secret=SECRET)
    put(repository, 1, item=[question("a"), question("a")])
    assert run(repository, live_server, "publish").returncode != 0
    put(repository, 1)
    refused = run(repository, live_server, "publish", key="kpro_wrong")
    assert refused.returncode != 0
    assert "401" in refused.stderr
    assert states() == []

"""manage.py check_questionnaire: files in, one outcome each, and the exit code scripts go by."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.engine.small_forms import choice, form, question


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "sound.json", form(choice("pain", "no", "yes")))
    write(tmp_path / "careless.json", form(choice("pain", "no", "no")))
    write(tmp_path / "unusable.json", form(question("pain", "choice", answerValueSet="http://x/pain")))
    write(tmp_path / "patient.json", {"resourceType": "Patient"})
    (tmp_path / "broken.json").write_text('{"resourceType": ')
    return tmp_path


def write(path: Path, resource: Any) -> None:
    path.write_text(json.dumps(resource, ensure_ascii=False), "utf-8")


def check(*arguments: str | Path) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("check_questionnaire", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_people_read_what_is_wrong_and_where(folder: Path) -> None:
    code, out, err = check(folder / "sound.json", folder / "unusable.json")
    assert (code, err) == (1, "")
    assert f"{folder / 'sound.json'}: i orden" in out
    assert f"{folder / 'unusable.json'}: 1 fejl" in out
    assert "Svarmulighederne »http://x/pain« følger ikke med filen." in out
    assert "Questionnaire.item[0].answerValueSet (option.value-set)" in out


def test_a_warning_fails_nothing(folder: Path) -> None:
    code, out, _ = check(folder / "careless.json", "--language=en")
    assert code == 0
    assert "1 warning" in out


def test_scripts_read_one_operation_outcome_a_line(folder: Path) -> None:
    names = ["sound.json", "careless.json", "unusable.json", "patient.json", "broken.json", "missing.json"]
    code, out, _ = check(*[folder / name for name in names], "--format=json", "--language=en")
    outcomes = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [Path(one["file"]).name for one in outcomes] == names
    assert {one["resourceType"] for one in outcomes} == {"OperationOutcome"}
    first = [one["issue"][0] for one in outcomes]
    assert [one["severity"] for one in first] == [
        "information",
        "warning",
        "error",
        "error",
        "error",
        "error",
    ]
    assert [one["code"] for one in first[1:4]] == ["duplicate", "not-found", "structure"]


def test_value_sets_can_be_handed_in(folder: Path) -> None:
    concepts = {"system": "s", "concept": [{"code": "no", "display": "NO"}]}
    write(
        folder / "set.json",
        {"resourceType": "ValueSet", "url": "http://x/pain", "compose": {"include": [concepts]}},
    )
    assert check(folder / "unusable.json", f"--value-set={folder / 'set.json'}")[0] == 0
    code, _, err = check(folder / "unusable.json", f"--value-set={folder / 'patient.json'}")
    assert code == 1
    assert "file.no-value-set" in err


def test_no_database_is_needed(folder: Path) -> None:
    dead = {**os.environ, "DATABASE_URL": "postgres://nobody:none@127.0.0.1:9/none"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check_questionnaire", str(folder / "sound.json")],
        cwd=settings.BASE_DIR, env=dead, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "i orden" in done.stdout

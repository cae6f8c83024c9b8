"""manage.py check_response: files in, one outcome each, and the exit code scripts go by."""

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

from tests.engine.small_forms import answered, choice, coded, form, question, response


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A questionnaire, a good and a bad response to it, and what is no response at all."""
    write(tmp_path / "form.json", form(choice("pain", "no", "yes", required=True)))
    write(tmp_path / "good.json", response(answered("pain", coded("no"))))
    write(tmp_path / "bad.json", response(answered("pain", coded("maybe"))))
    write(tmp_path / "empty.json", response())
    (tmp_path / "broken.json").write_text('{"resourceType": ')
    return tmp_path


def write(path: Path, resource: Any) -> None:
    path.write_text(json.dumps(resource, ensure_ascii=False), "utf-8")


def check(*arguments: str | Path) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("check_response", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_people_read_a_line_for_each_finding(folder: Path) -> None:
    code, out, err = check(
        f"--questionnaire={folder / 'form.json'}", folder / "good.json", folder / "bad.json"
    )
    assert (code, err) == (1, "")
    assert f"{folder / 'good.json'}: i orden" in out
    assert f"{folder / 'bad.json'}: 1 fejl" in out
    assert "fejl: Spørgsmål pain: Vælg et af de svar, der står på listen." in out
    assert "QuestionnaireResponse.item[0].answer[0] (answer.not-option)" in out


def test_a_draft_may_be_incomplete(folder: Path) -> None:
    questionnaire = f"--questionnaire={folder / 'form.json'}"
    assert check(questionnaire, folder / "empty.json")[0] == 1
    assert check(questionnaire, folder / "empty.json", "--draft")[0] == 0


def test_scripts_read_one_operation_outcome_a_line(folder: Path) -> None:
    names = ["good.json", "bad.json", "broken.json", "missing.json"]
    code, out, _ = check(
        f"--questionnaire={folder / 'form.json'}",
        *[folder / name for name in names],
        "--format=json",
        "--language=en",
    )
    outcomes = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [Path(one["file"]).name for one in outcomes] == names
    assert {one["resourceType"] for one in outcomes} == {"OperationOutcome"}
    assert [one["issue"][0]["severity"] for one in outcomes] == ["information", "error", "error", "error"]
    assert [one["issue"][0]["code"] for one in outcomes[1:]] == ["code-invalid", "structure", "not-found"]
    assert outcomes[1]["issue"][0]["expression"] == ["QuestionnaireResponse.item[0].answer[0]"]
    assert "Choose one of the answers" in outcomes[1]["issue"][0]["details"]["text"]


def test_without_a_questionnaire_only_the_head_is_judged(folder: Path) -> None:
    code, out, _ = check(folder / "good.json")
    assert code == 0
    assert "1 advarsel" in out
    write(folder / "wrong.json", {**response(), "questionnaire": "http://example.org/ValueSet/x"})
    assert "response.not-questionnaire" in check(folder / "wrong.json")[1]
    write(folder / "patient.json", {"resourceType": "Patient"})
    assert "response.resource-type" in check(folder / "patient.json")[1]


@pytest.mark.parametrize("name", ["broken.json", "missing.json", "good.json"])
def test_an_unusable_questionnaire_is_an_error_of_every_response(folder: Path, name: str) -> None:
    code, out, err = check(f"--questionnaire={folder / name}", folder / "good.json")
    assert code == 1
    assert "response.questionnaire-unusable" in out
    assert name in err


def test_value_sets_can_be_handed_in(folder: Path) -> None:
    write(folder / "open.json", form(question("pain", "choice", answerValueSet="http://x/ValueSet/pain")))
    concepts = {"system": "s", "concept": [{"code": "no", "display": "NO"}]}
    write(
        folder / "set.json",
        {"resourceType": "ValueSet", "url": "http://x/ValueSet/pain", "compose": {"include": [concepts]}},
    )
    open_form = f"--questionnaire={folder / 'open.json'}"
    assert "answer.option-unknown" in check(open_form, folder / "bad.json")[1]
    handed_in = f"--value-set={folder / 'set.json'}"
    assert "answer.not-option" in check(open_form, handed_in, folder / "bad.json")[1]
    assert check(open_form, handed_in, folder / "good.json")[0] == 0
    assert (
        "missing.json" in check(open_form, f"--value-set={folder / 'missing.json'}", folder / "good.json")[2]
    )


def test_no_database_is_needed(folder: Path) -> None:
    dead = {**os.environ, "DATABASE_URL": "postgres://nobody:none@127.0.0.1:9/none"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check_response", f"--questionnaire={folder / 'form.json'}",
         str(folder / "good.json")],
        cwd=settings.BASE_DIR, env=dead, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "i orden" in done.stdout
